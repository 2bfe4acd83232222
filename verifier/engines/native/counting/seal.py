"""Routines that make of a state and the writes of a step the key of the next state.

A block's row changes where it is written to, or where a single cell begins or ceases to hold one of its members. Its
old row then is one block's less, and its new row one block's more: or as many as a remainder stands for.

With counts that stand for "so many or more", a group of so many from which blocks are taken can have any number left
that is possible, and there is a key for each.
"""

from __future__ import annotations

from verifier.engines.native.arrays import Words
from verifier.engines.native.counting.desk import (
    ASIDE,
    BLOCK,
    BLOCK_ROW,
    CELL,
    CHANGED,
    CROWDED,
    FINE,
    FULL,
    GROUP,
    GROUPS,
    LOG,
    LOGGED,
    MADE,
    MANY,
    MARK,
    MARK_ROW,
    NEW,
    NEW_ROW,
    ORBIT,
    ORBIT_MASK,
    ORBIT_ROW,
    OUTSIDE,
    PLACE,
    PLACE_ROW,
    REST,
    REST_WORDS,
    ROW,
    ROW_WORDS,
    SERIAL,
    STATUS,
    STEP,
    TOUCH,
    TOUCHED,
    UNCOUNTABLE,
    WIDE,
    WORDS,
)
from verifier.engines.native.counting.keys import pack
from verifier.engines.native.counting.patterns import NONE, pattern_at, pattern_number


def seal(desk: Words, rows: Words, rests: Words, out: Words) -> None:
    """Adds the keys that the logged writes lead to from the state at hand, unless the status says that it cannot."""
    write_log(desk, rows, rests)
    rest = number_rest(desk, rests)
    if desk[STATUS] != FINE:
        return
    choices = regroup(desk, rows)
    if desk[STATUS] != FINE:
        return
    if desk[MADE] + choices > desk[ASIDE]:
        desk[STATUS] = FULL
        return
    counts = 1 if desk[MANY] == 0 else 3
    for choice in range(choices):
        if counts == 3:
            choose(desk, rows, choice)
        if pack(desk, rest, out, desk[MADE] * desk[WORDS], counts) != 0:
            desk[STATUS] = WIDE
            return
        desk[MADE] += 1


def write_log(desk: Words, rows: Words, rests: Words) -> None:
    """Makes the patterns that the writes change."""
    desk[TOUCHED] = 0
    pattern = pattern_at(rests, desk[REST])
    for word in range(desk[REST_WORDS]):
        desk[desk[OUTSIDE] + word] = rests[pattern + word]
    for index in range(desk[LOGGED]):
        place = desk[desk[LOG] + 2 * index]
        position = desk[desk[LOG] + 2 * index + 1]
        if desk[desk[CELL] + place] != position:
            write_place(desk, rows, place, position)


def write_place(desk: Words, rows: Words, place: int, position: int) -> None:
    at = desk[PLACE] + PLACE_ROW * place
    owner = desk[at]
    held = 0
    code = position
    if desk[at + 4] != 0:
        held = desk[desk[at + 4] + 2 * position]
        code = desk[desk[at + 4] + 2 * position + 1]
    target = desk[OUTSIDE]
    if owner != 0:
        if held != 0 and held != owner:
            desk[STATUS] = UNCOUNTABLE
            return
        target = touch(desk, rows, owner - 1)
    elif desk[at + 5] != 0:
        mark = desk[MARK] + MARK_ROW * (desk[at + 5] - 1)
        before = desk[desk[at + 4] + 2 * desk[desk[CELL] + place]]
        if before != 0:
            put(desk, touch(desk, rows, before - 1), desk[mark], desk[mark + 1], 0)
        if held != 0:
            if desk[desk[BLOCK] + BLOCK_ROW * (held - 1) + 1] != 1:
                desk[STATUS] = UNCOUNTABLE
                return
            put(desk, touch(desk, rows, held - 1), desk[mark], desk[mark + 1], 1 + code - desk[at + 6])
            code = desk[at + 6]
    put(desk, target + desk[at + 1], desk[at + 2], desk[at + 3], code)


def put(desk: Words, word: int, shift: int, mask: int, number: int) -> None:
    """Writes into some bits of a word of the desk."""
    desk[word] = desk[word] ^ (desk[word] & (mask << shift)) ^ (number << shift)


def touch(desk: Words, rows: Words, block: int) -> int:
    """Where the block's row in the next state is."""
    at = desk[BLOCK] + BLOCK_ROW * block
    row = desk[ROW] + desk[ROW_WORDS] * block
    if desk[at + 3] != desk[STEP]:
        desk[at + 3] = desk[STEP]
        if desk[at + 4] != desk[SERIAL]:
            desk[STATUS] = UNCOUNTABLE
        pattern = pattern_at(rows, desk[at] - 1)
        for word in range(desk[ROW_WORDS]):
            desk[row + word] = rows[pattern + word]
        desk[desk[TOUCH] + 2 * desk[TOUCHED]] = block
        desk[TOUCHED] += 1
    return row


