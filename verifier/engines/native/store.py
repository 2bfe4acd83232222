"""The memory of one native search, and the states in it as Python sees them.

States and parents are in the order in which they were found. They are only appended to, and read in that order, except
that the hash table of a system whose states are several words refers to them; so when the budget of memory does not
allow them any more, they go on in files. The hash table is looked up at random places and stays in memory.
"""

from __future__ import annotations

import ctypes
import time
from array import array
from collections.abc import Iterator, Sequence
from typing import overload

from verifier.engines.explicit.packing import Packed, Packing
from verifier.engines.native.bits import Bits
from verifier.engines.native.context import NONE, Slot
from verifier.engines.native.files import complaint, nameless_file, temporary_directory
from verifier.engines.native.lines import whole_lines
from verifier.engines.native.machine_code import MachineCode, rest
from verifier.engines.native.memory import Array, Region
from verifier.engines.native.table import LATEST
from verifier.engines.watch import INTERVAL, Stopped, Watch, memory_resident, memory_used, memory_used_up

CHUNK = 1024
"""How many states are decoded at a time when all of them are."""

MARKS = 1 << 20
"""How many states' marks are looked through at a time."""

LEAST = 1 << 16
"""How many more states a file gets room for, at least."""

Load = tuple[int, int]

USUAL: Load = (17, 20)
"""How much of a table is used before it grows."""

FULLEST: Load = (15, 16)
"""The same where there is no memory for a larger one."""

LARGE = 1 << 22
"""A table of so many places or more grows by a half at a time, a smaller one to twice its size."""


