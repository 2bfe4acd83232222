"""Copies of a step from an initial state on: the behaviours of one length, as formulas in a solver."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import z3

from verifier.engines.bounded.logic import Literal, conjunction, disjunction
from verifier.engines.bounded.step import Step
from verifier.engines.bounded.translation import OutOfTimeError, hurry
from verifier.engines.verdict import Behaviour


class UnknownError(Exception):
    """The solver gave no answer."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to look for at the end of a path: a literal over a state, or over a step."""

    literal: Literal
    of_state: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A behaviour, and for each goal whether it holds at its end."""

    behaviour: Behaviour
    goals: tuple[bool, ...]


class Path:
    """The behaviours of `length` steps, none of which breaks before the last.

    A literal of the step's vocabulary is moved to where it is asked about: to the last state, or to the last step.
    Methods that ask the solver raise OutOfTimeError after `deadline`, and UnknownError if it does not know.
    """

    def __init__(self, step: Step, context: z3.Context, deadline: float | None) -> None:
        self.length = 0
        self._step = step
        self._context = context
        self._deadline = deadline
        self._solver = z3.SolverFor("QF_FD", ctx=context)
        self._solver.set("random_seed", 0)
        self._before = [constant for cell in step.before for constant in cell.constants]
        self._after = [constant for cell in step.after for constant in cell.constants]
        self._happenings = [happening.literal for happening in step.happenings]
        self._questions = 0
        self._states = [self._copies(self._before)]
        self._steps: list[list[Literal]] = []
        self._add(self._in_last_state(step.initial()))

    def extend(self) -> None:
        """Add a step; the one that was the last so far does not break."""
        if self._steps:
            self._add(self._in_last_step(self._step.whole))
        self.length += 1
        self._states.append(self._copies(self._after))
        self._steps.append(self._copies(self._happenings))
        self._add(self._in_last_step(self._step.constraint))

    def find(self, goals: Sequence[Goal]) -> Found | None:
        """A behaviour of this length on which a goal holds, or None if there is none."""
        placed = [self._place(goal) for goal in goals]
        self._questions += 1
        question = z3.Bool(f"question {self._questions}", self._context)
        self._add(z3.Implies(question, disjunction(placed)))
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise OutOfTimeError
            self._solver.set("timeout", max(1, int(1000 * left)))
        answer = self._solver.check(question)
        if answer == z3.unsat:
            return None
        if answer == z3.unknown:
            raise UnknownError(self._solver.reason_unknown())
        model = self._solver.model()
        return Found(self._behaviour(model), tuple(_is_true(model, literal) for literal in placed))

    def _place(self, goal: Goal) -> Literal:
        if goal.of_state:
            last = self._in_last_step(self._step.whole) if self._steps else True
            return conjunction((last, self._in_last_state(goal.literal)))
        return self._in_last_step(goal.literal) if self._steps else False

    def _behaviour(self, model: z3.ModelRef) -> Behaviour:
        constants = {constant.get_id(): copy for constant, copy in zip(self._before, self._states[0], strict=True)}
        initial = tuple(
            cell.read(lambda constant: _is_true(model, constants[constant.get_id()])) for cell in self._step.before
        )
        steps = []
        for literals in self._steps:
            (happening,) = (
                happening
                for happening, literal in zip(self._step.happenings, literals, strict=True)
                if _is_true(model, literal)
            )
            steps.append((happening.action.name, happening.arguments))
        return Behaviour(initial, tuple(steps))

    def _copies(self, constants: list[Literal]) -> list[Literal]:
        copies: list[Literal] = []
        for constant in constants:
            hurry(self._deadline)
            copies.append(z3.Bool(f"{self.length}: {constant.decl().name()}", self._context))
        return copies

    def _add(self, literal: Literal) -> None:
        self._solver.add(z3.BoolVal(literal, self._context) if isinstance(literal, bool) else literal)

    def _in_last_state(self, literal: Literal) -> Literal:
        if isinstance(literal, bool):
            return literal
        return z3.substitute(literal, *zip(self._before, self._states[-1], strict=True))

    def _in_last_step(self, literal: Literal) -> Literal:
        if isinstance(literal, bool):
            return literal
        return z3.substitute(
            literal,
            *zip(self._before, self._states[-2], strict=True),
            *zip(self._after, self._states[-1], strict=True),
            *zip(self._happenings, self._steps[-1], strict=True),
        )


def _is_true(model: z3.ModelRef, literal: Literal) -> bool:
    return literal if isinstance(literal, bool) else z3.is_true(model.eval(literal, model_completion=True))
