"""One instance of a system as a Boolean circuit: the cells before a step, the action instance, the cells after it.

A cell of two values is one variable, any other has a variable for each value. Each action instance has a variable;
exactly one is true. The cells after are gates, so that a state and an action instance determine them: what breaks a
step (a guard that is false, a range that is left, a cell written twice) is told by `moves`, not excluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from verifier.engines.proof.inference.gates import FALSE, TRUE, Choice, Gates, Literal
from verifier.engines.proof.inference.translation import Environment, Frame, Translator
from verifier.system.expressions import Expression, Variable
from verifier.system.interpreter import Arguments, Interpreter, environment_of
from verifier.system.layout import State, points_of
from verifier.system.system import Action, Anything, Property, PropertyKind, System
from verifier.system.types import Type, Value, contains, position_of, values_of

CLAIMS = frozenset(
    {
        PropertyKind.ALWAYS,
        PropertyKind.STEP,
        PropertyKind.ASSERTION,
        PropertyKind.RANGE,
        PropertyKind.CONFLICT,
    }
)
"""The kinds of claims that an invariant proves and a finite behaviour refutes."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An action instance whose guard is not plainly false, and the variable that says it happens."""

    action: Action
    arguments: Arguments
    literal: Literal
    guard: Literal


@dataclass(frozen=True, slots=True)
class Write:
    """Where the literal holds, the cell becomes `value`."""

    literal: Literal
    value: Choice


