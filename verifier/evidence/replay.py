"""Behaviours, performed again by the reference interpreter before anyone sees them.

An engine says "from this initial state, these actions". Whether they can happen, and what comes of them, is decided
here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.engines.verdict import Behaviour
from verifier.system.interpreter import Arguments, Failure, Interpreter
from verifier.system.layout import State, points_of
from verifier.system.system import Action, Anything, Formula, Function, Table
from verifier.system.types import Value, contains


class ContradictionError(Exception):
    """A behaviour is not one of the system, or does not show what it is said to show."""


@dataclass(frozen=True, slots=True)
class Performed:
    """One step of a run. `after` is None where an update failed, which only a last step may do."""

    action: Action
    arguments: Arguments
    before: State
    after: State | None
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A behaviour that the system does have.

    With a `loop`, the steps from state `loop` on repeat for ever; if there are none, nothing happens any more.
    """

    initial: State
    steps: tuple[Performed, ...]
    loop: int | None

    @property
    def states(self) -> tuple[State, ...]:
        """The states passed through, the initial one first."""
        return (self.initial, *(step.after for step in self.steps if step.after is not None))

    @property
    def last(self) -> State | None:
        """The state at the end, or None if the last step has no next state."""
        return self.steps[-1].after if self.steps else self.initial


def replay(interpreter: Interpreter, behaviour: Behaviour) -> Run:
    """Perform the behaviour. Raises ContradictionError where the system cannot follow it."""
    _require_initial(interpreter, behaviour.initial)
    steps: list[Performed] = []
    state: State | None = behaviour.initial
    for number, (name, arguments) in enumerate(behaviour.steps, 1):
        if state is None:
            raise ContradictionError(f"step {number}, {name}, follows a step that has no next state")
        action = _action(interpreter, number, name, arguments)
        if not interpreter.is_enabled(action, arguments, state):
            raise ContradictionError(f"step {number}, {name}, is not possible where it is taken")
        outcome = interpreter.perform(action, arguments, state)
        steps.append(Performed(action, arguments, state, outcome.state, outcome.failures))
        state = outcome.state
    run = Run(behaviour.initial, tuple(steps), behaviour.loop)
    _require_loop_closes(run)
    return run


def _action(interpreter: Interpreter, number: int, name: str, arguments: tuple[Value, ...]) -> Action:
    try:
        action = interpreter.system.action(name)
    except KeyError:
        raise ContradictionError(f"step {number}: there is no action {name}") from None
    kinds = tuple(parameter.type for parameter in action.parameters)
    if len(kinds) != len(arguments) or not all(map(contains, kinds, arguments)):
        raise ContradictionError(f"step {number}, {name}, has arguments that do not fit its parameters")
    return action


def _require_initial(interpreter: Interpreter, state: State) -> None:
    cells = interpreter.layout.cells
    if len(state) != len(cells):
        raise ContradictionError(f"its first state has {len(state)} cells, not {len(cells)}")
    for function in interpreter.system.state_functions:
        start = interpreter.layout.start[function.name]
        values = state[start : start + len(points_of(function.parameters))]
        if not _may_be_initially(interpreter, function, values):
            raise ContradictionError(f"its first state is not an initial state: {function.name} differs")


def _may_be_initially(interpreter: Interpreter, function: Function, values: tuple[Value, ...]) -> bool:
    match function.initial:
        case Table(expected):
            return values == expected
        case Formula(parameters, body):
            names = [parameter.name for parameter in parameters]
            environments = (dict(zip(names, point, strict=True)) for point in points_of(function.parameters))
            return values == tuple(interpreter.evaluate(body, (), environment) for environment in environments)
        case Anything():
            return all(contains(function.result, value) for value in values)


def _require_loop_closes(run: Run) -> None:
    if run.loop is None:
        return
    if not 0 <= run.loop <= len(run.steps):
        raise ContradictionError(f"it is said to return to state {run.loop}, but it has {len(run.states)} states")
    if run.last != run.states[run.loop]:
        raise ContradictionError(f"its last step does not lead back to state {run.loop}")
