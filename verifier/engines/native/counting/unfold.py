"""Routines that unfold a key: what the cells of one of its states hold, and which values variables take there.

Blocks are laid out group by group from the first of each orbit on: as many of a group as stand for themselves, and one
for what is left of it. Cells of other blocks are left as they are; nothing reads them. What is laid out from the state
before and would be the same is not written again, except for rows with marks: their single cells may have changed.
"""

from __future__ import annotations

from verifier.engines.native.arrays import Words
from verifier.engines.native.counting.desk import (
    BLOCK,
    BLOCK_ROW,
    BLOCKS,
    CELL,
    COLUMN,
    COLUMN_ROW,
    FREE,
    FREE_ROW,
    GROUP,
    GROUPS,
    HEAD_MASK,
    LACKING,
    LIST,
    LIST_ROW,
    LISTS,
    MARK,
    MARK_ROW,
    MARKED,
    NEXT,
    ORBIT,
    ORBIT_MASK,
    ORBIT_ROW,
    ORBITS,
    PART,
    PART_ROW,
    REST,
    SERIAL,
    SHORT,
    SHOWN,
    SINGLE,
    SINGLE_ROW,
    SINGLES,
    STATUS,
)
from verifier.engines.native.counting.keys import unpack
from verifier.engines.native.counting.patterns import pattern_at


def unfold(desk: Words, rows: Words, rests: Words, keys: Words, start: int) -> None:
    """Makes the state of the key that begins at `start` the state at hand."""
    unpack(desk, keys, start)
    desk[SERIAL] += 1
    if desk[SHOWN] != desk[REST] + 1:
        unfold_rest(desk, rests)
    for number in range(desk[LISTS]):
        at = desk[LIST] + LIST_ROW * number
        desk[at + 3] = desk[at + 2]
    for orbit in range(desk[ORBITS]):
        free = desk[FREE] + FREE_ROW * orbit
        desk[free] = desk[desk[ORBIT] + ORBIT_ROW * orbit]
        desk[free + 1] = 0
    for index in range(desk[GROUPS]):
        unfold_group(desk, rows, index)


def unfold_rest(desk: Words, rests: Words) -> None:
    desk[SHOWN] = desk[REST] + 1
    pattern = pattern_at(rests, desk[REST])
    cell = desk[CELL]
    following = desk[NEXT]
    for number in range(desk[SINGLES]):
        at = desk[SINGLE] + SINGLE_ROW * number
        code = (rests[pattern + desk[at]] >> desk[at + 1]) & desk[at + 2]
        place = desk[at + 3]
        if desk[at + 4] == 0:
            desk[cell + place] = code
            desk[following + place] = code
        elif code != desk[at + 5]:
            value = desk[desk[at + 4] + code]
            desk[cell + place] = value
            desk[following + place] = value


def unfold_group(desk: Words, rows: Words, index: int) -> None:
    """Lays out the blocks of one group, and lists their members."""
    row = desk[desk[GROUP] + 2 * index]
    left = desk[desk[GROUP] + 2 * index + 1]
    pattern = pattern_at(rows, row)
    head = rows[pattern]
    orbit = head & desk[ORBIT_MASK]
    info = desk[ORBIT] + ORBIT_ROW * orbit
    first = desk[info]
    alone = desk[info + 2]
    free = desk[FREE] + FREE_ROW * orbit
    desk[free + 1] += left
    if desk[free + 1] > desk[info + 1]:
        desk[STATUS] = SHORT
        desk[LACKING] = orbit
        return
    block = desk[free]
    at = desk[BLOCK] + BLOCK_ROW * block
    lists = desk[LIST]
    parts = desk[PART] + PART_ROW * desk[info + 5]
    end = desk[PART] + PART_ROW * desk[info + 6]
    serial = desk[SERIAL]
    rank = 0
    while left != 0:
        if desk[at] != row + 1 or (head & desk[HEAD_MASK]) != 0:
            desk[at] = row + 1
            unfold_row(desk, rows, pattern, info, block)
        weight = left if rank == alone else 1
        desk[at + 1] = weight
        desk[at + 2] = index
        desk[at + 4] = serial
        desk[at + 5] = 1 if left == weight and rank + weight == desk[info + 7] else 0
        part = parts
        while part < end:
            most = desk[part + 1]
            if rank <= most:
                values = lists + LIST_ROW * desk[part]
                last = desk[values + 3]
                desk[desk[values] + last] = desk[desk[part + 2] + block - first]
                desk[desk[values + 1] + last] = left if rank == most else 1
                desk[values + 3] = last + 1
            part += PART_ROW
        left = left - weight
        rank += 1
        block += 1
        at += BLOCK_ROW
    desk[free] = block


def unfold_row(desk: Words, rows: Words, pattern: int, info: int, block: int) -> None:
    """Writes a row into the cells of a block of the orbit, and its members into the single cells that hold them."""
    cell = desk[CELL]
    following = desk[NEXT]
    local = block - desk[info]
    for number in range(desk[info + 3], desk[info + 4]):
        at = desk[COLUMN] + COLUMN_ROW * number
        value = (rows[pattern + desk[at]] >> desk[at + 1]) & desk[at + 2]
        if desk[at + 4] != 0:
            plain = desk[at + 5]
            value = desk[desk[at + 4] + (value if value < plain else plain + (value - plain) * desk[BLOCKS] + block)]
        place = desk[desk[at + 3] + local]
        desk[cell + place] = value
        desk[following + place] = value
    if (rows[pattern] & desk[HEAD_MASK]) != 0:
        for number in range(desk[MARKED]):
            at = desk[MARK] + MARK_ROW * number
            slot = (rows[pattern] >> desk[at]) & desk[at + 1]
            if slot != 0:
                value = desk[desk[at + 3] + (slot - 1) * desk[BLOCKS] + block]
                desk[cell + desk[at + 2]] = value
                desk[following + desk[at + 2]] = value
