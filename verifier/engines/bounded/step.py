"""One step of a system as a formula over two frames of z3 constants, the cells before and after it.

Exactly one action instance happens in a step, and each has a constant that says so. The cells after are defined by the
writes whatever these are, so a step that breaks (leaves a range, writes a cell twice) is a solution too: `whole`
excludes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import z3

from verifier.engines.bounded.cells import CellConstants, at_most_one, cell_constants
from verifier.engines.bounded.logic import Choice, Literal, choice, conjunction, disjunction, negation, points
from verifier.engines.bounded.translation import Environment, Frame, Translator, hurry
from verifier.system.expressions import Expression, Variable
from verifier.system.interpreter import Arguments, environment_of
from verifier.system.system import Action, Property, PropertyKind, System
from verifier.system.types import contains, values_of

STATE_KINDS = (PropertyKind.ALWAYS, PropertyKind.REACHABLE)
STEP_KINDS = (PropertyKind.STEP, PropertyKind.ASSERTION, PropertyKind.RANGE, PropertyKind.CONFLICT)


@dataclass(frozen=True, slots=True)
class Happening:
    """An action instance whose guard is not plainly false, and the constant that says it happens."""

    action: Action
    arguments: Arguments
    literal: Literal
    guard: Literal


@dataclass(frozen=True, slots=True)
class Write:
    """Where the literal holds, the cell becomes `value`."""

    literal: Literal
    value: Choice


class Step:
    """A step of the system. Raises OutOfTimeError when translating it takes longer than until `deadline`."""

    def __init__(self, system: System, context: z3.Context, deadline: float | None) -> None:
        self.system = system
        self._context = context
        self._deadline = deadline
        self._translator = Translator(system, deadline)
        self.before = self._cells("before")
        self.after = self._cells("after")
        self._frame: Frame = tuple(cell.choice for cell in self.before)
        self._following: Frame = tuple(cell.choice for cell in self.after)
        self.happenings = tuple(self._instances())
        self._out_of_range: list[Literal] = []
        self._conflicts: list[Literal] = []
        outcomes = self._outcomes()
        self.whole = negation(disjunction((*self._out_of_range, *self._conflicts)))
        self.constraint = conjunction((*self._one_happens(), *self._cells_move(outcomes)))

    def _cells(self, name: str) -> tuple[CellConstants, ...]:
        cells: list[CellConstants] = []
        for place, cell in enumerate(self._translator.layout.cells):
            hurry(self._deadline)
            cells.append(cell_constants(f"{name} {place}", cell.type, self._context))
        return tuple(cells)

    def _instances(self) -> Iterator[Happening]:
        for number, action in enumerate(self.system.actions):
            for arguments in product(*(values_of(parameter.type) for parameter in action.parameters)):
                guard = self._truth(action.guard, environment_of(action, arguments))
                if guard is not False:
                    literal = z3.Bool(f"action {number} {arguments}", self._context)
                    yield Happening(action, arguments, literal, guard)

    def _outcomes(self) -> list[list[Write]]:
        """For each cell, what may be written to it; notes what breaks a step on the way."""
        outcomes: list[list[Write]] = [[] for _ in self.before]
        for happening in self.happenings:
            written: dict[int, Literal] = {}
            for place, write in self._writes(happening):
                earlier = written.get(place, False)
                self._conflicts.append(conjunction((write.literal, earlier)))
                kind = self.before[place].kind
                outside = disjunction(literal for value, literal in write.value.items() if not contains(kind, value))
                self._out_of_range.append(conjunction((write.literal, outside)))
                outcomes[place].append(write)
                written[place] = disjunction((earlier, write.literal))
        return outcomes

    def _writes(self, happening: Happening) -> Iterator[tuple[int, Write]]:
        """The writes of an action instance, in order, with the places they go to."""
        for update in happening.action.updates:
            for environment in bindings(update.binders, environment_of(happening.action, happening.arguments)):
                condition = self._truth(update.condition, environment)
                if condition is False:
                    continue
                value = self._translator.value(update.value, environment, self._frame)
                arguments = [self._translator.value(a, environment, self._frame) for a in update.arguments]
                for point, here in points(arguments):
                    if self._translator.is_point(update.function, point):
                        literal = conjunction((happening.literal, condition, here))
                        yield self._translator.layout.place(update.function, point), Write(literal, value)

    def _one_happens(self) -> Iterator[Literal]:
        literals = [happening.literal for happening in self.happenings]
        yield disjunction(literals)
        yield at_most_one(literals)
        for happening in self.happenings:
            yield disjunction((negation(happening.literal), happening.guard))

    def _cells_move(self, outcomes: list[list[Write]]) -> Iterator[Literal]:
        for before, after, writes in zip(self.before, self.after, outcomes, strict=True):
            hurry(self._deadline)
            kept = negation(disjunction(write.literal for write in writes))
            cases = [(value, conjunction((kept, literal))) for value, literal in before.choice.items()]
            for write in writes:
                cases += [(value, conjunction((write.literal, literal))) for value, literal in write.value.items()]
            yield from after.equals(choice(cases))

    def _truth(self, formula: Expression, environment: Environment) -> Literal:
        return self._translator.truth(formula, environment, self._frame, self._following)

    def initial(self) -> Literal:
        """When the cells before are those of an initial state."""
        starts = [start for function in self.system.state_functions for start in self._translator.initial(function)]
        parts: list[Literal] = []
        for cell, start in zip(self.before, starts, strict=True):
            parts.extend(cell.is_legal())
            if start is not None:
                parts.append(cell.is_one_of(start))
        return conjunction(parts)

    def decided_by(self, claim: Property) -> Literal:
        """When the state before (for kinds in STATE_KINDS) or the step (in STEP_KINDS) decides the property.

        That is: shows a violation, or witnesses a `reachable`.
        """
        match claim.kind:
            case PropertyKind.REACHABLE:
                return self._truth(claim.formula, {})
            case PropertyKind.ALWAYS:
                return negation(self._truth(claim.formula, {}))
            case PropertyKind.STEP:
                return conjunction((self.whole, negation(self._truth(claim.formula, {}))))
            case PropertyKind.RANGE:
                return disjunction(self._out_of_range)
            case PropertyKind.CONFLICT:
                return disjunction(self._conflicts)
            case PropertyKind.ASSERTION:
                return disjunction(self._failed_assertions(claim.name))
            case _:
                raise ValueError(f"the bounded engine does not handle '{claim.kind.value}' properties")

    def _failed_assertions(self, name: str) -> Iterator[Literal]:
        for happening in self.happenings:
            for assertion in happening.action.assertions:
                if assertion.property == name:
                    for environment in bindings(
                        assertion.binders, environment_of(happening.action, happening.arguments)
                    ):
                        failed = negation(self._truth(assertion.formula, environment))
                        yield conjunction((happening.literal, failed))


def bindings(variables: tuple[Variable, ...], environment: Environment) -> Iterator[Environment]:
    """`environment` extended by every choice of values for the variables, in order."""
    for values in product(*(values_of(variable.type) for variable in variables)):
        yield {**environment, **{variable.name: value for variable, value in zip(variables, values, strict=True)}}
