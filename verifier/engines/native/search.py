"""The native search as Python sees it: the interface of `explicit.search.Search`."""

from __future__ import annotations

import ctypes
import time
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from typing import cast

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.quotient import Key, Quotient
from verifier.engines.explicit.space import Space
from verifier.engines.explicit.vacuity import Finding
from verifier.engines.native.behaviours import Behaviours, OrbitBehaviours, Orbits
from verifier.engines.native.context import NONE, Slot, Status
from verifier.engines.native.crew import Crew, idle_processor, threads_of
from verifier.engines.native.keeping import Keeper
from verifier.engines.native.kernel import BATCH, STRETCH, Kernel, events
from verifier.engines.native.legality import illegal_state
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.store import Parents, States, Store
from verifier.engines.native.stuck import first_stuck
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.native.vacuity import findings
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.symmetry import NO_SYMMETRY, Symmetry
from verifier.system.system import Property

PLACES = 1 << 16
"""How many places the hash table has at first; a power of two."""

TURN = 0.02
"""Seconds that the kernel should take between two looks at the budget."""

LONG_TURN = 0.1
"""The same for several threads, which lose some time at its end."""

MANY = 1 << 18
"""With fewer states than this, one thread has found them before others could be of help."""

WIDE = 1 << 13
"""With fewer states than this to take up, threads would wait for one another."""

ASIDE = 1 << 27
"""The most words that the successors of one state may need."""