def number_rest(desk: Words, rests: Words) -> int:
    """The number of the next state's rest."""
    pattern = pattern_at(rests, desk[REST])
    word = 0
    while word < desk[REST_WORDS] and rests[pattern + word] == desk[desk[OUTSIDE] + word]:
        word += 1
    if word == desk[REST_WORDS]:
        return desk[REST]
    number = pattern_number(rests, desk, desk[OUTSIDE])
    if number == NONE:
        desk[STATUS] = CROWDED
    return number


def regroup(desk: Words, rows: Words) -> int:
    """Lists the rows of the next state in the order of their numbers; in how many ways blocks may be left over."""
    new = desk[NEW]
    group = desk[GROUP]
    last = desk[GROUPS]
    for index in range(last):
        desk[new + NEW_ROW * index] = desk[group + 2 * index]
        desk[new + NEW_ROW * index + 1] = desk[group + 2 * index + 1]
        desk[new + NEW_ROW * index + 2] = 0
    for index in range(desk[TOUCHED]):
        block = desk[desk[TOUCH] + 2 * index]
        at = desk[BLOCK] + BLOCK_ROW * block
        row = pattern_number(rows, desk, desk[ROW] + desk[ROW_WORDS] * block)
        if row == NONE:
            desk[STATUS] = CROWDED
            return 0
        desk[desk[TOUCH] + 2 * index + 1] = row
        if row + 1 != desk[at]:
            weight = desk[at + 1]
            old = new + NEW_ROW * desk[at + 2]
            desk[old + 1] = desk[old + 1] - weight
            last = add_blocks(desk, row, weight, last)
    desk[CHANGED] = last
    for index in range(desk[GROUPS], last):
        settle(desk, index)
    return 1 if desk[MANY] == 0 else count_ways(desk, rows)


def count_ways(desk: Words, rows: Words) -> int:
    """In how many ways blocks may be left over, of groups that have any number of them."""
    for index in range(desk[GROUPS]):
        row = desk[desk[GROUP] + 2 * index]
        if desk[desk[GROUP] + 2 * index + 1] == many_of(desk, rows, row):
            leave(desk, index, row)
    ways = 1
    for index in range(desk[CHANGED]):
        ways = ways * (desk[desk[NEW] + NEW_ROW * index + 2] + 1)
    return ways


def many_of(desk: Words, rows: Words, row: int) -> int:
    """The count of such rows that stands for everything above, too; 0 if there is none."""
    orbit = rows[pattern_at(rows, row)] & desk[ORBIT_MASK]
    return desk[desk[ORBIT] + ORBIT_ROW * orbit + 7]


def leave(desk: Words, index: int, row: int) -> None:
    """Of a group with any number of blocks: so many more as go elsewhere may have the row to which the others go."""
    touched = desk[TOUCH]
    common = row
    others = desk[desk[GROUP] + 2 * index + 1]
    for number in range(desk[TOUCHED]):
        at = desk[BLOCK] + BLOCK_ROW * desk[touched + 2 * number]
        if desk[at + 2] == index:
            others = others - desk[at + 1]
            if desk[at + 5] != 0:
                common = desk[touched + 2 * number + 1]
    apart = others if common != row else 0
    for number in range(desk[TOUCHED]):
        at = desk[BLOCK] + BLOCK_ROW * desk[touched + 2 * number]
        if desk[at + 2] == index and desk[touched + 2 * number + 1] != common:
            apart += desk[at + 1]
    place = desk[NEW]
    while desk[place] != common:
        place += NEW_ROW
    desk[place + 2] += apart


def add_blocks(desk: Words, row: int, weight: int, last: int) -> int:
    """So many more blocks have the row; how many rows are listed then."""
    new = desk[NEW]
    index = 0
    while index < last and desk[new + NEW_ROW * index] != row:
        index += 1
    if index == last:
        desk[new + NEW_ROW * index] = row
        desk[new + NEW_ROW * index + 1] = 0
        desk[new + NEW_ROW * index + 2] = 0
        last += 1
    desk[new + NEW_ROW * index + 1] += weight
    return last


def settle(desk: Words, index: int) -> None:
    """Moves a row that is listed to its place among those before it, which are in the order of their numbers."""
    new = desk[NEW]
    row = desk[new + NEW_ROW * index]
    blocks = desk[new + NEW_ROW * index + 1]
    while index > 0 and desk[new + NEW_ROW * (index - 1)] > row:
        for part in range(3):
            desk[new + NEW_ROW * index + part] = desk[new + NEW_ROW * (index - 1) + part]
        index -= 1
    desk[new + NEW_ROW * index] = row
    desk[new + NEW_ROW * index + 1] = blocks
    desk[new + NEW_ROW * index + 2] = 0


def choose(desk: Words, rows: Words, choice: int) -> None:
    """Fixes how many blocks have each row, in one of the ways that there are."""
    for index in range(desk[CHANGED]):
        at = desk[NEW] + NEW_ROW * index
        ways = desk[at + 2] + 1
        count = desk[at + 1] + choice % ways
        choice = choice // ways
        many = many_of(desk, rows, desk[at])
        desk[at + 3] = many if many != 0 and count > many else count
