"""Packed states: what a search stores, hashes and compares instead of tuples of values.

A packed state holds, for each place of the layout, the position of the cell's value in `values_of` its type (so none is
0 and the other values of an optional follow). It is a `bytes` when no cell has more than 256 values: 33 bytes and one
per cell, a hash that is computed once, and splicing at the speed of memcpy. Otherwise it is a tuple of the positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from verifier.system.interpreter import Interpreter
from verifier.system.layout import Layout, State, points_of
from verifier.system.system import Anything, System
from verifier.system.types import BoolType, IntType, OptionalType, Type, Value, position_of, size_of

Packed = bytes | tuple[int, ...]

BYTE = 256
"""How many values a cell of a state packed into bytes may have."""


def value_at(kind: Type, position: int) -> Value:
    """The inverse of `position_of`."""
    match kind:
        case OptionalType(base):
            return None if position == 0 else value_at(base, position - 1)
        case BoolType():
            return bool(position)
        case IntType(low, _):
            return low + position
        case _:
            return position


class Packing:
    """Packs and unpacks the states of one system."""

    def __init__(self, layout: Layout) -> None:
        self.types = tuple(cell.type for cell in layout.cells)
        self.in_bytes = all(size_of(kind) <= BYTE for kind in self.types)

    def pack(self, state: State) -> Packed:
        return self.seal([position_of(kind, value) for kind, value in zip(self.types, state, strict=True)])

    def seal(self, positions: list[int] | tuple[int, ...]) -> Packed:
        """The packed state with these positions."""
        return bytes(positions) if self.in_bytes else tuple(positions)

    def unpack(self, packed: Packed) -> State:
        return tuple([value_at(kind, position) for kind, position in zip(self.types, packed, strict=True)])


def initial_choices(system: System, interpreter: Interpreter) -> list[tuple[int, ...]]:
    """For each cell, the positions of its possible initial values; they are independent of each other."""
    choices: list[tuple[int, ...]] = []
    for function in system.state_functions:
        kind = function.result
        if isinstance(function.initial, Anything):
            choices.extend(tuple(range(size_of(kind))) for _ in points_of(function.parameters))
        else:
            choices.extend((position_of(kind, value),) for value in interpreter.table(function))
    return choices


def initial_states(system: System, interpreter: Interpreter, packing: Packing) -> Iterator[Packed]:
    """Every initial state in the interpreter's order, produced one at a time however many there are."""
    for positions in product(*initial_choices(system, interpreter)):
        yield packing.seal(positions)