class NativeSearch:
    """One search. After `run`, `shown` has a behaviour for every property that a state or a transition has decided.

    `states` are in the order in which they were found, decoded when they are asked for, and `parents` the number of the
    state that each was first reached from (or -1). `complete` tells that nothing reachable is missing. A search that
    ends early has finished with some states more than the one that decided it. `places` is the first size of the hash
    table. If the watch's budget says where to keep what is found, the search goes on from there if it was begun before.
    Under a `symmetry`, there is one of all states that it makes equal, which stands for them; `keys` are the same as
    the `quotient` stores them. Raises NativeUnavailable where there cannot be machine code; so does `run`, if to tell
    which states are equal turns out to be too much work.
    """

    def __init__(
        self,
        program: Program,
        properties: Iterable[Property],
        watch: Watch,
        places: int = PLACES,
        symmetry: Symmetry = NO_SYMMETRY,
    ) -> None:
        self.shown: dict[str, Behaviour] = {}
        self._claims = tuple(properties)
        self._program = program
        self._watch = watch
        self._places = places
        self._events = events(program, self._claims)
        self._symmetry = symmetry
        kernel = Kernel(program, self._events, symmetry)
        aside = BATCH + kernel.successors
        if aside * kernel.bits.words > ASIDE:
            raise NativeUnavailable(f"a state may have {kernel.successors} successors")
        self._kernel = kernel
        self._code = MachineCode(kernel.module)
        self._threads = threads_of(watch.budget.threads, kernel)
        self._crew: Crew | None = None
        self._keeper = Keeper(watch.budget.keeping, program, self._claims, lambda: str(kernel.module))
        self._store = Store(kernel.bits, aside, len(self._events.claims), len(program.system.actions))
        self._too_much = array("q", [0])
        self._store.set(Slot.MORE, self._too_much.buffer_info()[0])
        self.quotient = Quotient(program, symmetry)
        self.states: Sequence[Packed] = States(self._store, program.packing)
        self.keys: Sequence[Key] = Orbits(self.states, self.quotient) if symmetry.orbits else self.states
        self.parents: Sequence[int] = Parents(self._store)
        self.complete = False

    @property
    def store(self) -> Store:
        """What was found, as machine code sees it."""
        return self._store

    @property
    def space(self) -> Space:
        """What was found, for engines that go on from it."""
        # A Space is only written to by the plain search; for everyone else these do as a list and an array.
        states, parents = cast(list[Key], self.keys), cast("array[int]", self.parents)
        return Space(self._program, self.quotient, states, parents, self.transitions, self.depth, self.complete)

    @property
    def transitions(self) -> int:
        return self._store.get(Slot.TRANSITIONS)

    @property
    def fired(self) -> tuple[int, ...]:
        """How many transitions there are by each action of the system, so far."""
        return tuple(self._store.fired[: len(self._program.system.actions)])

    @property
    def depth(self) -> int:
        return self._store.get(Slot.DEPTH)

    def run(self, whole: bool) -> None:
        """Searches until every property is decided, or to the end if `whole`.

        Raises Stopped, and CheckpointError if what was kept cannot be used.
        """
        try:
            with interruptible():
                try:
                    self._search(whole)
                finally:
                    if self._crew is not None:
                        self._crew.close()
                    self._show()
        except Stopped as stopped:
            raise self._keeper.stopped(str(stopped), self._store) from None
        with suppress(Stopped):  # nothing is lost: the search has ended
            self._keeper.renew(self._store, ended=True)

    def find_stuck(self, watch: Watch) -> Behaviour | None:
        """After a complete search, the shortest behaviour to a stuck state. Raises Stopped and NativeUnavailable."""
        with interruptible():
            index = first_stuck(self._program, self._store, self.states, watch, self._symmetry)
            return None if index is None else self._behaviours().to(index)

    def findings(self, claims: Iterable[Property], watch: Watch) -> tuple[Finding, ...]:
        """After a complete search, what in it is without effect. Raises Stopped and NativeUnavailable."""
        with interruptible():
            return findings(self._program, self._store, self.states, claims, watch)

    def _search(self, whole: bool) -> None:
        store, watch = self._store, self._watch
        store.set(Slot.STOP, watch.budget.states if watch.budget.states is not None else NONE)
        if self._keeper.begin(store, lambda: illegal_state(store, self._program.interpreter.layout)):
            store.enlarge(self._places, watch)
            store.fill(self._code)
        else:
            store.enlarge(self._places, watch)
            self._start()
        decided = sum(n for n, first in zip(self._events.claims, store.first, strict=False) if first != NONE)
        store.set(Slot.OPEN, len(self._claims) + whole - decided)
        run = self._code.function("run", ctypes.c_int64)
        turn = BATCH
        while store.get(Slot.OPEN):
            self._look()
            self._keeper.renew(store)
            store.release(watch)
            pause = store.get(Slot.TAKEN) + turn
            store.set(Slot.PAUSE, pause + -pause % STRETCH)  # where nothing is pending
            crew = self._helpers()
            wanted = TURN if crew is None else LONG_TURN
            before = time.monotonic()
            status = crew.run() if crew is not None else Status(run(ctypes.addressof(store.context)))
            self._confirm()
            if status is Status.COMPLETE:
                self.complete = True
                store.drop_table()
                return
            if status is Status.FULL:
                self._grow(0 if crew is None else crew.room)
            elif time.monotonic() - before < wanted / 2:
                turn *= 2
            elif time.monotonic() - before > wanted * 2:
                turn = max(1, turn // 2)

    def _start(self) -> None:
        """Puts the initial states into the store."""
        store = self._store
        insert = self._code.function("insert", None)
        if self._symmetry.orbits:
            kinds = (ctypes.c_void_p, ctypes.c_int64)
            canonise = ctypes.CFUNCTYPE(None, *kinds)(self._code.address("canonise_pending"))
        initial = self._program.initial_states()
        while states := list(islice(initial, BATCH)):
            self._look()
            for state in states:
                store.put_aside(state)
            if store.get(Slot.FOUND) + len(states) > store.get(Slot.ROOM):
                self._grow()
            if self._symmetry.orbits:
                canonise(ctypes.addressof(store.context), 0)
                self._confirm()
            insert(ctypes.addressof(store.context))
        store.set(Slot.LAYER, store.get(Slot.FOUND))

    def _helpers(self) -> Crew | None:
        """The threads to search with now; None if this one does better alone.

        Where nobody says how many, they are not begun while all processors are busy: they would wait for one another.
        """
        store = self._store
        found = store.get(Slot.FOUND)
        if self._threads == 1 or found < MANY or found - store.get(Slot.TAKEN) < WIDE or store.get(Slot.PENDING):
            return None
        if self._crew is None:
            if self._watch.budget.threads is None and not idle_processor():
                return None
            self._crew = Crew(self._kernel, self._code, store, self._threads)
            self._crew.start()
        return self._crew

    def _confirm(self) -> None:
        """Raises NativeUnavailable if states were not replaced by canonical ones."""
        if self._too_much[0]:
            raise NativeUnavailable("interchangeable members are hard to tell apart")

    def _behaviours(self) -> Behaviours | OrbitBehaviours:
        if self._symmetry.orbits:
            return OrbitBehaviours(self.space)
        return Behaviours(self._program, self.states, self.parents)

    def _grow(self, more: int = 0) -> None:
        """Makes room for what is pending, and for so many states more."""
        store = self._store
        pending = store.get(Slot.PENDING)
        store.set(Slot.PENDING, pending + more)
        try:
            store.grow(self._watch, self._code)
        finally:
            store.set(Slot.PENDING, pending)

    def _look(self) -> None:
        store = self._store
        found, taken, layer, depth = (store.get(slot) for slot in (Slot.FOUND, Slot.TAKEN, Slot.LAYER, Slot.DEPTH))
        if store.get(Slot.PENDING) or (taken % STRETCH and taken != layer):
            found = min(found, store.get(Slot.STOP))  # a stretch is finished before its states are counted
        self._watch.look("search", found, store.get(Slot.TRANSITIONS), depth, store.get(Slot.FOUND) - taken)

    def _show(self) -> None:
        """Rebuilds a behaviour for every claim of which the kernel has seen the event."""
        behaviours = self._behaviours()
        for claim in self._claims:
            event = self._events.of.get(claim.name)
            if event is not None and self._store.first[event] != NONE:
                self.shown[claim.name] = behaviours.showing(claim, self._store.first[event])
