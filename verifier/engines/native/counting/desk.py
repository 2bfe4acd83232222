"""The memory that the routines of this package work in, but for what grows: one array of 64-bit numbers.

It begins with numbers that are by themselves, among them the places where its sections begin. Sections up to WORK are
tables that never change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verifier.engines.native.arrays import Numbers
from verifier.engines.native.counting.shape import WORD, Holder, Shape
from verifier.engines.native.counting.variables import Variables
from verifier.system.symmetry import Symmetry

# Numbers by themselves

STATUS = 0
"""Why a state could not be expanded; see below."""
REST, GROUPS = 1, 2
"""Of the state at hand: the number of its rest, and how many different rows it has."""
MADE = 3
"""How many keys there are where successors are put."""
LOGGED = 4
"""How many writes there are of the step at hand."""
STEP = 5
"""The number of the step at hand; all steps of a search have different ones."""
WORDS, REST_BITS, ROW_BITS, COUNT_BITS = 6, 7, 8, 9
"""How keys are written; see `keys`."""
MANY = 10
"""Whether there are counts that stand for themselves and everything above."""
ORBIT_MASK, HEAD_MASK, ROW_WORDS, REST_WORDS = 11, 12, 13, 14
BLOCKS, ORBITS, MARKED, SINGLES = 15, 16, 17, 18
"""How many blocks, orbits, marks and cells in the rest there are."""
TOUCHED = 19
"""How many blocks the step at hand has written to."""
SHOWN = 20
"""The rest that is in the cells, + 1."""
CHANGED = 21
"""How many different rows there are in the section NEW."""
SERIAL = 22
"""The number of the state at hand, + 1, among those that were looked at."""
ROWS, RESTS, INSERT = 23, 24, 25
"""Addresses: of what is known of rows and of rests, and of the function that looks up what is pending."""
UNFOLD, SEAL, HAPPENED = 27, 28, 29
"""Addresses of routines: other code, which is the same in every process, finds them here."""
LISTS = 26
"""How many lists of values there are."""
ASIDE = 30
"""How many keys there is room for where successors are put."""
LACKING = 31
"""The orbit of which the state at hand has more blocks than there are."""
HEADER = 32
"""Where the places of sections begin."""

# Tables, by the places in the array where it says where they begin

ORBIT = HEADER
"""For each orbit: its first block, its size, how many blocks of a group stand for themselves, its first column, the
column after its last, its first part of a list, the part after its last, and the count that stands for everything
above, too, or 0."""
COLUMN = HEADER + 1
"""For each column: word and shift in the row, mask, where the places of its cells are, where the values of its codes
are (0 where codes are positions), and how many codes are no member's."""
MARK = HEADER + 2
"""For each mark: shift in the row, mask, place, where the values are that stand for the members of blocks."""
SINGLE = HEADER + 3
"""For each cell in the rest: word, shift, mask, place, where the values of its codes are (0 as before), and the code
that says nothing."""
PLACE = HEADER + 4
"""For each place: 1 + its block or 0, word and shift in the pattern, mask, where the codes of what it holds are or 0,
1 + the number of the mark that it is or 0, and then the code that says nothing."""
PART = HEADER + 5
"""For each part of a list: the number of the list, the last rank taken, where its members are, block by block."""
LIST = HEADER + 6
"""For each list: where its values are, where their weights are, how many values are always there, how many now."""
CODE = HEADER + 7
"""What the other tables refer to. Codes: for each position 1 + its block or 0, and its code; values: for each code that
is no member's, then for each slot and block; members and places: block by block."""

# Work

