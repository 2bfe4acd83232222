"""How the states of a symmetric system are cut up: into the cells of each block, and the cells outside of all blocks.

What the cells of a block hold is a *row*, what the others hold is the *rest*; both are kept as a *pattern*, bits in a
few words. In a row stand the number of the block's orbit, then for each single cell that can hold a member of a block
(a *mark*) 0, or 1 + the slot of the block's own member in it, then the block's cells. In a rest stand the other cells.

A cell is written as the position of its value or, where that may be a member of a block, as a code: the values that are
no such members are numbered from 0, and the block's own members follow, slot by slot. In the rest there is one code
more, for a member of some block, which only that block's row knows. A state in which a cell of a block holds a member
of another block has no patterns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.engines.explicit.orbits import Spot, components
from verifier.engines.explicit.rows import HELD
from verifier.engines.native.unavailable import NativeUnavailable, Uncountable
from verifier.system.layout import Layout
from verifier.system.symmetry import Symmetry
from verifier.system.system import System
from verifier.system.types import size_of

WORD = 64
Pattern = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """Where a number is in a pattern: `shift` bits from its beginning, never across words."""

    shift: int
    width: int

    @property
    def mask(self) -> int:
        return (1 << self.width) - 1

    def get(self, pattern: Sequence[int]) -> int:
        return pattern[self.shift // WORD] >> self.shift % WORD & self.mask

    def put(self, pattern: list[int], number: int) -> None:
        """Writes into a place that is 0 so far."""
        pattern[self.shift // WORD] |= number << self.shift % WORD


class Fields:
    """Gives out the bits of a pattern from its beginning."""

    def __init__(self) -> None:
        self.end = 0

    def take(self, values: int) -> Field:
        """Room for a number below `values`."""
        width = (values - 1).bit_length()
        if width > WORD - self.end % WORD:
            self.end += WORD - self.end % WORD
        self.end += width
        return Field(self.end - width, width)

    @property
    def words(self) -> int:
        return max(1, -(-self.end // WORD))


@dataclass(frozen=True)
class Holder:
    """A type of cells that can hold members of blocks, by positions of values."""

    size: int
    plain: tuple[int, ...]
    """The positions that are no members of blocks; their codes are their places here."""
    members: dict[int, tuple[int, int]]
    """For the others, the number of the block and the slot in it."""
    positions: dict[tuple[int, int], int]

    def code(self, position: int, block: int) -> int | None:
        """The code of a position in a cell of the block; None for a member of another block."""
        if position not in self.members:
            return self.plain.index(position)
        owner, slot = self.members[position]
        return len(self.plain) + slot if owner == block else None


@dataclass(frozen=True)
class Column:
    """The cells of one kind through all blocks of an orbit: their places block by block."""

    field: Field
    places: tuple[int, ...]
    holder: Holder | None


@dataclass(frozen=True)
class Mark:
    """A single cell that can hold a member of a block: its place, and the field in every row."""

    field: Field
    place: int
    holder: Holder


@dataclass(frozen=True)
class Single:
    """A cell outside of blocks."""

    field: Field
    place: int
    holder: Holder | None


class Shape:
    """The patterns of one system under one symmetry. Raises NativeUnavailable where there are none."""

    def __init__(self, system: System, layout: Layout, symmetry: Symmetry) -> None:
        parts = tuple(components(layout, system, symmetry))
        spots = [spot for part in parts for spot in part.spots]
        if any(len(spot.coordinates) > 1 for spot in spots):
            raise Uncountable("there are cells that belong to two interchangeable members at once")
        self.sizes = tuple(map(len, symmetry.orbits))
        self.first = tuple(sum(self.sizes[:orbit]) for orbit in range(len(self.sizes)))
        """The number of each orbit's first block; blocks are numbered through all orbits."""
        self.orbit_of = tuple(orbit for orbit, size in enumerate(self.sizes) for _ in range(size))
        self.slots = max(len(orbit[0]) for orbit in symmetry.orbits)
        self._kinds = [size_of(cell.type) for cell in layout.cells]
        self._holders: dict[int, Holder] = {}
        if parts:
            for number, (members, positions) in enumerate(zip(parts[0].members, parts[0].positions, strict=True)):
                size = next((self._kinds[spot.place] for spot in spots if spot.holder == number), 0)
                plain = tuple(p for p in range(size) if p not in members)
                self._holders[number] = Holder(size, plain, members, positions)
        head = Fields()
        self.orbit = head.take(len(self.sizes))
        single = [spot for spot in spots if not spot.coordinates]
        self.marks = tuple(Mark(head.take(1 + self.slots), spot.place, self._holders[spot.holder]) for spot in single)
        if head.end > WORD:
            raise NativeUnavailable(f"{len(self.marks)} single cells can hold interchangeable members")
        self.head = head.end
        """How many bits the orbit and the marks take, all of them in the first word."""
        self.columns = tuple(self._columns(orbit, spots) for orbit in range(len(self.sizes)))
        self.row_words = max([1, *(c.field.shift // WORD + 1 for columns in self.columns for c in columns)])
        self.rest, self.rest_words = self._rest(layout, spots)

    def _columns(self, orbit: int, spots: list[Spot]) -> tuple[Column, ...]:
        by_template: dict[int, dict[int, Spot]] = defaultdict(dict)
        for spot in spots:
            if spot.coordinates and self.orbit_of[spot.coordinates[0]] == orbit:
                by_template[spot.template][spot.coordinates[0]] = spot
        fields = Fields()
        fields.end = self.head
        made = []
        for _, column in sorted(by_template.items()):
            places = tuple(column[block].place for block in sorted(column))
            holder = self._holders.get(next(iter(column.values())).holder)
            values = self._kinds[places[0]] if holder is None else len(holder.plain) + self.slots
            made.append(Column(fields.take(values), places, holder))
        return tuple(made)

    def _rest(self, layout: Layout, spots: list[Spot]) -> tuple[tuple[Single, ...], int]:
        inside = {spot.place for spot in spots if spot.coordinates}
        holding = {spot.place: self._holders[spot.holder] for spot in spots if not spot.coordinates}
        fields = Fields()
        made = []
        for place in range(len(layout.cells)):
            if place not in inside:
                holder = holding.get(place)
                values = self._kinds[place] if holder is None else len(holder.plain) + 1
                made.append(Single(fields.take(values), place, holder))
        return tuple(made), fields.words

    def counted(self, state: Sequence[int]) -> tuple[Pattern, dict[Pattern, int]] | None:
        """The rest of a state and how often it has each row; None if it has no patterns."""
        rest = [0] * self.rest_words
        for single in self.rest:
            position = state[single.place]
            code: int | None = position
            if single.holder is not None:
                code = single.holder.code(position, -1)
                code = len(single.holder.plain) if code is None else code
            assert code is not None
            single.field.put(rest, code)
        rows: dict[Pattern, int] = defaultdict(int)
        for block, orbit in enumerate(self.orbit_of):
            row = [0] * self.row_words
            self.orbit.put(row, orbit)
            for mark in self.marks:
                owner, slot = mark.holder.members.get(state[mark.place], (-1, 0))
                mark.field.put(row, 1 + slot if owner == block else 0)
            for column in self.columns[orbit]:
                position = state[column.places[block - self.first[orbit]]]
                own = position if column.holder is None else column.holder.code(position, block)
                if own is None:
                    return None
                column.field.put(row, own)
            rows[tuple(row)] += 1
        return tuple(rest), dict(rows)

    def row_values(self, row: Pattern) -> tuple[int, ...]:
        """The row as `explicit.rows` knows it, its orbit in front."""
        orbit = self.orbit.get(row)
        values = [self._relative(column.holder, column.field.get(row)) for column in self.columns[orbit]]
        return (orbit, *values, *(mark.field.get(row) for mark in self.marks))

    def rest_values(self, rest: Pattern) -> tuple[int, ...]:
        """The rest as `explicit.rows` knows it."""
        return tuple(self._outside(single.holder, single.field.get(rest)) for single in self.rest)

    @staticmethod
    def _relative(holder: Holder | None, code: int) -> int:
        if holder is None:
            return code
        plain = len(holder.plain)
        return holder.plain[code] if code < plain else -1 - (code - plain)

    @staticmethod
    def _outside(holder: Holder | None, code: int) -> int:
        if holder is None:
            return code
        return holder.plain[code] if code < len(holder.plain) else HELD
