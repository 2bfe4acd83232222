"""Which part of a formula is false, for which values of its variables, and what that part looked at.

A designer should not have to evaluate a property by hand: "all p: owner(p) == vm2 implies ..." fails for some page,
and in one conjunct. Everything here is found by the reference interpreter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from verifier.language.show_expression import show_expression
from verifier.system.expressions import And, Exists, Expression, ForAll, Implies, Not, Or, Read
from verifier.system.interpreter import Environment, Interpreter
from verifier.system.layout import State, point_name
from verifier.system.types import Value, render, values_of

Bindings = tuple[tuple[str, str], ...]

PARTS = 10
"""How many parts are named at most: a property of 225 pages can fail for all of them."""
CELLS = 8
"""How many cells are shown for one part at most."""


@dataclass(frozen=True, slots=True)
class FailingPart:
    """A part of a property that does not hold, the quantified variables that make it so, and the cells it read."""

    text: str
    bindings: Bindings = ()
    cells: Bindings = ()


@dataclass(frozen=True)
class _Recorder(Interpreter):
    """The reference interpreter, remembering which cells it read on the way to a result."""

    following: State | None = None
    seen: dict[str, str] = field(default_factory=dict)

    def evaluate(
        self, expression: Expression, state: State, environment: Environment, following: State | None = None
    ) -> Value:
        value = super().evaluate(expression, state, environment, following)
        if isinstance(expression, Read) and expression.function in self.layout.start:
            function = self.system.function(expression.function)
            point = [super(_Recorder, self).evaluate(a, state, environment, following) for a in expression.arguments]
            name = point_name(function, point)
            # Identity, not equality: a step may well leave the state as it was.
            self.seen[f"next({name})" if state is self.following else name] = render(function.result, value)
        return value


def failing_parts(
    interpreter: Interpreter,
    formula: Expression,
    state: State,
    environment: Environment | None = None,
    following: State | None = None,
) -> tuple[FailingPart, ...]:
    """The parts that make `formula` false in `state` (and `following`, for a property of steps), the first few."""
    explanation = _Explanation(interpreter, state, following)
    return tuple(islice(explanation.parts(formula, environment or {}, (), wanted=True), PARTS))


@dataclass(frozen=True)
class _Explanation:
    """Why a formula has not the wanted truth value, in one state or over one step."""

    interpreter: Interpreter
    state: State
    following: State | None

    def parts(
        self, formula: Expression, environment: Environment, bound: Bindings, *, wanted: bool
    ) -> Iterator[FailingPart]:
        """Descends through what joins parts and stops at the parts themselves.

        Of a conjunction only the first false operand is taken: those to its right may only make sense where it holds.
        """
        match formula:
            case Not(operand, _) if _joins(operand, wanted=not wanted):
                yield from self.parts(operand, environment, bound, wanted=not wanted)
            case Implies(_, right, _) if wanted and _joins(right, wanted=True):
                yield from self.parts(right, environment, bound, wanted=True)
            case And(operands, _) | Or(operands, _) if _joins(formula, wanted=wanted):
                culprit = next(o for o in operands if self._value(o, environment) is not wanted)
                yield from self.parts(culprit, environment, bound, wanted=wanted)
            case ForAll(variable, body, _) | Exists(variable, body, _) if _joins(formula, wanted=wanted):
                for choice in values_of(variable.type):
                    extended = {**environment, variable.name: choice}
                    if self._value(body, extended) is not wanted:
                        named = (*bound, (variable.name, render(variable.type, choice)))
                        yield from self.parts(body, extended, named, wanted=wanted)
            case _:
                text = show_expression(formula if wanted else Not(formula))
                yield FailingPart(text, bound, self._cells_read(formula, environment))

    def _value(self, formula: Expression, environment: Environment) -> bool:
        return bool(self.interpreter.evaluate(formula, self.state, environment, self.following))

    def _cells_read(self, formula: Expression, environment: Environment) -> Bindings:
        recorder = _Recorder(self.interpreter.system, self.following)
        recorder.evaluate(formula, self.state, environment, self.following)
        return tuple(islice(recorder.seen.items(), CELLS))


def _joins(formula: Expression, *, wanted: bool) -> bool:
    """Whether the formula, to be `wanted`, needs each of several parts to be."""
    match formula:
        case And() | ForAll():
            return wanted
        case Or() | Exists():
            return not wanted
        case Not(operand, _):
            return _joins(operand, wanted=not wanted)
        case _:
            return False