CELL = HEADER + 8
"""What the state at hand has at each place; only the blocks that are looked at are up to date."""
NEXT = HEADER + 9
"""The same for the state after the step at hand."""
GROUP = HEADER + 10
"""For each row of the state: its number, and how many blocks have it."""
NEW = HEADER + 11
"""For each row of the next state: its number, how many blocks at least have it, how many more might, how many do."""
BLOCK = HEADER + 12
"""For each block: the row in its cells + 1, how many blocks it stands for, the place of its row in GROUP, the last step
that wrote to it, the last state in which it was looked at, and whether it stands for any number of blocks."""
ROW = HEADER + 13
"""For each block: the row that the step at hand gives it."""
FREE = HEADER + 14
"""For each orbit, its next block that is not looked at yet, and how many blocks the groups so far have."""
TOUCH = HEADER + 15
"""The blocks that the step has written to, each with the number of its new row."""
LOG = HEADER + 16
"""For each write of the step: place and position."""
OUTSIDE = HEADER + 17
"""The rest that the step leads to."""
STAMP = HEADER + 18
"""For each place, the last step that wrote to it."""
SECTIONS = 19

ORBIT_ROW, COLUMN_ROW, MARK_ROW, SINGLE_ROW, PLACE_ROW, PART_ROW, LIST_ROW, BLOCK_ROW = 8, 6, 4, 6, 7, 3, 4, 6
FREE_ROW, NEW_ROW = 2, 4

# Why a state could not be expanded

FINE = 0
UNCOUNTABLE = 1
"""A step leads to a state that has no patterns."""
CROWDED = 2
"""There is no room for another row or rest."""
WIDE = 3
"""A key does not fit into its words."""
FULL = 5
"""There is no room for the successors."""
SHORT = 4
"""A state has more blocks than there are."""


