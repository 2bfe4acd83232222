"""What a search by counts has found, and how its keys are written at present.

Keys are written with as few bits as do for the numbers there are. When one does not fit, all are written anew.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.quotient import Key, Quotient
from verifier.engines.native.arrays import Numbers
from verifier.engines.native.bits import Bits
from verifier.engines.native.context import Slot
from verifier.engines.native.counting.desk import (
    ASIDE,
    CHANGED,
    COUNT_BITS,
    GROUP,
    GROUPS,
    INSERT,
    NEW,
    NEW_ROW,
    REST,
    REST_BITS,
    RESTS,
    ROW_BITS,
    ROWS,
    WORDS,
    Desk,
)
from verifier.engines.native.counting.keys import pack, unpack
from verifier.engines.native.counting.patterns import Patterns
from verifier.engines.native.counting.routines import compiled_recode, connect
from verifier.engines.native.counting.shape import Pattern, Shape
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.store import Store
from verifier.engines.native.table import Table
from verifier.engines.watch import Watch

FIRST_WIDTHS = 2, 8, 4
"""Words of a key, bits of the number of a rest and of a row, to begin with."""

CHUNK = 1024
"""How many keys are read at a time when all of them are."""

KEPT = (Slot.FOUND, Slot.TAKEN, Slot.LAYER, Slot.DEPTH, Slot.TRANSITIONS, Slot.OPEN, Slot.STOP, Slot.PAUSE)
"""What a new store takes over from the one before, besides states."""


class KeyWords(Bits):
    """Keys in a store: they are packed already."""

    def __init__(self, words: int, rest_bits: int, row_bits: int) -> None:
        self.words = words
        self.widths = words, rest_bits, row_bits

    def pack(self, positions: Sequence[int]) -> list[int]:
        return list(positions)

    def unpack(self, words: Sequence[int]) -> list[int]:
        return list(words)


class Ledger:
    """The memory of one search; `store` is another one after keys have been written anew."""

    def __init__(self, shape: Shape, desk: Desk, aside: int, events: int, actions: int, most: int) -> None:
        """`aside` is how many successors can be pending, `events` and `actions` are how many there are, `most` a
        count."""
        self.shape = shape
        self.rows, self.rests = Patterns(shape.row_words), Patterns(shape.rest_words)
        self.numbers = desk.filled()
        self.desk = self.numbers.view
        self.desk[ASIDE] = aside
        connect(self.desk)
        self._group, self._new = desk.at(GROUP), desk.at(NEW)
        self._sizes = aside, events, actions
        self._recode = compiled_recode()
        self.desk[COUNT_BITS] = most.bit_length()
        self._set_widths(*FIRST_WIDTHS)
        self._table = self._compiled_table()
        self.store = self._new_store(*FIRST_WIDTHS)
        self.share_patterns()

    @property
    def words(self) -> int:
        return self.desk[WORDS]

    def share_patterns(self) -> None:
        """Tells the kernel where patterns are, and makes room for more where it is scarce. Raises MemoryError."""
        for place, patterns in ((ROWS, self.rows), (RESTS, self.rests)):
            if patterns.scarce:
                patterns.enlarge()
            self.desk[place] = patterns.numbers.address

    def another_desk(self, desk: Desk) -> Numbers:
        """A desk for other code that reads and writes the keys as they are at present."""
        made = desk.filled()
        connect(made.view)
        for place in (WORDS, REST_BITS, ROW_BITS, COUNT_BITS, ROWS, RESTS, ASIDE):
            made.view[place] = self.desk[place]
        return made

    def put_aside(self, rest: Pattern, rows: Mapping[Pattern, int], watch: Watch) -> None:
        """Adds the key of an initial state to what is pending. Raises Stopped."""
        number = self.rests.number(rest)
        new = self._new
        for row, count in sorted((self.rows.number(row), count) for row, count in rows.items()):
            self.desk[new], self.desk[new + 1] = row, count
            new += NEW_ROW
        self.desk[CHANGED] = len(rows)
        key = [0] * self.words
        while pack(self.desk, number, key, 0, 1):
            self.widen(watch)
            key = [0] * self.words
        self.store.put_aside(key)

    def read(self, key: Sequence[int]) -> tuple[int, dict[int, int]]:
        """The number of the key's rest, and how many blocks have each row, by the numbers of rows."""
        unpack(self.desk, list(key), 0)
        group = range(self._group, self._group + 2 * self.desk[GROUPS], 2)
        return self.desk[REST], {self.desk[place]: self.desk[place + 1] for place in group}

    def insert(self, watch: Watch) -> None:
        """Looks up what is pending. Raises Stopped."""
        store = self.store
        if store.get(Slot.FOUND) + store.get(Slot.PENDING) > store.get(Slot.ROOM):
            self.grow(watch)
        self._table.function("insert", None)(ctypes.addressof(store.context))

    def grow(self, watch: Watch) -> None:
        """Makes room for what is pending. Raises Stopped."""
        self.store.grow(watch, self._table)

    def fill(self) -> None:
        """Puts all keys into the table, which is empty."""
        self.store.fill(self._table)

    def besides(self) -> dict[str, list[int]]:
        """What keys mean, for a checkpoint: how they are written, and all patterns in order."""
        widths = self.store.bits.widths if isinstance(self.store.bits, KeyWords) else FIRST_WIDTHS
        return {
            "widths": list(widths),
            **{
                name: [word for number in range(len(patterns)) for word in patterns[number]]
                for name, patterns in (("rows", self.rows), ("rests", self.rests))
            },
        }

    def restore(self, besides: Mapping[str, Sequence[int]]) -> bool:
        """Takes up what `besides` gave, with an empty store; False if that cannot be. The ledger has to be new."""
        words, rest_bits, row_bits = besides["widths"]
        self._set_widths(words, rest_bits, row_bits)
        for patterns, width, flat in (
            (self.rows, self.shape.row_words, besides["rows"]),
            (self.rests, self.shape.rest_words, besides["rests"]),
        ):
            for number, start in enumerate(range(0, len(flat), width)):
                if patterns.number(tuple(flat[start : start + width])) != number:
                    return False
        self.share_patterns()
        self._table = self._compiled_table()
        self.store = self._new_store(words, rest_bits, row_bits)
        return True

    def widen(self, watch: Watch) -> None:
        """Writes all keys anew, with bits for all rows and rests there are, or with a word more. Raises Stopped."""
        self.insert(watch)
        before = words, rest_bits, row_bits = self.words, self.desk[REST_BITS], self.desk[ROW_BITS]
        wider = max(len(self.rests).bit_length(), rest_bits), max(len(self.rows).bit_length(), row_bits)
        words += wider == (rest_bits, row_bits)
        while not self._rewritten(words, *wider, watch):
            self._set_widths(*before)
            words += 1

    def _rewritten(self, words: int, rest_bits: int, row_bits: int, watch: Watch) -> bool:
        """Whether the keys could be written like this; then they are."""
        old = self.store
        found = old.get(Slot.FOUND)
        new = self._new_store(words, rest_bits, row_bits)
        for slot in KEPT:
            new.set(slot, old.get(slot))
        new.enlarge(old.get(Slot.PLACES), watch)
        start, target = old.get(Slot.STATES), new.get(Slot.STATES)
        if self._recode(self.numbers, start, target, found, words, rest_bits, row_bits):
            return False
        ctypes.memmove(new.get(Slot.PARENTS), old.get(Slot.PARENTS), 4 * found)
        ctypes.memmove(new.get(Slot.IDLE), old.get(Slot.IDLE), found)
        new.first[:], new.fired[:] = old.first, old.fired
        self.store = new
        self._table = self._compiled_table()
        self.fill()
        return True

    def _new_store(self, words: int, rest_bits: int, row_bits: int) -> Store:
        return Store(KeyWords(words, rest_bits, row_bits), *self._sizes)

    def _set_widths(self, words: int, rest_bits: int, row_bits: int) -> None:
        self.desk[WORDS], self.desk[REST_BITS], self.desk[ROW_BITS] = words, rest_bits, row_bits

    def _compiled_table(self) -> MachineCode:
        module = ir.Module("table")
        Table(module, self.words, None, None)
        code = MachineCode(module)
        self.desk[INSERT] = code.address("insert")
        return code


