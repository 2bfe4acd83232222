"""States of a symmetric system as counts: how often each *row*, the local state of a block, occurs.

A row holds, for each cell of its block, the position of the value, or -1 - slot for the block's own member in a slot;
and for each single cell that can hold a member, 1 + slot if it holds the block's own. Two states whose blocks have the
same rows equally often, and whose other cells agree, are images of each other; so these counts are a canonical form.

A state can be counted if each moving cell belongs to one block and holds no member of another.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from verifier.engines.explicit.orbits import Spot, components
from verifier.engines.explicit.packing import Packing
from verifier.system.layout import Layout
from verifier.system.symmetry import Symmetry
from verifier.system.system import System
from verifier.system.types import size_of

Positions = Sequence[int]
"""What a state holds at each place, as in a packed state."""

Changes = Mapping[int, int]
"""What a step writes: the new position at each of some places."""

FIXED, MARK = -1, -2
"""Instead of a block, for places that belong to none and for single cells that can hold a moving member."""

HELD = -1
"""Stands for a moving member among the values of the cells outside of blocks."""

NOWHERE = -1
"""The row of a block that is in no group."""


class Counted:
    """A state's counts: `rows` of all blocks, `counts` of rows, and `rest`, the number of what is outside of blocks.

    `groups` are the blocks with equal rows; exchanging two blocks of a group leaves `state` as it is.
    """

    __slots__ = ("counts", "groups", "rest", "rows", "state")

    def __init__(
        self, state: Positions, groups: list[Sequence[int]], rows: list[int], counts: dict[int, int], rest: int
    ) -> None:
        self.state = state
        self.groups = groups
        self.rows = rows
        self.counts = counts
        self.rest = rest


class Vectors:
    """Tuples of integers, numbered as they are met. `after` remembers the answers of `changed`."""

    def __init__(self) -> None:
        self.values: list[tuple[int, ...]] = []
        self.after: dict[tuple[int, int, int], int] = {}
        self._numbers: dict[tuple[int, ...], int] = {}

    def number(self, values: tuple[int, ...]) -> int:
        number = self._numbers.setdefault(values, len(self.values))
        if number == len(self.values):
            self.values.append(values)
        return number

    def changed(self, number: int, column: int, value: int) -> int:
        """The number of the same tuple with another value in one column."""
        old = self.values[number]
        found = self.after[number, column, value] = self.number((*old[:column], value, *old[column + 1 :]))
        return found


class _Relative:
    """What the cells of a block hold, from where it is: a member of the block itself, or what no symmetry moves."""

    def __init__(self, members: Sequence[Mapping[int, tuple[int, int]]]) -> None:
        self._members = members
        self._plain: dict[int, dict[int, int]] = {}
        self._own: dict[int, dict[int, dict[int, int]]] = {}

    def of(self, holder: int, size: int, block: int) -> dict[int, int]:
        """Positions of the values that such a cell may hold, `size` in all, to numbers that are alike in all blocks."""
        if holder not in self._plain:
            members = self._members[holder]
            self._plain[holder] = {p: p for p in range(size) if p not in members}
            own = self._own[holder] = defaultdict(dict)
            for position, (owner, slot) in members.items():
                own[owner][position] = -1 - slot
        return {**self._plain[holder], **self._own[holder].get(block, {})}


class Rows:
    """The rows of one system under one symmetry, numbered as they are met, and the states made of them."""

    def __init__(self, system: System, layout: Layout, packing: Packing, symmetry: Symmetry) -> None:
        parts = tuple(components(layout, system, symmetry))
        spots = [spot for part in parts for spot in part.spots]
        self.possible = all(len(spot.coordinates) <= 1 for spot in spots)
        self.blocks = tuple(block for orbit in symmetry.orbits for block in orbit)
        self._orbit = [number for number, orbit in enumerate(symmetry.orbits) for _ in orbit]
        self._first = [self._orbit.index(number) for number in range(len(symmetry.orbits))]
        self._members, self._positions = (parts[0].members, parts[0].positions) if parts else ((), ())
        self._bits = max(map(len, symmetry.orbits)).bit_length()
        self._in_bytes = packing.in_bytes
        self._sizes = tuple(map(size_of, packing.types))

        self._place_block = [FIXED] * len(layout.cells)
        self._place_column = [0] * len(layout.cells)
        self._relative: list[dict[int, int] | None] = [None] * len(layout.cells)
        self._columns: list[list[list[int]]] = [[] for _ in symmetry.orbits]
        """Per orbit and column, the places of its cells, block by block."""
        self._holders: list[list[int]] = [[] for _ in symmetry.orbits]
        self._marks = [spot for spot in spots if not spot.coordinates]
        self._mark_at = {spot.place: mark for mark, spot in enumerate(self._marks)}
        if self.possible:
            self._arrange([spot for spot in spots if spot.coordinates])
        self._fixed = [place for place, block in enumerate(self._place_block) if block < 0]
        for column, place in enumerate(self._fixed):
            self._place_column[place] = column

        self._vectors = Vectors()
        """Each row with the number of its orbit in front."""
        self._rests = Vectors()
        self._rest_writes: dict[int, list[tuple[int, int]]] = {}
        self._base: bytearray | list[int] = []
        self._plain: list[int] = []
        """The row that all blocks of an orbit have in `_base`."""
        self._fills: dict[tuple[int, int, int], Sequence[int]] = {}
        self._differing: dict[int, list[tuple[list[int], int, Sequence[int]]]] = {}
        self._marked: dict[int, list[tuple[Spot, int]]] = {}

    def _arrange(self, spots: list[Spot]) -> None:
        columns: dict[tuple[int, int], dict[int, Spot]] = defaultdict(dict)
        for spot in spots:
            (block,) = spot.coordinates
            columns[self._orbit[block], spot.template][block] = spot
        relative = _Relative(self._members)
        for (orbit, _), column in sorted(columns.items()):
            number = len(self._columns[orbit])
            self._columns[orbit].append([column[block].place for block in sorted(column)])
            self._holders[orbit].append(next(iter(column.values())).holder)
            for block, spot in column.items():
                self._place_block[spot.place] = block
                self._place_column[spot.place] = 1 + number
                if spot.holder >= 0:
                    self._relative[spot.place] = relative.of(spot.holder, self._sizes[spot.place], block)
        for spot in self._marks:
            self._place_block[spot.place] = MARK

    def counted(self, state: Positions) -> Counted | None:
        """The counts of any state; None if it cannot be counted."""
        if not self.possible:
            return None
        holding: dict[int, dict[int, int]] = defaultdict(dict)
        rest = [state[place] for place in self._fixed]
        for mark, spot in enumerate(self._marks):
            held = self._members[spot.holder].get(state[spot.place])
            if held is not None:
                rest[self._place_column[spot.place]] = HELD
                holding[held[0]][mark] = 1 + held[1]
        rows: list[int] = []
        for block, orbit in enumerate(self._orbit):
            values = [orbit]
            for places in self._columns[orbit]:
                place = places[block - self._first[orbit]]
                relative = self._relative[place]
                value = state[place] if relative is None else relative.get(state[place])
                if value is None:
                    return None
                values.append(value)
            marks = holding.get(block, {})
            rows.append(self._vectors.number((*values, *(marks.get(mark, 0) for mark in range(len(self._marks))))))
        groups: dict[int, list[int]] = defaultdict(list)
        for block, row in enumerate(rows):
            groups[row].append(block)
        return Counted(state, list(groups.values()), rows, dict(Counter(rows)), self._rests.number(tuple(rest)))

    def orbit_of(self, row: int) -> int:
        """The number of the orbit that a row is of."""
        return self._vectors.values[row][0]

    def key(self, rest: int, counts: dict[int, int]) -> bytes:
        """The same for all images of a state, and for no other state."""
        bits = self._bits
        return array("Q", [rest, *sorted([row << bits | count for row, count in counts.items()])]).tobytes()

    def key_of(self, rest: tuple[int, ...], rows: Mapping[tuple[int, ...], int]) -> bytes:
        """The key of states by their values outside of blocks and how many blocks have each row, orbit in front."""
        return self.key(self._rests.number(rest), {self._vectors.number(row): count for row, count in rows.items()})

    def key_after(self, before: Counted, changes: Changes) -> bytes | None:
        """The key of the state that the changes lead to; None if it cannot be counted."""
        moved = self.moved(before, changes)
        if moved is None:
            return None
        changed, rest = moved
        counts = before.counts
        if changed:
            counts = counts.copy()
            for block, row in changed.items():
                old = before.rows[block]
                if counts[old] == 1:
                    del counts[old]
                else:
                    counts[old] -= 1
                counts[row] = counts.get(row, 0) + 1
        return self.key(rest, counts)

    def moved(self, before: Counted, changes: Changes) -> tuple[dict[int, int], int] | None:
        """The new rows of the blocks that the changes touch, and the new `rest`; None if it cannot be counted."""
        state, rest = before.state, before.rest
        changed: dict[int, int] = {}
        known = self._vectors.after.get
        for place, value in changes.items():
            if state[place] == value:
                continue
            block, column = self._place_block[place], self._place_column[place]
            if block >= 0:
                relative = self._relative[place]
                if relative is not None:
                    own = relative.get(value)
                    if own is None:
                        return None
                    value = own
                row = changed.get(block, -1)
                if row < 0:
                    row = before.rows[block]
                after = known((row, column, value), -1)
                changed[block] = after if after >= 0 else self._vectors.changed(row, column, value)
                continue
            if block == MARK:
                value = self._mark(before, changed, place, value)
            after = self._rests.after.get((rest, column, value), -1)
            rest = after if after >= 0 else self._rests.changed(rest, column, value)
        return changed, rest

    def _mark(self, before: Counted, changed: dict[int, int], place: int, value: int) -> int:
        """Moves a single cell's mark between the rows of blocks; returns what remains to be said of it elsewhere."""
        mark = self._mark_at[place]
        members = self._members[self._marks[mark].holder]
        old, new = members.get(before.state[place]), members.get(value)
        for held, worth in ((old, 0), (new, 1 + new[1] if new else 0)):
            if held is not None:
                row = changed.get(held[0], before.rows[held[0]])
                column = 1 + len(self._columns[self._orbit[held[0]]]) + mark
                changed[held[0]] = self._vectors.changed(row, column, worth)
        return value if new is None else HELD

    def restored(self, key: bytes) -> Counted:
        """A state with this key, blocks with equal rows side by side; blocks that it does not count are in no group."""
        rest, *packed = array("Q", key)
        if not self._plain:
            self._lay_out()
        state = self._base.copy()
        if rest not in self._rest_writes:
            pairs = zip(self._fixed, self._rests.values[rest], strict=True)
            self._rest_writes[rest] = [(p, v) for p, v in pairs if v not in (HELD, self._base[p])]
        for place, value in self._rest_writes[rest]:
            state[place] = value
        groups: list[Sequence[int]] = []
        counts: dict[int, int] = {}
        free = self._first.copy()
        rows = [NOWHERE] * len(self.blocks)
        mask = (1 << self._bits) - 1
        for entry in packed:
            row, count = entry >> self._bits, entry & mask
            orbit = self._vectors.values[row][0]
            start = free[orbit]
            free[orbit] = stop = start + count
            counts[row] = count
            groups.append(range(start, stop))
            rows[start:stop] = [row] * count
            self._write(state, row, start - self._first[orbit], stop - self._first[orbit])
        return Counted(state, groups, rows, counts, rest)

    def _write(self, state: bytearray | list[int], row: int, start: int, stop: int) -> None:
        """Gives a row to the blocks start .. stop - 1 of its orbit, in a copy of `_base`."""
        if row not in self._differing:
            self._prepare(row)
        for places, first, fill in self._differing[row]:
            if first >= 0:
                state[first + start : first + stop] = fill[start:stop]
            else:
                for i in range(start, stop):
                    state[places[i]] = fill[i]
        for spot, slot in self._marked[row]:
            block = start + self._first[self._vectors.values[row][0]]
            state[spot.place] = self._positions[spot.holder][block, slot]

    def _prepare(self, row: int) -> None:
        orbit, *values = self._vectors.values[row]
        plain = self._vectors.values[self._plain[orbit]][1:]
        self._differing[row] = [
            (places, _start(places), self._fill(orbit, column, values[column]))
            for column, places in enumerate(self._columns[orbit])
            if values[column] != plain[column]
        ]
        marks = values[len(self._columns[orbit]) :]
        self._marked[row] = [(self._marks[mark], worth - 1) for mark, worth in enumerate(marks) if worth]

    def _lay_out(self) -> None:
        self._base = bytearray(len(self._sizes)) if self._in_bytes else [0] * len(self._sizes)
        firsts: dict[int, int] = {}
        for number, (orbit, *_) in enumerate(self._vectors.values):
            firsts.setdefault(orbit, number)
        self._plain = [firsts[orbit] for orbit in range(len(self._first))]
        for orbit, row in enumerate(self._plain):
            for column, places in enumerate(self._columns[orbit]):
                fill = self._fill(orbit, column, self._vectors.values[row][1 + column])
                for place, value in zip(places, fill, strict=True):
                    self._base[place] = value

    def _fill(self, orbit: int, column: int, value: int) -> Sequence[int]:
        """A column all of whose cells hold the value that rows know as `value`."""
        found = self._fills.get((orbit, column, value))
        if found is None:
            length = self._orbit.count(orbit)
            if value >= 0:
                absolute = [value] * length
            else:
                table = self._positions[self._holders[orbit][column]]
                absolute = [table[self._first[orbit] + i, -1 - value] for i in range(length)]
            found = self._fills[orbit, column, value] = bytes(absolute) if self._in_bytes else absolute
        return found


def _start(places: list[int]) -> int:
    """The first of places that follow each other; -1 if they do not."""
    return places[0] if places == list(range(places[0], places[0] + len(places))) else -1
