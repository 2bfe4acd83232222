"""Which fair action a lasso puts off for ever."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from verifier.evidence.replay import Run
from verifier.system.interpreter import Arguments, Interpreter
from verifier.system.layout import State
from verifier.system.system import Action, Fairness
from verifier.system.types import render, values_of


def neglected(interpreter: Interpreter, run: Run) -> str | None:
    """A fair action, with its process, that is never taken in the loop of the run though it ought to be.

    Weakly fair actions ought to be taken if they are possible all along the loop, strongly fair ones if anywhere.
    """
    assert run.loop is not None
    around = run.steps[run.loop :]
    states = tuple(step.before for step in around) or run.states[-1:]
    for action in interpreter.system.actions:
        if action.fairness is Fairness.NONE:
            continue
        taken = {step.arguments[: action.fair_parameters] for step in around if step.action.name == action.name}
        for process in _processes(action):
            possible = (_is_possible(interpreter, action, process, state) for state in states)
            demanded = all(possible) if action.fairness is Fairness.WEAK else any(possible)
            if demanded and process not in taken:
                return _name(action, process)
    return None


def _processes(action: Action) -> Iterator[Arguments]:
    return product(*(values_of(parameter.type) for parameter in action.parameters[: action.fair_parameters]))


def _is_possible(interpreter: Interpreter, action: Action, process: Arguments, state: State) -> bool:
    """Whether the action can lead to a next state, for some arguments that begin with `process`."""
    rest = product(*(values_of(parameter.type) for parameter in action.parameters[len(process) :]))
    return any(
        interpreter.is_enabled(action, process + others, state)
        and interpreter.perform(action, process + others, state).state is not None
        for others in rest
    )


def _name(action: Action, process: Arguments) -> str:
    if not process:
        return action.name
    named = (render(p.type, value) for p, value in zip(action.parameters, process, strict=False))
    return f"{action.name}({', '.join(named)})"
