"""One state for all the images of a state under a symmetry, in words, and the code that finds it; see `images`.

Unlike counts of blocks, this works whatever members hold one another. It costs time that goes with all the cells of all
blocks, for every successor of a state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.orbits import Component, Spot, components
from verifier.engines.native.bits import Bits
from verifier.engines.native.context import function
from verifier.engines.native.images import CELLS, COLOUR, EFFORT, HEADER, INLINE, MULTIPLIER, ROW, canonise
from verifier.engines.native.routine import Writer
from verifier.engines.native.storage import constants
from verifier.engines.native.terms import BIT, FULL, POINTER, Value, at, local, loop, number
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.system.symmetry import Symmetry
from verifier.system.types import size_of

MOST = 1 << 13
"""The most words of the stack for what is found on the way to an image."""

DEPTH = 24
"""For so many choices one after another there is room; where more are needed, the state is given up."""


@dataclass(frozen=True)
class Shape:
    """What `images` takes as `shape`, and how many words it needs to `work`."""

    numbers: tuple[int, ...]
    work: int


def shapes(program: Program, symmetry: Symmetry, bits: Bits) -> Iterator[Shape]:
    """One for each component of the symmetry; they can be dealt with one after the other. Raises NativeUnavailable."""
    layout = program.interpreter.layout
    sizes = [size_of(cell.type) for cell in layout.cells]
    for component in components(layout, program.system, symmetry):
        yield _Shaper(component, sizes, bits).shape()


class _Shaper:
    """Makes the shape of one component. Its blocks are numbered from 0, orbit by orbit."""

    def __init__(self, component: Component, sizes: Sequence[int], bits: Bits) -> None:
        self._component = component
        self._sizes = sizes
        self._bits = bits
        self._number = {block: i for i, block in enumerate(b for orbit in component.orbits for b in orbit)}
        self._orbit = {block: orbit for orbit in component.orbits for block in orbit}
        # The spots that change places are in a row, in the order of their coordinates.
        self._spots = sorted(component.spots, key=lambda spot: (spot.template, spot.coordinates))
        self._tables: list[int] = []
        self._tables_at = HEADER + len(self._number) + ROW * len(self._spots)

    def shape(self) -> Shape:
        blocks, spots = len(self._number), len(self._spots)
        image, best = CELLS + spots, CELLS + 2 * spots
        sums, moved, level = best + spots, best + spots + blocks, best + spots + 3 * blocks
        levels = min(blocks, DEPTH)
        work = level + levels * (COLOUR + blocks)
        if work > MOST:
            raise NativeUnavailable("there are too many interchangeable members")
        head = [blocks, spots, HEADER + blocks, image, best, sums, moved, level, levels]
        first = [self._number[orbit[0]] for orbit in self._component.orbits for _ in orbit]
        rows = self._rows()
        return Shape((*head, *first, *rows, *self._tables), work)

    def _rows(self) -> list[int]:
        rows: list[int] = []
        base: dict[int, int] = {}
        holders: dict[int, tuple[int, int]] = {-1: (0, 0)}
        for place, spot in enumerate(self._spots):
            if spot.holder not in holders:
                holders[spot.holder] = self._holder(spot)
            start = base.setdefault(spot.template, place)
            seed = (start + 1) * MULTIPLIER % (1 << 60)
            rows += [*self._bits.places[spot.place], seed, *holders[spot.holder], start]
            rows += self._coordinates(spot)
        return rows

    def _holder(self, spot: Spot) -> tuple[int, int]:
        """Where the tables are of the values that the spot can hold: their members' blocks, and the way back."""
        start, blocks = self._tables_at + len(self._tables), len(self._number)
        members = self._component.members[spot.holder]
        for position in range(self._sizes[spot.place]):
            block, slot = members.get(position, (None, 0))
            self._tables += [0 if block is None else 1 + self._number[block], slot]
        back = [0] * blocks * (1 + max(slot for _, slot in members.values()))
        for position, (block, slot) in members.items():
            back[slot * blocks + self._number[block]] = position
        self._tables += back
        return start, start + 2 * self._sizes[spot.place]

    def _coordinates(self, spot: Spot) -> tuple[int, int]:
        """Where the spot's coordinates are, in pairs: the block, and what its place in the orbit counts for."""
        if (self._tables_at + len(self._tables)) % 2:
            self._tables.append(0)
        start = (self._tables_at + len(self._tables)) // 2
        stride = 1
        pairs: list[int] = []
        for block in reversed(spot.coordinates):
            pairs[:0] = [self._number[block], stride]
            stride *= len(self._orbit[block])
        self._tables += pairs
        return start, start + len(spot.coordinates)


class Canonical:
    """Writes, into one module, what replaces states by their canonical images. Raises NativeUnavailable."""

    def __init__(self, module: Value, program: Program, symmetry: Symmetry, bits: Bits) -> None:
        self._words = bits.words
        parts = list(shapes(program, symmetry, bits))
        work = max((part.work for part in parts), default=1)
        writer = Writer(module)
        routine = writer.write(canonise)
        for inlined in INLINE:
            writer.write(inlined).attributes.add("alwaysinline")
        self._code, builder = function(module, "replace", BIT, POINTER, FULL)
        states, count = self._code.args
        room, spent = local(builder, ir.ArrayType(FULL, work)), local(builder, FULL, number(0))
        tables = [constants(module, f"shape{i}", part.numbers) for i, part in enumerate(parts)]
        with loop(builder, number(0), count) as (index, _):
            state = at(builder, states, builder.mul(index, number(self._words)))
            for table in tables:
                before = builder.load(spent, typ=FULL)
                builder.store(builder.call(routine, [table, room, state, before]), spent)
        builder.ret(builder.icmp_unsigned("<=", builder.load(spent, typ=FULL), number(EFFORT)))

    def replace(self, builder: Value, states: Value, count: Value) -> Value:
        """Replaces so many states in a row; whether that was not too much work."""
        return builder.call(self._code, [states, count])
