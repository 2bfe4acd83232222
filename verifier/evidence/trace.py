"""The trace document: one behaviour that shows why a verdict is what it is, in names and never in indices.

Reports of every form are made from it, and `flip replay` runs it again. It is made only from a run of the reference
interpreter, so whatever it says did happen there.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.evidence.failing import FailingPart
from verifier.evidence.replay import Performed, Run
from verifier.system.interpreter import Interpreter
from verifier.system.layout import State
from verifier.system.span import Span
from verifier.system.system import Property
from verifier.system.types import BoolType, IntType, OptionalType, Type, Value, render

VERSION = 1

Plain = bool | int | str | None
"""A value as JSON has it: booleans and integers are themselves, `none` is null, members of sorts are their names."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What was checked: enough to elaborate the same system again. `variant` is None for the protocol itself."""

    spec: str
    file: str
    hash: str
    variant: str | None
    instance: str
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a source file something is written."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def place_of(span: Span) -> Place:
    """Where the span begins."""
    return Place(span.file, span.line, span.column)


@dataclass(frozen=True, slots=True)
class Change:
    cell: str
    old: Plain
    new: Plain


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One action: who did what, and which cells changed. Steps are counted from 1; state 0 is the initial one."""

    index: int
    action: str
    arguments: tuple[tuple[str, Plain], ...]
    actor: str
    kind: str
    step: str | None
    place: Place
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """A run and the property it decides.

    `outcome` is "violated", or "holds" for a witness. With a `loop`, the run returns to that state after the last
    step, for ever.
    """

    subject: Subject
    property: str
    kind: str
    outcome: str
    text: str
    place: Place
    failing: tuple[FailingPart, ...]
    loop: int | None
    initial: tuple[tuple[str, Plain], ...]
    steps: tuple[TraceStep, ...]


def trace_of(
    subject: Subject,
    interpreter: Interpreter,
    claim: Property,
    outcome: str,
    run: Run,
    failing: tuple[FailingPart, ...],
) -> Trace:
    """The document for a run that was confirmed to decide the property."""
    return Trace(
        subject,
        claim.name,
        claim.kind.value,
        outcome,
        claim.text,
        place_of(claim.span),
        failing,
        run.loop,
        tuple(
            (cell.name, plain(cell.type, value))
            for cell, value in zip(interpreter.layout.cells, run.initial, strict=True)
        ),
        tuple(_step(interpreter, index, performed) for index, performed in enumerate(run.steps, 1)),
    )


def _step(interpreter: Interpreter, index: int, performed: Performed) -> TraceStep:
    action = performed.action
    return TraceStep(
        index,
        action.name,
        tuple((p.name, plain(p.type, v)) for p, v in zip(action.parameters, performed.arguments, strict=True)),
        action.actor,
        action.kind.value,
        action.step,
        place_of(action.span),
        changes(interpreter, performed.before, performed.after),
    )


def changes(interpreter: Interpreter, before: State, after: State | None) -> tuple[Change, ...]:
    """The cells that differ; none if there is no state after."""
    if after is None:
        return ()
    return tuple(
        Change(cell.name, plain(cell.type, old), plain(cell.type, new))
        for cell, old, new in zip(interpreter.layout.cells, before, after, strict=True)
        if old != new
    )


def plain(kind: Type, value: Value) -> Plain:
    """The value as the document has it."""
    if value is None:
        return None
    match kind:
        case OptionalType(base):
            return plain(base, value)
        case BoolType() | IntType():
            return value
        case _:
            return render(kind, value)


def shown(value: Plain) -> str:
    """The value as it is written in a specification."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
