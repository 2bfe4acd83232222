"""How a cell of the state is written down in z3 constants: a constant for each value it may have.

Measured on hand-overs of 2-4 pages between VMs (18-37 cells, 27-113 action instances) to depth 14-20: one constant per
value and binary numbers differ by less than a factor of two; cardinality constraints beat "at most one" said pair by
pair, because they are made faster (0.8 s against 1.6 s at 113 instances); the solver for finite domains (QF_FD) and the
one for bit-vectors (QF_BV) are alike, and z3's default solver is 2-5 times slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import z3

from verifier.engines.bounded.logic import Choice, Literal, disjunction, equivalence, negation
from verifier.system.types import BoolType, Type, Value, values_of


@dataclass(frozen=True, slots=True)
class CellConstants:
    """A cell: the constants it is made of, and the choice that they make. A boolean is made of one."""

    kind: Type
    constants: tuple[Literal, ...]
    choice: Choice

    def is_legal(self) -> Iterator[Literal]:
        """The cell has exactly one value."""
        if not isinstance(self.kind, BoolType):
            yield disjunction(self.constants)
            yield at_most_one(self.constants)

    def is_one_of(self, values: Choice) -> Literal:
        return disjunction(literal for value, literal in self.choice.items() if value in values)

    def equals(self, value: Choice) -> Iterator[Literal]:
        """Each constant is what `value` makes it, even if that is several values at once or none that the cell has."""
        if isinstance(self.kind, BoolType):
            yield equivalence(self.constants[0], value.get(True, False))
        else:
            for held, literal in self.choice.items():
                yield equivalence(literal, value.get(held, False))

    def read(self, is_true: Callable[[Literal], bool]) -> Value:
        """The value of the cell where the constants are what `is_true` says."""
        if isinstance(self.kind, BoolType):
            return is_true(self.constants[0])
        return next(value for value, literal in self.choice.items() if is_true(literal))


def cell_constants(name: str, kind: Type, context: z3.Context) -> CellConstants:
    """A cell of the type, made of new constants whose names begin with `name`."""
    if isinstance(kind, BoolType):
        constant = z3.Bool(name, context)
        return CellConstants(kind, (constant,), {False: negation(constant), True: constant})
    choice = {value: z3.Bool(f"{name} = {value}", context) for value in values_of(kind)}
    return CellConstants(kind, tuple(choice.values()), choice)


def at_most_one(literals: Sequence[Literal]) -> Literal:
    return z3.AtMost(*literals, 1) if len(literals) > 1 else True
