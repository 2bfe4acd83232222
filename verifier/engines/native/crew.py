"""Threads that search together, and the memory that they share beside the store; for what they do see `shared`."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path
from threading import Thread

from verifier.engines.native.context import Slot, Status
from verifier.engines.native.kernel import BATCH, Kernel
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.memory import Region
from verifier.engines.native.shared import STRETCHES, Board, SharedKernel
from verifier.engines.native.store import Store
from verifier.engines.native.stretches import Parts
from verifier.engines.native.table import LATEST

USEFUL = 4
"""More threads than this would mostly wait for the one that puts states into the store."""

CROWD = 64
"""There are never more than so many."""

AGAIN = 4
"""A stretch has room for so many batches of successors that the table does not have, and for one state's more."""

MOST = 1 << 24
"""The most words that what is put aside for all stretches may take."""

PUBLISHED = (Slot.STATES, Slot.TABLE, Slot.PLACES, Slot.IDLE, Slot.MORE)
"""What every stretch has to know of the store."""


class Crew:
    """So many threads, the one that calls `run` among them, for the search that `kernel` and `code` are of.

    After `start` they work during every call of `run`, and wait between them. `close` ends them.
    """

    def __init__(self, kernel: Kernel, code: MachineCode, store: Store, threads: int) -> None:
        words = kernel.bits.words
        self.room = room_for(kernel)
        """How many states, at most, it needs room for when it says FULL."""
        self._store = store
        self._kept_alive = code
        self._latest = Region(threads * (8 * words << LATEST))
        self._forget()
        self._code = MachineCode(SharedKernel(_parts(kernel, code, store, self.room)).module)
        events, actions = len(store.first), len(store.fired)
        self._board = (ctypes.c_int64 * len(Board))()
        self._contexts = (ctypes.c_int64 * (len(Slot) * STRETCHES))()
        self._states = (ctypes.c_int64 * STRETCHES)()
        widths = {Slot.OUT: 8 * words, Slot.FROM: 4, Slot.HASHES: 8}
        self._aside = [{slot: Region(self.room * width) for slot, width in widths.items()} for _ in range(STRETCHES)]
        self._seen = [(ctypes.c_uint32 * events)() for _ in range(STRETCHES)]
        self._fired = [(ctypes.c_int64 * actions)() for _ in range(STRETCHES)]
        for number in range(STRETCHES):
            for slot, region in self._aside[number].items():
                self._set(number, slot, region.address)
            self._set(number, Slot.FIRST, ctypes.addressof(self._seen[number]))
            self._set(number, Slot.FIRED, ctypes.addressof(self._fired[number]))
        self._board[Board.ENDED] = 1 + Status.PAUSED
        self._board[Board.STORE] = ctypes.addressof(store.context)
        self._board[Board.CONTEXTS] = ctypes.addressof(self._contexts)
        self._board[Board.STATES] = ctypes.addressof(self._states)
        self._board[Board.LATEST] = self._latest.address
        self._lead = self._code.function("lead", ctypes.c_int64)
        self._work = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(self._code.address("work"))
        self._threads = [Thread(target=self._help, args=(n,), daemon=True) for n in range(1, threads)]

    def start(self) -> None:
        """Starts the threads; to be called once."""
        with suppress(RuntimeError):  # there may be no more threads to be had; then those that there are do
            for thread in self._threads:
                thread.start()

    def run(self) -> Status:
        """As the kernel's `run`, with nothing pending before and after. All threads have stopped when it returns.

        FULL means that there is no room for what a stretch leads to; nothing else tells how much that is.
        """
        for number in range(STRETCHES):
            for slot in PUBLISHED:
                self._set(number, slot, self._store.get(slot))
        # Python hears of an interrupt when this call is over, and nobody is at work on the store.
        status = Status(self._lead(ctypes.addressof(self._board)))
        if self._board[Board.HANDED] != self._board[Board.KEPT]:
            self._forget()
        return status

    def close(self) -> None:
        """Ends the threads."""
        self._board[Board.CLOSED] = 1
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _help(self, number: int) -> None:
        self._work(ctypes.addressof(self._board), number)

    def _forget(self) -> None:
        """Makes threads forget their latest successors: some of them did not come into the store."""
        ctypes.memset(self._latest.address, 0xFF, self._latest.size)

    def _set(self, stretch: int, slot: Slot, value: int) -> None:
        self._contexts[stretch * len(Slot) + slot] = value


def room_for(kernel: Kernel) -> int:
    """How many successors a stretch has room for."""
    return AGAIN * BATCH + kernel.successors


def threads_of(wanted: int | None, kernel: Kernel) -> int:
    """How many threads to search with; by itself, as many as there are processors for and are of use."""
    if STRETCHES * room_for(kernel) * kernel.bits.words > MOST:
        return 1
    if wanted is not None:
        return min(wanted, CROWD)
    return min(USEFUL, processors())


def processors() -> int:
    """How many of the machine's processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def idle_processor() -> bool:
    """Whether one of them has nothing to do just now; True where the system does not say."""
    try:
        running = Path("/proc/loadavg").read_text().split()[3].split("/")[0]
    except OSError:
        return True
    return int(running) <= processors() - 1


def _parts(kernel: Kernel, code: MachineCode, store: Store, room: int) -> Parts:
    events, words = kernel.events, kernel.bits.words
    return Parts(
        words=words,
        successors=kernel.successors,
        room=room,
        latest=8 * words << LATEST,
        take_up=code.address("take_up"),
        happened=code.address("happened"),
        found=code.address("found") if events.usual else 0,
        stepped=code.address("stepped") if events.usual_steps and not kernel.stepped_at_once else 0,
        failures=len(events.failures),
        usual=len(events.usual),
        events=len(events.claims),
        actions=len(store.fired) - 1,
    )
