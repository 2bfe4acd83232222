"""Is a behaviour what the bounded engine takes it for? The reference interpreter decides."""

from __future__ import annotations

from itertools import product

from verifier.engines.verdict import Behaviour
from verifier.system.interpreter import AssertionFailed, Failure, Interpreter, OutOfRange, WrittenTwice
from verifier.system.layout import State, points_of
from verifier.system.system import Anything, Formula, Property, PropertyKind, Table
from verifier.system.types import contains, values_of


def objection(interpreter: Interpreter, claim: Property, behaviour: Behaviour) -> str | None:
    """Why the behaviour does not violate the property (or, for `reachable`, witness it), or None if it does.

    A violation must show at the very end of the behaviour.
    """
    if not _is_initial(interpreter, behaviour.initial):
        return "its first state is not an initial state"
    previous: State | None = None
    state: State | None = behaviour.initial
    failures: tuple[Failure, ...] = ()
    for number, (name, arguments) in enumerate(behaviour.steps, 1):
        if state is None:
            return f"step {number} follows a step that has no next state"
        action = interpreter.system.action(name)
        if arguments not in product(*(values_of(parameter.type) for parameter in action.parameters)):
            return f"step {number}, {name}, has arguments that are not of its parameters' types"
        if not interpreter.is_enabled(action, arguments, state):
            return f"step {number}, {name}, is not enabled"
        outcome = interpreter.perform(action, arguments, state)
        previous, state, failures = state, outcome.state, outcome.failures
    return None if _shows(interpreter, claim, previous, state, failures) else "its end does not decide the property"


def _is_initial(interpreter: Interpreter, state: State) -> bool:
    layout = interpreter.layout
    if len(state) != len(layout.cells):
        return False
    for function in interpreter.system.state_functions:
        start = layout.start[function.name]
        points = points_of(function.parameters)
        cells = state[start : start + len(points)]
        match function.initial:
            case Table(values):
                allowed = cells == values
            case Formula(parameters, body):
                names = [parameter.name for parameter in parameters]
                bound = (dict(zip(names, point, strict=True)) for point in points)
                allowed = cells == tuple(interpreter.evaluate(body, (), environment) for environment in bound)
            case Anything():
                allowed = all(contains(function.result, value) for value in cells)
        if not allowed:
            return False
    return True


def _shows(
    interpreter: Interpreter,
    claim: Property,
    previous: State | None,
    state: State | None,
    failures: tuple[Failure, ...],
) -> bool:
    """Whether a behaviour that ends with a step from `previous` to `state` shows what was to be shown."""
    match claim.kind:
        case PropertyKind.ALWAYS:
            return state is not None and not interpreter.holds(claim.formula, state)
        case PropertyKind.REACHABLE:
            return state is not None and interpreter.holds(claim.formula, state)
        case PropertyKind.STEP:
            if previous is None or state is None:
                return False
            return not interpreter.evaluate(claim.formula, previous, {}, state)
        case PropertyKind.ASSERTION:
            return any(isinstance(f, AssertionFailed) and f.property == claim.name for f in failures)
        case PropertyKind.RANGE:
            return any(isinstance(failure, OutOfRange) for failure in failures)
        case PropertyKind.CONFLICT:
            return any(isinstance(failure, WrittenTwice) for failure in failures)
        case _:
            return False