class Circuit:
    """The circuit of a system. `look` is called again and again while it is made, and may raise to end that.

    `before[place][i]` is the literal of "this cell has value i of its type", in the order of `values_of`; `after` is
    the same for the state after the step. `initial[place]` has bit i where value i is possible at first; `starts` are
    literals that together say the same.
    """

    def __init__(self, system: System, look: Callable[[], None]) -> None:
        self.system = system
        self.gates = Gates()
        self._translator = Translator(system, self.gates, look)
        self.layout = self._translator.layout
        self.values = tuple(values_of(cell.type) for cell in self.layout.cells)
        self.before = tuple(self._cell(cell.type) for cell in self.layout.cells)
        self.states = self.gates.top
        """The variables up to this one are those of the cells before (and of their "at most one")."""
        self._frame: Frame = tuple(
            dict(zip(values, literals, strict=True)) for values, literals in zip(self.values, self.before, strict=True)
        )
        self.initial = self._initial()
        self.starts = tuple(
            -literal
            for literals, mask in zip(self.before, self.initial, strict=True)
            for index, literal in enumerate(literals)
            if not mask >> index & 1
        )
        self.happenings = tuple(self._instances())
        self._exactly_one_happens()
        self._out_of_range: list[Literal] = []
        self._conflicts: list[Literal] = []
        self._following: Frame = self._outcomes()
        self.after = tuple(
            tuple(choice.get(value, FALSE) for value in values)
            for values, choice in zip(self.values, self._following, strict=True)
        )
        self._enabled = self.gates.conjunction(
            self.gates.disjunction((-happening.literal, happening.guard)) for happening in self.happenings
        )
        self._broken = self.gates.disjunction((*self._out_of_range, *self._conflicts))
        self.moves = self.gates.conjunction((self._enabled, -self._broken)) if self.happenings else FALSE
        """The action instance is possible and leads to the state after."""

    def _cell(self, kind: Type) -> tuple[Literal, ...]:
        count = len(values_of(kind))
        if count == 1:
            return (TRUE,)
        if count == 2:
            variable = self.gates.variable()
            return (-variable, variable)
        literals = tuple(self.gates.variable() for _ in range(count))
        self.gates.clauses.append(list(literals))
        self.gates.at_most_one(literals)
        return literals

    def _initial(self) -> tuple[int, ...]:
        interpreter = Interpreter(self.system)
        masks: list[int] = []
        for function in self.system.state_functions:
            if isinstance(function.initial, Anything):
                everything = (1 << len(values_of(function.result))) - 1
                masks += [everything] * len(points_of(function.parameters))
            else:
                masks += [1 << position_of(function.result, value) for value in interpreter.table(function)]
        return tuple(masks)

    def _instances(self) -> Iterator[Happening]:
        for action in self.system.actions:
            for arguments in product(*(values_of(parameter.type) for parameter in action.parameters)):
                guard = self._truth(action.guard, environment_of(action, arguments))
                if guard != FALSE:
                    yield Happening(action, arguments, self.gates.variable(), guard)

    def _exactly_one_happens(self) -> None:
        literals = [happening.literal for happening in self.happenings]
        if literals:
            self.gates.clauses.append(list(literals))
            self.gates.at_most_one(literals)

    def _outcomes(self) -> Frame:
        """What the cells may be after the step; notes what breaks a step on the way."""
        outcomes: list[list[Write]] = [[] for _ in self.before]
        for happening in self.happenings:
            written: dict[int, Literal] = {}
            for place, write in self._writes(happening):
                earlier = written.get(place, FALSE)
                self._conflicts.append(self.gates.conjunction((write.literal, earlier)))
                kind = self.layout.cells[place].type
                outside = self.gates.disjunction(
                    literal for value, literal in write.value.items() if not contains(kind, value)
                )
                self._out_of_range.append(self.gates.conjunction((write.literal, outside)))
                outcomes[place].append(write)
                written[place] = self.gates.disjunction((earlier, write.literal))
        return tuple(self._outcome(choice, writes) for choice, writes in zip(self._frame, outcomes, strict=True))

    def _outcome(self, before: Choice, writes: Sequence[Write]) -> Choice:
        if not writes:
            return before
        kept = -self.gates.disjunction(write.literal for write in writes)
        cases = [(value, self.gates.conjunction((kept, literal))) for value, literal in before.items()]
        for write in writes:
            cases += [
                (value, self.gates.conjunction((write.literal, literal))) for value, literal in write.value.items()
            ]
        return self.gates.choice(cases)

    def _writes(self, happening: Happening) -> Iterator[tuple[int, Write]]:
        """The writes of an action instance, in order, with the places they go to."""
        for update in happening.action.updates:
            for environment in bindings(update.binders, environment_of(happening.action, happening.arguments)):
                condition = self._truth(update.condition, environment)
                if condition == FALSE:
                    continue
                value = self._translator.value(update.value, environment, self._frame)
                arguments = [self._translator.value(a, environment, self._frame) for a in update.arguments]
                for point, here in self.gates.points(arguments):
                    if self._translator.is_point(update.function, point):
                        literal = self.gates.conjunction((happening.literal, condition, here))
                        if literal != FALSE:
                            yield self.layout.place(update.function, point), Write(literal, value)

    def _truth(self, formula: Expression, environment: Environment) -> Literal:
        return self._translator.truth(formula, environment, self._frame)

    def holds(self, formula: Expression) -> Literal:
        """When a closed formula without `Next` is true in the state before. The caller keeps the formula alive."""
        return self._truth(formula, {})

    def holds_after(self, formula: Expression) -> Literal:
        """When a closed formula without `Next` is true in the state after."""
        return self._translator.truth(formula, {}, self._following)

    def violated(self, claim: Property) -> Literal:
        """When the state before (for ALWAYS) or the step (for other kinds) violates the claim.

        Raises ValueError if its kind is not in CLAIMS.
        """
        match claim.kind:
            case PropertyKind.ALWAYS:
                return -self.holds(claim.formula)
            case PropertyKind.STEP:
                broken = -self._translator.truth(claim.formula, {}, self._frame, self._following)
                return self.gates.conjunction((self.moves, broken))
            case PropertyKind.RANGE:
                return self.gates.conjunction((self._enabled, self.gates.disjunction(self._out_of_range)))
            case PropertyKind.CONFLICT:
                return self.gates.conjunction((self._enabled, self.gates.disjunction(self._conflicts)))
            case PropertyKind.ASSERTION:
                failed = self.gates.disjunction(self._failed_assertions(claim.name))
                return self.gates.conjunction((self._enabled, failed))
            case _:
                raise ValueError(f"'{claim.kind.value}' properties are not proved by an invariant")

    def _failed_assertions(self, name: str) -> Iterator[Literal]:
        for happening in self.happenings:
            for assertion in happening.action.assertions:
                if assertion.property == name:
                    outer = environment_of(happening.action, happening.arguments)
                    for environment in bindings(assertion.binders, outer):
                        failed = -self._truth(assertion.formula, environment)
                        yield self.gates.conjunction((happening.literal, failed))

    def state(self, is_true: Callable[[Literal], bool]) -> State:
        """The state before, where the variables are what `is_true` says."""
        return tuple(
            next(value for value, literal in zip(values, literals, strict=True) if is_true(literal))
            for values, literals in zip(self.values, self.before, strict=True)
        )

    def happening(self, is_true: Callable[[Literal], bool]) -> Happening:
        """The action instance that happens there."""
        return next(happening for happening in self.happenings if is_true(happening.literal))


def bindings(variables: tuple[Variable, ...], environment: Environment) -> Iterator[dict[str, Value]]:
    """`environment` extended by every choice of values for the variables, in order."""
    for values in product(*(values_of(variable.type) for variable in variables)):
        yield {**environment, **{variable.name: value for variable, value in zip(variables, values, strict=True)}}
