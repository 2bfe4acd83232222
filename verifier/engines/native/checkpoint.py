"""What a native search keeps on the disk, so that it goes on from there after it was stopped or killed.

Each search has a directory, named by what it searches for in what: the files `states` and `parents`, to which it only
appends, and `checkpoint.json`, which says how much of them counts, where the search was, and the checksums of all that.
A new `checkpoint.json` takes the place of the old one in one step, after what it speaks of is on the disk. So whenever
the process ends, the directory holds a checkpoint that is whole. Where all states are written anew, they go to new
files, and the old ones are removed when a header speaks of the new. The hash table is not kept; it is filled again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from verifier.engines.native.context import NONE, Slot
from verifier.engines.native.files import complaint
from verifier.engines.native.store import Store
from verifier.engines.verdict import CheckpointError, Keeping
from verifier.engines.watch import Stopped

FORMAT = 1
HEADER = "checkpoint.json"

KEPT = (Slot.FOUND, Slot.TAKEN, Slot.LAYER, Slot.DEPTH, Slot.TRANSITIONS, Slot.PENDING)
"""Where the search is."""

MADE_AGAIN = frozenset(
    {Slot.STATES, Slot.PARENTS, Slot.IDLE, Slot.TABLE, Slot.PLACES, Slot.ROOM, Slot.OUT, Slot.FROM, Slot.HASHES}
    | {Slot.FIRST, Slot.FIRED, Slot.LATEST, Slot.LIVELY, Slot.MORE, Slot.OPEN, Slot.STOP, Slot.PAUSE}
)
"""Addresses, and what follows from the budget and from the rest."""

UNTIL = {"states": Slot.FOUND, "parents": Slot.FOUND, "idle": Slot.TAKEN}
"""Up to where the elements of each array will not change any more."""

SELDOM = 20
"""Writing a checkpoint takes at most about one part in so many of a search's time."""

PART = 1 << 24
"""Bytes that are read at a time."""


def identity(parts: Iterable[str]) -> str:
    """What tells one search from another: all that its states, their order and what is looked for depend on."""
    return str(_digest("\0".join(parts).encode()).hexdigest())


More = Mapping[str, list[int]]
"""What a search has to keep besides what is in its store."""

NOTHING: More = MappingProxyType({})


