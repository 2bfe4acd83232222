"""Whether words read from a file are states at all, and their parents states before them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from typing import cast

from verifier.engines.native.arrays import Halves, Words
from verifier.engines.native.bits import Bits
from verifier.engines.native.context import NONE, Slot
from verifier.engines.native.routine import compiled
from verifier.engines.native.store import Store
from verifier.system.layout import Layout
from verifier.system.types import size_of

PART = 1 << 20
"""How many states are looked at between two moments at which an interrupt is heard."""


def first_illegal(
    states: Words, parents: Halves, first: int, stop: int, words: int, unused: Words, cells: Words, count: int
) -> int:
    """The first state from `first` on that cannot be one, or `stop`.

    A state is `words` words in which the bits `unused` are 0. `cells` has for each of `count` cells its word, its
    distance from the word's end, its mask and how many values it may have. A parent comes before its child.
    """
    for state in range(first, stop):
        if parents[state] != NONE and parents[state] >= state:
            return state
        base = state * words
        for word in range(words):
            if states[base + word] & unused[word] != 0:
                return state
        for cell in range(count):
            value = (states[base + cells[4 * cell]] >> cells[4 * cell + 1]) & cells[4 * cell + 2]
            if value >= cells[4 * cell + 3]:
                return state
    return stop


def shape(bits: Bits, layout: Layout) -> tuple[array[int], array[int]]:
    """What `first_illegal` takes as `unused` and `cells`: only cells whose bits can say more than there are values."""
    unused = [(1 << 64) - 1] * bits.words
    cells: list[int] = []
    seen: Counter[str] = Counter()
    for cell in layout.cells:
        field = bits.fields[cell.function]
        word, shift = field.place(seen[cell.function])
        seen[cell.function] += 1
        if not field.width:
            continue
        mask = (1 << field.width) - 1
        unused[word] &= ~(mask << shift)
        if size_of(cell.type) <= mask:
            cells += [word, shift, mask, size_of(cell.type)]
    return array("Q", unused), array("Q", cells)


def illegal_state(store: Store, layout: Layout) -> int | None:
    """The number of the first of the store's states that is not one, or whose parent is not before it."""
    found = store.get(Slot.FOUND)
    unused, cells = shape(store.bits, layout)
    check = cast(Callable[..., int], compiled([first_illegal])["first_illegal"])
    states, parents = (store.arrays[name].address for name in ("states", "parents"))
    for first in range(0, found, PART):
        stop = min(first + PART, found)
        bad = check(states, parents, first, stop, store.bits.words, unused, cells or array("Q", [0]), len(cells) // 4)
        if bad < stop:
            return bad
    return None
