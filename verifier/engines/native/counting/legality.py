"""Whether words read from a file are keys, and the parents of states before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from verifier.engines.native.arrays import Halves, Words
from verifier.engines.native.context import NONE, Slot
from verifier.engines.native.counting.desk import BLOCKS, COUNT_BITS, MANY, REST_BITS, ROW_BITS, WORDS
from verifier.engines.native.counting.keys import KEY_BITS
from verifier.engines.native.counting.ledger import Ledger
from verifier.engines.native.routine import compiled

PART = 1 << 20
"""How many keys are looked at between two moments at which an interrupt is heard."""


def first_unwritten(
    desk: Words, keys: Words, parents: Halves, first: int, stop: int, rows: int, rests: int, blocks: int
) -> int:
    """The first key from `first` on that cannot be one, or `stop`.

    A key (see `keys`) has the number of one of `rests` rests, and numbers of `rows` rows that so many blocks have as
    there are; where counts stand for more, `blocks` is the greatest number of blocks that they can come to. A parent
    comes before its child.
    """
    words = desk[WORDS]
    bits = desk[ROW_BITS] + desk[COUNT_BITS]
    for index in range(first, stop):
        if parents[index] != NONE and parents[index] >= index:
            return index
        word = 0
        content = keys[index * words]
        if content >> KEY_BITS != 0 or content & ((1 << desk[REST_BITS]) - 1) >= rests:
            return index
        content = content >> desk[REST_BITS]
        left = KEY_BITS - desk[REST_BITS]
        counted = 0
        ended = 0
        while word < words:
            if left < bits:
                word += 1
                if word < words:
                    content = keys[index * words + word]
                    left = KEY_BITS
                    if content >> KEY_BITS != 0:
                        return index
            else:
                entry = content & ((1 << bits) - 1)
                if entry == 0:
                    ended = 1
                elif ended != 0 or entry >> desk[COUNT_BITS] >= rows:
                    return index
                counted += entry & ((1 << desk[COUNT_BITS]) - 1)
                content = content >> bits
                left = left - bits
        if counted > blocks or (desk[MANY] == 0 and counted != blocks):
            return index
    return stop


def illegal_key(ledger: Ledger) -> int | None:
    """The number of the first of the ledger's states that is not one, or whose parent is not before it."""
    found = ledger.store.get(Slot.FOUND)
    check = cast(Callable[..., int], compiled([first_unwritten])["first_unwritten"])
    keys, parents = (ledger.store.arrays[name].address for name in ("states", "parents"))
    known = len(ledger.rows), len(ledger.rests), ledger.desk[BLOCKS]
    for first in range(0, found, PART):
        stop = min(first + PART, found)
        bad = check(ledger.numbers, keys, parents, first, stop, *known)
        if bad < stop:
            return bad
    return None