class Checkpoint:
    """The directory of one search, in that of its `run`. `states` is how many states the last checkpoint has."""

    def __init__(self, keeping: Keeping, search: str) -> None:
        self.run = keeping.directory
        self.directory = self.run / search[:16]
        self.states = 0
        self._search = search
        self._store: Store | None = None
        """What the files are of; another store gets files of another generation."""
        self._generation = 0
        self._seconds = keeping.seconds
        self._due = time.monotonic() + keeping.seconds
        self._sums: dict[str, tuple[Any, int]] = {}
        """For each array, the checksum of its first elements, and how many these are."""

    @property
    def due(self) -> bool:
        """Whether it is time for the next one."""
        return time.monotonic() >= self._due

    @property
    def exists(self) -> bool:
        """Whether the search was begun before."""
        return self.directory.exists()

    def begin(self, store: Store) -> None:
        """An empty checkpoint, and the files that the store is in from now on. Raises Stopped."""
        new = self.directory.with_suffix(".new")
        try:
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            self._forget(store)
            self._put(self._header(store, empty=True), new)
            for name in self._names(store):
                (new / name).touch()
            os.rename(new, self.directory)
            _sync(self.directory.parent)
            self._use_files(store)
        except OSError as error:
            raise Stopped(complaint(error, str(self.directory))) from None

    def write(self, store: Store, more: More = NOTHING) -> None:
        """Keeps all that the store holds now, and `more`.

        Raises Stopped where that cannot be done; then the last one is whole.
        """
        before = time.monotonic()
        try:
            if store is not self._store:
                self._adopt(store)
            for name, states in store.arrays.items():
                summed, start = self._sums[name]
                stop = store.get(UNTIL[name])
                states.flush(start, stop)
                self._sums[name] = _added(summed, states.content(start, stop)), stop
            self._put(self._header(store, more), self.directory)
            self._tidy(store)
        except OSError as error:
            raise Stopped(complaint(error, str(self.directory))) from None
        self.states = store.get(Slot.FOUND)
        now = time.monotonic()
        self._due = now + max(self._seconds, SELDOM * (now - before))

    def more(self) -> More:
        """What the last checkpoint has besides what a store holds. Raises CheckpointError."""
        return dict(self._get()["more"])

    def read(self, store: Store) -> bool:
        """Puts the search where it was; False if that is its very beginning.

        The table has to be made and filled after that. Raises CheckpointError, or Stopped if a file cannot be used.
        """
        header = self._get()
        slots = header["slots"]
        self._generation = header["generation"]
        for name, states in zip(self._names(store), store.arrays.values(), strict=True):
            file, size = self.directory / name, slots["FOUND"] * states.width
            self._require(file.is_file(), f"the file {name} is missing")
            self._require(file.stat().st_size >= size, f"the file {name} is cut short")
        try:
            self._use_files(store)
        except OSError as error:
            raise Stopped(complaint(error, str(self.directory))) from None
        self._forget(store)
        for name, states in store.arrays.items():
            stop = slots[UNTIL[name].name]
            summed = _added(_digest(), states.content(0, stop))
            self._require(summed.hexdigest() == header["sums"][name], f"the file {name} was changed")
            self._sums[name] = summed, stop
        for slot in KEPT:
            store.set(slot, slots[slot.name])
        for name, numbers in _numbers(store).items():
            numbers[:] = array(numbers.typecode, header["numbers"][name])
        for name, pending in store.aside.items():
            pending.content(0, slots["PENDING"])[:] = bytes.fromhex(header["aside"][name])
        self.states = slots["FOUND"]
        return self.states > 0

    def refuse(self, what: str) -> CheckpointError:
        """The checkpoint cannot be used; what is wrong with it."""
        return CheckpointError(f"the checkpoint in {self.directory} cannot be used: {what}")

    def _forget(self, store: Store) -> None:
        self._sums = {name: (_digest(), 0) for name in store.arrays}

    def _names(self, store: Store) -> list[str]:
        """What the files of the store's arrays are called."""
        return [f"{name}.{self._generation}" if self._generation else name for name in store.arrays]

    def _use_files(self, store: Store) -> None:
        files = [os.open(self.directory / name, os.O_RDWR | os.O_CLOEXEC) for name in self._names(store)]
        store.use_files(files, str(self.directory))
        self._store = store

    def _adopt(self, store: Store) -> None:
        """Moves a store into files of its own. Raises OSError; then it is where it was, in part."""
        self._generation += 1
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        files = [os.open(self.directory / name, flags, 0o666) for name in self._names(store)]
        store.move_to(files, str(self.directory))
        self._forget(store)
        self._store = store

    def _tidy(self, store: Store) -> None:
        """Removes files that no checkpoint speaks of any more."""
        for file in self.directory.iterdir():
            if file.name not in (HEADER, *self._names(store)):
                file.unlink(missing_ok=True)

    def _header(self, store: Store, more: More = NOTHING, empty: bool = False) -> dict[str, Any]:
        assert set(KEPT) | MADE_AGAIN == set(Slot), "a checkpoint has to know what becomes of every slot"
        pending = 0 if empty else store.get(Slot.PENDING)
        return {
            "format": FORMAT,
            "search": self._search,
            "slots": {slot.name: 0 if empty else store.get(slot) for slot in KEPT},
            "numbers": {name: numbers.tolist() for name, numbers in _numbers(store).items()},
            "aside": {name: bytes(waiting.content(0, pending)).hex() for name, waiting in store.aside.items()},
            "generation": self._generation,
            "more": dict(more),
            "sums": {name: summed.hexdigest() for name, (summed, _) in self._sums.items()},
        }

    def _put(self, header: dict[str, Any], directory: Path) -> None:
        """The header as a file, with its own checksum, in place of an older one. Raises OSError."""
        temporary = directory / f"{HEADER}.new"
        with open(temporary, "w", encoding="ascii") as file:
            json.dump({**header, "sum": _sum(header)}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, directory / HEADER)
        _sync(directory)

    def _get(self) -> dict[str, Any]:
        """The header, if it is whole and of this search. Raises CheckpointError."""
        try:
            header = json.loads((self.directory / HEADER).read_bytes())
            summed = header.pop("sum")
        except FileNotFoundError:
            raise self.refuse(f"{HEADER} is missing") from None
        except OSError as error:
            raise self.refuse(complaint(error, HEADER)) from None
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            raise self.refuse(f"{HEADER} is damaged") from None
        self._require(summed == _sum(header), f"{HEADER} was changed")
        self._require(header["format"] == FORMAT, f"its format is {header['format']}, and only {FORMAT} is known")
        self._require(header["search"] == self._search, "it is of another search")
        slots = header["slots"]
        ordered = 0 <= slots["TAKEN"] <= slots["LAYER"] <= slots["FOUND"] < NONE
        self._require(ordered, "it speaks of more states than there are")
        return dict(header)

    def _require(self, condition: bool, what: str) -> None:
        if not condition:
            raise self.refuse(what)


def _numbers(store: Store) -> dict[str, array[int]]:
    """What the kernel counts and notes besides, in place."""
    return {"first": store.first, "fired": store.fired}


def _digest(data: bytes = b"") -> Any:
    return hashlib.blake2b(data, digest_size=32)


def _sum(header: dict[str, Any]) -> str:
    return str(_digest(json.dumps(header, sort_keys=True).encode()).hexdigest())


def _added(summed: Any, content: memoryview) -> Any:
    """The checksum of what was summed and, after it, the content."""
    longer = summed.copy()
    for start in range(0, len(content), PART):
        longer.update(content[start : start + PART])
    return longer


def _sync(directory: Path) -> None:
    """Waits until the names in a directory are on the disk."""
    file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