class Keys(Sequence[Key]):
    """The states that were found, as the quotient stores them."""

    def __init__(self, ledger: Ledger, quotient: Quotient) -> None:
        self._ledger = ledger
        self._quotient = quotient
        self._rows: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return self._ledger.store.get(Slot.FOUND)

    @overload
    def __getitem__(self, index: int) -> Key: ...

    @overload
    def __getitem__(self, index: slice) -> list[Key]: ...

    def __getitem__(self, index: int | slice) -> Key | list[Key]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        (words,) = self._ledger.store.positions(range(len(self))[index], 1)
        return self._key(words)

    def __iter__(self) -> Iterator[Key]:
        for first in range(0, len(self), CHUNK):
            for words in self._ledger.store.positions(first, min(CHUNK, len(self) - first)):
                yield self._key(words)

    def _key(self, words: list[int]) -> Key:
        rest, counts = self._ledger.read(words)
        rows = {self._row(number): count for number, count in counts.items()}
        return self._quotient.counted_key(self._ledger.shape.rest_values(self._ledger.rests[rest]), rows)

    def _row(self, number: int) -> tuple[int, ...]:
        if number not in self._rows:
            self._rows[number] = self._ledger.shape.row_values(self._ledger.rows[number])
        return self._rows[number]


class Parents(Sequence[int]):
    """The number of each state's parent, or -1."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __len__(self) -> int:
        return self._ledger.store.get(Slot.FOUND)

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> list[int]: ...

    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return self._ledger.store.parent(range(len(self))[index])