class Desk:
    """The array for one system: `at[section]` is where a section begins, `add` makes one, `filled` the array itself."""

    def __init__(self, shape: Shape, cells: int, writes: int, watched: bool) -> None:
        """For so many cells in a state, so many writes in a step; `watched` if steps are looked at from both ends."""
        self.content = [0] * (HEADER + SECTIONS)
        self._shape = shape
        blocks = len(shape.orbit_of)
        self.add(CELL, [0] * cells)
        if watched:
            self.add(NEXT, [0] * cells)
        else:
            self._set(NEXT, self.at(CELL))
        self.add(STAMP, [0] * cells)
        self.add(LOG, [0] * 2 * writes)
        self.add(BLOCK, [0] * BLOCK_ROW * blocks)
        self.add(GROUP, [0] * 2 * (blocks + 1))
        self.add(NEW, [0] * NEW_ROW * 2 * (blocks + 1))
        self.add(ROW, [0] * shape.row_words * blocks)
        self.add(TOUCH, [0] * 2 * blocks)
        self.add(FREE, [0] * FREE_ROW * len(shape.sizes))
        self.add(OUTSIDE, [0] * shape.rest_words)
        self._tables(cells)
        numbers = {
            ORBIT_MASK: shape.orbit.mask,
            HEAD_MASK: sum(mark.field.mask << mark.field.shift for mark in shape.marks),
            ROW_WORDS: shape.row_words,
            REST_WORDS: shape.rest_words,
            BLOCKS: blocks,
            ORBITS: len(shape.sizes),
            MARKED: len(shape.marks),
            SINGLES: len(shape.rest),
        }
        for place, number in numbers.items():
            self._set(place, number)

    def at(self, section: int) -> int:
        """Where the section begins."""
        return self.content[section]

    def add(self, section: int, content: Sequence[int]) -> None:
        self._set(section, self._append(content))

    def set_many(self, many: Sequence[int]) -> None:
        """For each orbit, the count that stands for itself and everything above."""
        self._set(MANY, 1)
        for orbit, number in enumerate(many):
            self._set(self.at(ORBIT) + ORBIT_ROW * orbit + 7, number)

    def filled(self) -> Numbers:
        """The array, with room of its own."""
        made = Numbers(64, len(self.content))
        for place, number in enumerate(self.content):
            made.view[place] = number
        return made

    def _set(self, place: int, number: int) -> None:
        self.content[place] = number

    def _append(self, content: Sequence[int]) -> int:
        self.content += content
        return len(self.content) - len(content)

    def _tables(self, cells: int) -> None:
        shape = self._shape
        blocks = len(shape.orbit_of)
        codes: dict[int, int] = {}
        values: dict[int, int] = {}
        holders = [*(mark.holder for mark in shape.marks), *(c.holder for columns in shape.columns for c in columns)]
        for holder in holders:
            if holder is not None and id(holder) not in codes:
                codes[id(holder)] = self._append(_codes(holder))
                values[id(holder)] = self._append(_values(holder, shape.slots, blocks))
        places = [[0] * PLACE_ROW for _ in range(cells)]
        columns: list[int] = []
        orbits: list[list[int]] = []
        for orbit, of_orbit in enumerate(shape.columns):
            first, size = shape.first[orbit], shape.sizes[orbit]
            orbits.append([first, size, 0, len(columns) // COLUMN_ROW, 0, 0, 0, 0])
            for column in of_orbit:
                word, shift = divmod(column.field.shift, WORD)
                where = self._append(column.places)
                coded, known, plain = 0, 0, 0
                if column.holder is not None:
                    coded, known = codes[id(column.holder)], values[id(column.holder)]
                    plain = len(column.holder.plain)
                columns += [word, shift, column.field.mask, where, known, plain]
                for local, place in enumerate(column.places):
                    places[place] = [1 + first + local, word, shift, column.field.mask, coded, 0, 0]
            orbits[-1][4] = len(columns) // COLUMN_ROW
        singles: list[int] = []
        marks: list[int] = []
        for single in shape.rest:
            word, shift = divmod(single.field.shift, WORD)
            coded, known, plain = 0, 0, 0
            if single.holder is not None:
                coded, known = codes[id(single.holder)], values[id(single.holder)]
                plain = len(single.holder.plain)
            places[single.place] = [0, word, shift, single.field.mask, coded, 0, plain]
            singles += [word, shift, single.field.mask, single.place, known, plain]
        for number, mark in enumerate(shape.marks):
            places[mark.place][5] = 1 + number
            marks += [mark.field.shift, mark.field.mask, mark.place, values[id(mark.holder)] + len(mark.holder.plain)]
        self.add(COLUMN, columns)
        self.add(MARK, marks)
        self.add(SINGLE, singles)
        self.add(PLACE, [number for row in places for number in row])
        self.add(ORBIT, [number for row in orbits for number in row])

    def add_lists(self, symmetry: Symmetry, sorts: Mapping[str, int], variables: Variables) -> None:
        """The lists of values that variables take; `sorts` says how many members each sort has."""
        moving = {member for orbit in symmetry.orbits for block in orbit for member in block}
        parts: list[int] = []
        for orbit, blocks in enumerate(symmetry.orbits):
            info = self.at(ORBIT) + ORBIT_ROW * orbit
            first = variables.first[orbit]
            self._set(info + 2, first)
            self._set(info + 5, len(parts) // PART_ROW)
            for number, values in enumerate(variables.lists):
                for slot, (sort, _) in enumerate(blocks[0]):
                    if sort == values.sort:
                        members = self._append([block[slot][1] for block in blocks])
                        parts += [number, first if values.most is None else values.most, members]
            self._set(info + 6, len(parts) // PART_ROW)
        lists: list[int] = []
        for values in variables.lists:
            fixed = [index for index in range(sorts[values.sort]) if (values.sort, index) not in moving]
            room = sorts[values.sort]
            where = [self._append([*content, *[0] * (room - len(fixed))]) for content in (fixed, [1] * len(fixed))]
            lists += [*where, len(fixed), len(fixed)]
        self._set(LISTS, len(variables.lists))
        self.add(PART, parts)
        self.add(LIST, lists)


def _codes(holder: Holder) -> list[int]:
    """For each position 1 + its block or 0, and its code."""
    made: list[int] = []
    for position in range(holder.size):
        block, slot = holder.members.get(position, (-1, 0))
        made += [1 + block, len(holder.plain) + slot if block >= 0 else holder.plain.index(position)]
    return made


def _values(holder: Holder, slots: int, blocks: int) -> list[int]:
    """The position for each code that is no member's, then for each slot and block."""
    own = [holder.positions.get((block, slot), 0) for slot in range(slots) for block in range(blocks)]
    return [*holder.plain, *own]