class Store:
    """Everything the kernel works on. `aside` is how many successors can be pending, `events` how many there are.

    `arrays` have an element for each state, those in `aside` one for each pending successor. `fired` has the number of
    transitions by each of the `actions`.
    """

    def __init__(self, bits: Bits, aside: int, events: int, actions: int = 0) -> None:
        self.bits = bits
        self.context = (ctypes.c_int64 * len(Slot))()
        self.first = array("I", [NONE] * (events + 1))
        self.fired = array("q", [0] * (actions + 1))
        self._width = 8 * bits.words
        self._states, self._parents, self._idle = Array(self._width), Array(4), Array(1)
        self._out, self._from, self._hashes = Array(self._width), Array(4), Array(8)
        self.arrays = {"states": self._states, "parents": self._parents, "idle": self._idle}
        self.aside = {"out": self._out, "from": self._from, "hashes": self._hashes}
        self._latest = Region(self._width << LATEST)
        ctypes.memset(self._latest.address, 0xFF, self._latest.size)
        self.set(Slot.LATEST, self._latest.address)
        self._table = Region(0)
        self._places = 0
        self._load = USUAL
        self._where = ""
        self._released = time.monotonic()
        for slot, pending in ((Slot.OUT, self._out), (Slot.FROM, self._from), (Slot.HASHES, self._hashes)):
            pending.reserve(aside, 0)
            self.set(slot, pending.address)
        self.set(Slot.FIRST, self.first.buffer_info()[0])
        self.set(Slot.FIRED, self.fired.buffer_info()[0])

    def get(self, slot: Slot) -> int:
        return self.context[slot]

    def set(self, slot: Slot, value: int) -> None:
        self.context[slot] = value

    @property
    def in_files(self) -> bool:
        """Whether states and parents are in files."""
        return all(states.file is not None for states in self.arrays.values())

    def enlarge(self, places: int, watch: Watch) -> None:
        """A table of so many places or, if what is pending needs it, more, the new ones free; and room for the states.

        Raises Stopped if the budget of memory does not allow it, or if the disk has no room for the states.
        """
        places, load = self._choice(whole_lines(max(1, places)), watch)
        found = self.get(Slot.FOUND)
        if _part(places, load) >= NONE:
            raise Stopped(f"there are more than {found} states, and no numbers for many more")
        if not self._allowed(places, watch):
            assert watch.budget.memory is not None
            raise Stopped(memory_used_up(watch.budget.memory))
        if not self.in_files and not self._allowed(places, watch, in_memory=True):
            self._to_files()
        self._table.enlarge(8 * places)
        self._places, self._load = places, load
        self._make_room()

    def fill(self, code: MachineCode) -> None:
        """Puts all states into the table, whatever is in it; `code` is that of the table."""
        # Memory that the process has already is emptied faster than new memory is made.
        ctypes.memset(self._table.address, 0, 8 * self._places)
        code.function("rehash", None)(ctypes.addressof(self.context))

    def grow(self, watch: Watch, code: MachineCode) -> None:
        """Room for what is pending, and more; `code` is that of the table.

        Where there is no memory for a larger table, the one that there is gets fuller. Raises Stopped as `enlarge`.
        """
        if self._needed() > _part(self._places, self._load):
            before = self._places
            places, load = self._choice(before, watch)
            if places != before:
                self.enlarge(places, watch)
                if places >= LARGE:
                    rest()
                spread = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)(code.address("spread"))
                if not spread(ctypes.addressof(self.context), before):
                    self.fill(code)
                return
            self._load = load
        self._make_room()

    def release(self, watch: Watch) -> None:
        """Takes pages of files out of memory once the process has as much there as the budget allows.

        To be called often; it looks now and then.
        """
        now = time.monotonic()
        if not self.in_files or now - self._released < INTERVAL:
            return
        self._released = now
        if watch.budget.memory is not None and memory_resident() > watch.budget.memory:
            for states in self.arrays.values():
                states.release()

    def use_files(self, files: Sequence[int], where: str) -> None:
        """`arrays` are in these files from now on, with what is in them; `where` is for messages. Raises OSError."""
        self._where = where
        for states, file in zip(self.arrays.values(), files, strict=True):
            states.take_file(file)

    def drop_table(self) -> None:
        """Gives the hash table back: nothing will be looked up any more."""
        self._table = Region(0)

    def all_parents(self) -> memoryview:
        """The number of each state's parent, or NONE, as they are until room is made."""
        return self._parents.content(0, self.get(Slot.FOUND)).cast("I")

    def idle(self) -> int:
        """In how many states no step of the protocol is possible, once all of them have been taken up."""
        return sum(marks.count(1) for _, marks in self._marks())

    def idle_states(self) -> Iterator[int]:
        """The numbers of those states."""
        for start, marks in self._marks():
            index = marks.find(1)
            while index >= 0:
                yield start + index
                index = marks.find(1, index + 1)

    def _marks(self) -> Iterator[tuple[int, bytes]]:
        """The marks of all states, some at a time, each time with the number of the first."""
        found = self.get(Slot.FOUND)
        for start in range(0, found, MARKS):
            yield start, bytes(self._idle.content(start, min(found, start + MARKS)))

    def move_to(self, files: Sequence[int], where: str) -> None:
        """`arrays` go on in these files, which are empty; `where` is for messages. Raises OSError."""
        self._where = where
        found = self.get(Slot.FOUND)
        for states, file in zip(self.arrays.values(), files, strict=True):
            states.to_file(file, found)
        self._publish()

    def _needed(self) -> int:
        return self.get(Slot.FOUND) + self.get(Slot.PENDING)

    def _choice(self, places: int, watch: Watch) -> tuple[int, Load]:
        """The size of table for what is there and pending, not less than `places`, and how full it may get."""
        while _part(places, USUAL) < self._needed():
            larger = 2 * places if places < LARGE else whole_lines(places + places // 2)
            if _part(places, FULLEST) >= self._needed() and not self._allowed(larger, watch):
                return places, FULLEST
            places = larger
        return places, USUAL

    def _allowed(self, places: int, watch: Watch, in_memory: bool = False) -> bool:
        """Whether the budget has memory for a table of so many places, and for its states in memory if they are to be.

        A table grows where it is. More room for states is counted as if they were in memory twice for a moment.
        """
        if watch.budget.memory is None:
            return True
        width = sum(states.width for states in self.arrays.values() if states.file is None)
        states = _part(places, USUAL) if in_memory else -self.get(Slot.FOUND)
        return memory_used() + 8 * places - self._table.size + states * width <= watch.budget.memory

    def _make_room(self) -> None:
        """Room in memory for as many states as the table may hold; in files only for some more than there are."""
        found, needed, most = self.get(Slot.FOUND), self._needed(), _part(self._places, self._load)
        if not self.in_files:
            try:
                for states in self.arrays.values():
                    states.reserve(most, found)
            except MemoryError:
                self._to_files()
        try:
            for states in self.arrays.values():
                if states.room < needed:
                    states.reserve(min(most, needed + max(LEAST, needed // 4)), found)
        except OSError as error:
            raise Stopped(complaint(error, self._where)) from None
        self._publish()

    def _publish(self) -> None:
        """Tells the kernel where everything is, and how much there is room for."""
        most = _part(self._places, self._load)
        self.set(Slot.TABLE, self._table.address)
        self.set(Slot.PLACES, self._places)
        self.set(Slot.STATES, self._states.address)
        self.set(Slot.PARENTS, self._parents.address)
        self.set(Slot.IDLE, self._idle.address)
        self.set(Slot.ROOM, min(most, *(states.room for states in self.arrays.values())))

    def _to_files(self) -> None:
        """States and parents go into temporary files. Raises Stopped if there is no disk, or no room on it."""
        self._where = temporary_directory()
        found = self.get(Slot.FOUND)
        try:
            for states in self.arrays.values():
                if states.file is None:
                    states.to_file(nameless_file(), found)
        except OSError as error:
            raise Stopped(f"there is no more memory, and no disk: {complaint(error, self._where)}") from None

    def put_aside(self, positions: Sequence[int]) -> None:
        """Adds an initial state to what is pending."""
        pending = self.get(Slot.PENDING)
        self._out.content(pending, pending + 1).cast("q")[:] = array("q", self.bits.pack(positions))
        self._from.content(pending, pending + 1).cast("I")[0] = NONE
        self.set(Slot.PENDING, pending + 1)

    def positions(self, first: int, count: int) -> Iterator[list[int]]:
        """The positions of the cells of some states in a row."""
        words = self.bits.words
        content = self._states.content(first, first + count).cast("q").tolist()
        for start in range(0, len(content), words):
            yield self.bits.unpack(content[start : start + words])

    def parent(self, index: int) -> int:
        """The number of the state from which the state was first reached, or -1."""
        parent: int = self._parents.content(index, index + 1).cast("I")[0]
        return -1 if parent == NONE else parent


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


def _part(places: int, load: Load) -> int:
    """How many states a table of so many places may hold."""
    used, of = load
    return places * used // of
