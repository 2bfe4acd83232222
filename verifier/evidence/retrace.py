"""A trace document, held against the system it speaks of."""

from __future__ import annotations

from verifier.engines.verdict import Behaviour
from verifier.evidence.confirm import confirm, shown_by_a_run
from verifier.evidence.replay import ContradictionError, replay
from verifier.evidence.trace import Plain, Trace, trace_of
from verifier.system.interpreter import Arguments, Interpreter
from verifier.system.system import Action
from verifier.system.types import BoolType, IntType, OptionalType, Type, Value


def retrace(interpreter: Interpreter, trace: Trace) -> Trace:
    """The trace as the interpreter finds it now, from nothing but its initial state, actions and property.

    Raises ContradictionError if it is no behaviour of the system, does not decide the property, or if what it says
    happened on the way is not what happens.
    """
    try:
        claim = interpreter.system.property_named(trace.property)
    except KeyError:
        raise ContradictionError(f"there is no property {trace.property}") from None
    run = replay(interpreter, behaviour_of(interpreter, trace))
    failing = confirm(interpreter, claim, run)
    found = trace_of(trace.subject, interpreter, claim, shown_by_a_run(claim).value, run, failing)
    for told, happened in zip(trace.steps, found.steps, strict=True):
        if set(told.changes) != set(happened.changes):
            raise ContradictionError(f"step {happened.index}, {happened.action}, changes other cells than it says")
    if trace.outcome != found.outcome:
        raise ContradictionError(f"of {trace.property} it shows '{found.outcome}', not '{trace.outcome}'")
    return found


def behaviour_of(interpreter: Interpreter, trace: Trace) -> Behaviour:
    """What the trace says happened, in the system's values. Raises ContradictionError if it names what is not there."""
    told = dict(trace.initial)
    cells = interpreter.layout.cells
    if told.keys() != {cell.name for cell in cells}:
        raise ContradictionError("its initial state has other cells than the system")
    initial = tuple(_value(cell.type, told[cell.name], cell.name) for cell in cells)
    steps = tuple((step.action, _arguments(interpreter, step.action, dict(step.arguments))) for step in trace.steps)
    return Behaviour(initial, steps, trace.loop)


def _arguments(interpreter: Interpreter, name: str, told: dict[str, Plain]) -> Arguments:
    action: Action
    try:
        action = interpreter.system.action(name)
    except KeyError:
        raise ContradictionError(f"there is no action {name}") from None
    if told.keys() != {parameter.name for parameter in action.parameters}:
        raise ContradictionError(f"action {name} has other parameters than it says")
    return tuple(_value(p.type, told[p.name], f"{name}, {p.name}") for p in action.parameters)


def _value(kind: Type, told: Plain, where: str) -> Value:
    """The inverse of `verifier.evidence.trace.plain`."""
    match kind, told:
        case OptionalType(), None:
            return None
        case OptionalType(base), _:
            return _value(base, told, where)
        case BoolType(), bool():
            return told
        case IntType(low, high), int() if not isinstance(told, bool) and low <= told <= high:
            return told
        case _, str() if not isinstance(kind, BoolType | IntType) and told in kind.sort.members:
            return kind.sort.members.index(told)
        case _:
            raise ContradictionError(f"{where} cannot be {told!r}")
