"""The native search as Python sees it: the interface of `explicit.search.Search`, without symmetry."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterable, Sequence
from itertools import islice

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.native.behaviours import Behaviours
from verifier.engines.native.context import NONE, Slot, Status
from verifier.engines.native.kernel import BATCH, Kernel, events
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.store import Parents, States, Store
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch, interruptible
from verifier.system.system import Property

PLACES = 1 << 16
"""How many places the hash table has at first; a power of two."""

TURN = 0.02
"""Seconds that the kernel should take between two looks at the budget."""

ASIDE = 1 << 27
"""The most words that the successors of one state may need."""


class NativeSearch:
    """One search. After `run`, `shown` has a behaviour for every property that a state or a transition has decided.

    `states` are in the order in which they were found, decoded when they are asked for, and `parents` the number of the
    state that each was first reached from (or -1). `complete` tells that nothing reachable is missing. A search that
    ends early has finished with some states more than the one that decided it. `places` is the first size of the hash
    table. Raises NativeUnavailable where there cannot be machine code.
    """

    def __init__(self, program: Program, properties: Iterable[Property], watch: Watch, places: int = PLACES) -> None:
        self.shown: dict[str, Behaviour] = {}
        self._claims = tuple(properties)
        self._program = program
        self._watch = watch
        self._places = places
        self._events = events(program, self._claims)
        kernel = Kernel(program, self._events)
        aside = BATCH + kernel.successors
        if aside * kernel.bits.words > ASIDE:
            raise NativeUnavailable(f"a state may have {kernel.successors} successors")
        self._code = MachineCode(kernel.module)
        self._store = Store(kernel.bits, aside, len(self._events.claims))
        self.states: Sequence[Packed] = States(self._store, program.packing)
        self.parents: Sequence[int] = Parents(self._store)
        self.complete = False

    @property
    def transitions(self) -> int:
        return self._store.get(Slot.TRANSITIONS)

    @property
    def depth(self) -> int:
        return self._store.get(Slot.DEPTH)

    def run(self, whole: bool) -> None:
        """Searches until every property is decided, or to the end if `whole`. Raises Stopped."""
        with interruptible():
            try:
                self._search(whole)
            finally:
                self._show()

    def _search(self, whole: bool) -> None:
        store, watch = self._store, self._watch
        store.set(Slot.STOP, watch.budget.states if watch.budget.states is not None else NONE)
        store.set(Slot.OPEN, len(self._claims) + whole)
        store.enlarge(self._places, watch)
        self._start()
        run = self._code.function("run", ctypes.c_int64)
        turn = BATCH
        while store.get(Slot.OPEN):
            self._look()
            store.set(Slot.PAUSE, store.get(Slot.TAKEN) + turn)
            before = time.monotonic()
            status = Status(run(ctypes.addressof(store.context)))
            if status is Status.COMPLETE:
                self.complete = True
                return
            if status is Status.FULL:
                self._double()
            elif time.monotonic() - before < TURN / 2:
                turn *= 2
            elif time.monotonic() - before > TURN * 2:
                turn = max(1, turn // 2)

    def _start(self) -> None:
        """Puts the initial states into the store."""
        store = self._store
        insert = self._code.function("insert", None)
        initial = self._program.initial_states()
        while states := list(islice(initial, BATCH)):
            self._look()
            for state in states:
                store.put_aside(state)
            if store.get(Slot.FOUND) + len(states) > store.get(Slot.ROOM):
                self._double()
            insert(ctypes.addressof(store.context))
        store.set(Slot.LAYER, store.get(Slot.FOUND))

    def _double(self) -> None:
        self._store.double(self._watch)
        self._code.function("rehash", None)(ctypes.addressof(self._store.context))

    def _look(self) -> None:
        found, taken, depth = (self._store.get(slot) for slot in (Slot.FOUND, Slot.TAKEN, Slot.DEPTH))
        self._watch.look("search", found, self._store.get(Slot.TRANSITIONS), depth, found - taken)

    def _show(self) -> None:
        """Rebuilds a behaviour for every claim of which the kernel has seen the event."""
        behaviours = Behaviours(self._program, self.states, self.parents)
        for claim in self._claims:
            event = self._events.of.get(claim.name)
            if event is not None and self._store.first[event] != NONE:
                self.shown[claim.name] = behaviours.showing(claim, self._store.first[event])
