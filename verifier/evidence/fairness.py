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
    """A fair step or action, with its process, that is never taken in the loop of the run though it ought to be.

    What is weakly fair ought to be taken if it is possible all along the loop, what is strongly fair if anywhere; see
    `Action.fair_name` for what belongs together.
    """
    assert run.loop is not None
    around = run.steps[run.loop :]
    states = tuple(step.before for step in around) or run.states[-1:]
    together: dict[str, list[Action]] = {}
    for action in interpreter.system.actions:
        if action.fairness is not Fairness.NONE:
            together.setdefault(action.fair_name, []).append(action)
    for name, actions in together.items():
        first = actions[0]
        taken = {s.arguments[: first.fair_parameters] for s in around if s.action.fair_name == name}
        for process in _processes(first):
            possible = (any(_is_possible(interpreter, a, process, state) for a in actions) for state in states)
            demanded = all(possible) if first.fairness is Fairness.WEAK else any(possible)
            if demanded and process not in taken:
                return _name(name, first, process)
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


def _name(name: str, action: Action, process: Arguments) -> str:
    if not process:
        return name
    named = (render(p.type, value) for p, value in zip(action.parameters, process, strict=False))
    return f"{name}({', '.join(named)})"
