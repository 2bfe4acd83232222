"""What a file declares: sorts, state, actions, the machine, processes, claims and instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from verifier.language.tree.expressions import Expr, LiteralExpr, Name, Parameter, TypeExpr
from verifier.language.tree.statements import Statement
from verifier.system.span import Span


@dataclass(frozen=True, slots=True)
class Use:
    names: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SortDecl:
    """`sort Page`, `sort Page size 4`, `sort Vm { vm1, vm2 }`, or `enum Phase { a, b }` (`enumeration`)."""

    name: Name
    size: Expr | None
    members: tuple[Name, ...] | None
    enumeration: bool
    span: Span


@dataclass(frozen=True, slots=True)
class FunctionDecl:
    """`state f(T): U = e` or `const f(T): U = e`; `initial` is None where nothing is written, "any" for `= any`."""

    word: Literal["state", "const"]
    name: Name
    parameters: tuple[Parameter, ...]
    type: TypeExpr
    initial: Expr | Literal["any"] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Define:
    name: Name
    parameters: tuple[Parameter, ...]
    type: TypeExpr | None
    body: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class ActionDecl:
    """`operation`, `hardware`, `environment`, `fault` or `action`; `limit` is the N of `at most N`.

    `fairness` is the word before it: "fair", "strongly fair", "unfair", or None for the kind's own.
    """

    word: Literal["operation", "hardware", "environment", "fault", "action"]
    fairness: Literal["fair", "strongly fair", "unfair"] | None
    name: Name
    parameters: tuple[Parameter, ...]
    limit: Expr | None
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Range:
    """`low .. high` of numbers in a region; one number is a range of itself."""

    low: LiteralExpr
    high: LiteralExpr
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """`driver vm1` in an item of the machine: a function's name and what it is for the item."""

    function: Name
    values: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Region:
    name: Name
    gpa: tuple[Range, ...]
    hpa: tuple[Range, ...]
    settings: tuple[Setting, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """`vm vm1, vm2` or `device nic { driver vm1 }`: members of the sort that `noun` names, and their settings."""

    noun: Name
    names: tuple[Name, ...]
    settings: tuple[Setting, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Machine:
    items: tuple[Region | Item, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Message:
    """`message moved may be lost at most 1`."""

    name: Name
    may: Literal["lost", "repeated"]
    limit: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    label: Name
    fairness: Literal["fair", "strongly fair", "unfair"] | None
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Crash:
    """`crash at most 1 { ... goto recover }` in a process."""

    limit: Expr | None
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Process:
    name: Name
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    crash: Crash | None
    span: Span


@dataclass(frozen=True, slots=True)
class Protocol:
    messages: tuple[Message, ...]
    processes: tuple[Process, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class PropertyDecl:
    """`trigger` is set in `eventually name: trigger leads to formula`."""

    word: Literal["always", "never", "lemma", "step", "reachable", "eventually"]
    name: Name
    formula: Expr
    trigger: Expr | None
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Final:
    formula: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`Device >= 2` in `for any`: a sort or a region; `least` is None where no number is written."""

    name: Name
    least: LiteralExpr | None
    span: Span


@dataclass(frozen=True, slots=True)
class ForAny:
    """`for any window, Device >= 2`: the sizes that the claims are about."""

    sizes: tuple[AtLeast, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Perform:
    """`hv1.flip.each(p)`, with `_` for an argument that may be anything (None here)."""

    path: tuple[Name, ...]
    arguments: tuple[Expr | None, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Gap:
    span: Span


@dataclass(frozen=True, slots=True)
class Check:
    condition: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class ScenarioDecl:
    name: Name
    possible: bool
    lines: tuple[Perform | Gap | Check, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Choice:
    """`window = 4` in an instance or on the command line: a size or a constant's value."""

    name: Name
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Instance:
    name: Name
    choices: tuple[Choice, ...]
    states: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class SetConstant:
    """`set driver_lies = true`: another value for a constant, in a specification or in one of its variants."""

    choice: Choice
    span: Span
