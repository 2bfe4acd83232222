"""Does a run perform a scenario?"""

from __future__ import annotations

from verifier.evidence.replay import Performed, Run
from verifier.system.interpreter import Interpreter
from verifier.system.layout import State
from verifier.system.system import Check, Gap, Perform, Scenario


def performs(interpreter: Interpreter, scenario: Scenario, run: Run) -> bool:
    """Whether the whole run, from first state to last, is one way to perform the scenario.

    A set of positions in the scenario is carried along: several are possible at once where there are gaps.
    """
    positions = _advanced(interpreter, scenario, {0}, run.initial)
    for step in run.steps:
        if step.after is None:
            return False
        positions = _advanced(interpreter, scenario, _after(scenario, positions, step), step.after)
    return len(scenario.happenings) in positions


def _advanced(interpreter: Interpreter, scenario: Scenario, positions: set[int], state: State) -> set[int]:
    """The positions, and those reached from them in `state` without a step: over checks that hold, and past gaps."""
    reached: set[int] = set()
    waiting = list(positions)
    while waiting:
        position = waiting.pop()
        if position in reached:
            continue
        reached.add(position)
        if position < len(scenario.happenings):
            match scenario.happenings[position]:
                case Gap():
                    waiting.append(position + 1)
                case Check(formula, _) if interpreter.holds(formula, state):
                    waiting.append(position + 1)
                case _:
                    pass
    return reached


def _after(scenario: Scenario, positions: set[int], step: Performed) -> set[int]:
    """Where the scenario may stand once the step has been taken."""
    following: set[int] = set()
    for position in positions:
        if position == len(scenario.happenings):
            continue
        match scenario.happenings[position]:
            case Gap():
                following.add(position)
            case Perform(name, arguments, _) if name == step.action.name and all(
                wanted is None or wanted == given for wanted, given in zip(arguments, step.arguments, strict=True)
            ):
                following.add(position + 1)
            case _:
                pass
    return following
