"""What may come to rest: for each state function, the points where it has a certain value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from verifier.system.expressions import Constant, Equal, Expression, IsSome, Less, Not, Read, Some, Variable
from verifier.system.system import Function, System
from verifier.system.types import BoolType, IntType, OptionalType, SortType, Type, Value, render, values_of

MOST_VALUES = 64
"""Values of one state function that are looked at; there are no measures for the others."""


class Relation(Enum):
    IS = "is"
    IS_NOT = "is not"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Measure:
    """The points where `function` is so related to `value`. Over the sorts of a family."""

    function: Function
    relation: Relation
    value: Value

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The coordinates of a point."""
        return tuple(Variable(f"x{number}", kind) for number, kind in enumerate(self.function.parameters))

    def __str__(self) -> str:
        point = f"({', '.join(v.name for v in self.variables)})" if self.variables else ""
        kind = self.function.result
        said = {Relation.ABOVE: ">", Relation.BELOW: "<", Relation.IS: "is", Relation.IS_NOT: "is not"}[self.relation]
        return f"{self.function.name}{point} {said} {render(kind, self.value)}"

    def formula(self) -> Expression:
        """The point `variables` is in the set."""
        read = Read(self.function.name, self.variables, self.function.result)
        match self.relation:
            case Relation.ABOVE:
                return Less(Constant(self.value, read.type), read)
            case Relation.BELOW:
                return Less(read, Constant(self.value, read.type))
            case Relation.IS:
                return _is(read, self.value)
            case Relation.IS_NOT:
                return Not(_is(read, self.value))

    def holds(self, value: Value) -> bool:
        """Whether a point where the function has this value is in the set.

        The value may be one of an instance: members that a family has by name are the first of their sort there.
        """
        match self.relation:
            case Relation.IS:
                return value == self.value
            case Relation.IS_NOT:
                return value != self.value
            case Relation.ABOVE:
                assert value is not None
                assert self.value is not None
                return value > self.value
            case Relation.BELOW:
                assert value is not None
                assert self.value is not None
                return value < self.value


def _is(read: Read, value: Value) -> Expression:
    match read.type:
        case BoolType():
            return read if value else Not(read)
        case OptionalType(base) as kind:
            if value is None:
                return Not(IsSome(read))
            return Equal(read, Some(Constant(value, base), kind))
        case _:
            return Equal(read, Constant(value, read.type))


def measures(system: System) -> Iterator[Measure]:
    """Everything that is tried, in the order of the functions, none of it twice."""
    for function in system.state_functions:
        yield from _of(function, function.result)


def _of(function: Function, kind: Type) -> Iterator[Measure]:
    match kind:
        case BoolType():
            yield Measure(function, Relation.IS, True)
            yield Measure(function, Relation.IS, False)
        case IntType(low, high):
            for bound in range(low, min(high, low + MOST_VALUES)):
                yield Measure(function, Relation.ABOVE, bound)
                yield Measure(function, Relation.BELOW, bound + 1)
        case SortType() | OptionalType():
            for value in values_of(kind)[:MOST_VALUES]:
                yield Measure(function, Relation.IS, value)
                yield Measure(function, Relation.IS_NOT, value)
