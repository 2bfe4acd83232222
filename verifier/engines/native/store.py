"""The memory of one native search, and the states in it as Python sees them."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Iterator, Sequence
from typing import overload

from verifier.engines.explicit.packing import Packed, Packing
from verifier.engines.native.bits import Bits
from verifier.engines.native.context import NONE, Slot
from verifier.engines.native.memory import Region
from verifier.engines.watch import Stopped, Watch, memory_used

CHUNK = 1024
"""How many states are decoded at a time when all of them are."""


class Store:
    """Everything the kernel works on. `aside` is how many successors can be pending, `events` how many there are."""

    def __init__(self, bits: Bits, aside: int, events: int) -> None:
        self.bits = bits
        self.context = (ctypes.c_int64 * len(Slot))()
        self.first = array("I", [NONE] * (events + 1))
        self._width = 8 * bits.words
        self._out, self._from, self._hashes = Region(aside * self._width), Region(aside * 4), Region(aside * 8)
        self._states, self._parents, self._table = Region(0), Region(0), Region(0)
        self._places = 0
        self.set(Slot.OUT, self._out.address)
        self.set(Slot.FROM, self._from.address)
        self.set(Slot.HASHES, self._hashes.address)
        self.set(Slot.FIRST, self.first.buffer_info()[0])

    def get(self, slot: Slot) -> int:
        return self.context[slot]

    def set(self, slot: Slot, value: int) -> None:
        self.context[slot] = value

    def enlarge(self, places: int, watch: Watch) -> None:
        """A table of so many places or, if what is pending needs it, more; at most 5 of 8 will be used.

        The table is empty then, and has to be filled again. Raises Stopped if the budget of memory does not allow it.
        """
        found = self.get(Slot.FOUND)
        while (room := places * 5 // 8) < found + self.get(Slot.PENDING):
            places *= 2
        if room >= NONE:
            raise Stopped(f"there are more than {found} states, and no numbers for twice as many")
        needed = room * (self._width + 4) + 8 * places
        if watch.budget.memory is not None and memory_used() + needed > watch.budget.memory:
            raise Stopped(f"the budget of {watch.budget.memory} bytes of memory was used up")
        self._table = Region(0)
        self._table = Region(8 * places)
        self._states = self._states.larger(room * self._width, found * self._width)
        self._parents = self._parents.larger(room * 4, found * 4)
        self._places = places
        self.set(Slot.TABLE, self._table.address)
        self.set(Slot.STATES, self._states.address)
        self.set(Slot.PARENTS, self._parents.address)
        self.set(Slot.MASK, places - 1)
        self.set(Slot.ROOM, room)

    def double(self, watch: Watch) -> None:
        """Twice the room. Raises Stopped as `enlarge` does."""
        self.enlarge(2 * self._places, watch)

    def put_aside(self, positions: Sequence[int]) -> None:
        """Adds an initial state to what is pending."""
        pending = self.get(Slot.PENDING)
        target = (ctypes.c_int64 * self.bits.words).from_address(self._out.address + pending * self._width)
        for index, word in enumerate(self.bits.pack(positions)):
            target[index] = word
        ctypes.c_uint32.from_address(self._from.address + 4 * pending).value = NONE
        self.set(Slot.PENDING, pending + 1)

    def positions(self, first: int, count: int) -> Iterator[list[int]]:
        """The positions of the cells of some states in a row."""
        words = self.bits.words
        content = (ctypes.c_int64 * (count * words)).from_address(self._states.address + first * self._width)[:]
        for start in range(0, len(content), words):
            yield self.bits.unpack(content[start : start + words])

    def parent(self, index: int) -> int:
        """The number of the state from which the state was first reached, or -1."""
        parent = ctypes.c_uint32.from_address(self._parents.address + 4 * index).value
        return -1 if parent == NONE else int(parent)


class States(Sequence[Packed]):
    """The states as another engine packs them; nothing but the store is kept."""

    def __init__(self, store: Store, packing: Packing) -> None:
        self._store = store
        self._packing = packing

    def __len__(self) -> int:
        return self._store.get(Slot.FOUND)

    @overload
    def __getitem__(self, index: int) -> Packed: ...

    @overload
    def __getitem__(self, index: slice) -> list[Packed]: ...

    def __getitem__(self, index: int | slice) -> Packed | list[Packed]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        (positions,) = self._store.positions(range(len(self))[index], 1)
        return self._packing.seal(positions)

    def __iter__(self) -> Iterator[Packed]:
        for first in range(0, len(self), CHUNK):
            for positions in self._store.positions(first, min(CHUNK, len(self) - first)):
                yield self._packing.seal(positions)


class Parents(Sequence[int]):
    """The number of each state's parent, or -1."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __len__(self) -> int:
        return self._store.get(Slot.FOUND)

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> list[int]: ...

    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return self._store.parent(range(len(self))[index])
