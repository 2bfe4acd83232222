"""The search by counts as Python sees it: the interface of `explicit.search.Search` under a symmetry."""

from __future__ import annotations

import ctypes
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice, product
from typing import cast

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.quotient import Key, Quotient
from verifier.engines.explicit.space import Space
from verifier.engines.explicit.vacuity import Finding
from verifier.engines.native.behaviours import OrbitBehaviours
from verifier.engines.native.context import NONE, Slot, Status
from verifier.engines.native.counting.desk import CROWDED, FINE, FULL, LACKING, SHORT, STATUS, UNCOUNTABLE
from verifier.engines.native.counting.kernel import HALTED, Kernel
from verifier.engines.native.counting.ledger import Keys, Ledger, Parents
from verifier.engines.native.counting.legality import illegal_key
from verifier.engines.native.counting.shape import Pattern
from verifier.engines.native.counting.stuck import StuckKeys
from verifier.engines.native.counting.vacuity import findings
from verifier.engines.native.keeping import Keeper
from verifier.engines.native.kernel import BATCH, events
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.search import ASIDE, PLACES, TURN
from verifier.engines.native.unavailable import NativeUnavailable, TooFewBlocks, Uncountable
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.symmetry import Symmetry
from verifier.system.system import Property

MOST = 1 << 16
"""For how many successors of one state there is room, at least, where counts stand for more."""


FEW = 1_000
"""So many idle states are looked at in Python before machine code is made: mostly all of them are final."""


class CountingSearch:
    """One search. After `run`, `shown` has a behaviour for every property that a state or a transition has decided.

    `states` are keys of `quotient`, in the order in which they were found, decoded when they are asked for, and
    `parents` the number of the state that each was first reached from (or -1). `complete` tells that nothing reachable
    is missing. Raises NativeUnavailable where there cannot be machine code; so does `run`, when a state turns out not
    to be countable.

    With `sizes`, orbits begin with every one of so many blocks, and a count of the last of these numbers stands for
    everything above as well: a state stands for many, and nothing is `shown`. It is up to the caller that no formula
    tells such states apart, and that more blocks have the last number than any action has parameters.
    """

    def __init__(
        self,
        program: Program,
        properties: Iterable[Property],
        watch: Watch,
        symmetry: Symmetry,
        sizes: Sequence[range] | None = None,
        places: int = PLACES,
    ) -> None:
        self.shown: dict[str, Behaviour] = {}
        self._claims = tuple(properties)
        self._program = program
        self._symmetry = symmetry
        self._watch = watch
        self._places = places
        self._events = events(program, self._claims)
        if not symmetry.orbits:
            raise NativeUnavailable("nothing is interchangeable")
        kernel = Kernel(program, symmetry, self._events, sizes)
        # A step from a group of any number of blocks may end in several states.
        aside = BATCH + max(kernel.instances, MOST if sizes is not None else 0)
        if aside * 4 > ASIDE:
            raise NativeUnavailable(f"a state may have {kernel.instances} successors")
        self._code = MachineCode(kernel.module)
        text = f"{symmetry.orbits} {sizes} "
        self._keeper = Keeper(watch.budget.keeping, program, self._claims, lambda: text + str(kernel.module))
        most = max(kernel.shape.sizes) if sizes is None else max(size.stop for size in sizes)
        actions = len(program.system.actions)
        self.ledger = Ledger(kernel.shape, kernel.desk, aside, len(self._events.claims), actions, most)
        self._sizes = sizes
        self.quotient = Quotient(program, symmetry)
        self.states: Sequence[Key] = Keys(self.ledger, self.quotient)
        self.parents: Sequence[int] = Parents(self.ledger)
        self.complete = False

    @property
    def transitions(self) -> int:
        return self.ledger.store.get(Slot.TRANSITIONS)

    @property
    def depth(self) -> int:
        return self.ledger.store.get(Slot.DEPTH)

    @property
    def decided(self) -> dict[str, int]:
        """For every claim that is decided, the number of the first state that did it, or began the step that did."""
        store, events = self.ledger.store, self._events.of
        numbers = {claim.name: store.first[events[claim.name]] for claim in self._claims if claim.name in events}
        return {name: number for name, number in numbers.items() if number != NONE}

    def blocks(self, index: int) -> tuple[int, ...]:
        """How many blocks of each orbit state number `index` has."""
        (words,) = self.ledger.store.positions(index, 1)
        shape, (_, counts) = self.ledger.shape, self.ledger.read(words)
        made = [0] * len(shape.sizes)
        for row, count in counts.items():
            made[shape.orbit.get(self.ledger.rows[row])] += count
        return tuple(made)

    @property
    def space(self) -> Space:
        """What was found, for engines that go on from it."""
        # A Space is only written to by the plain search; for everyone else these do as a list and an array.
        states, parents = cast(list[Key], self.states), cast("array[int]", self.parents)
        return Space(self._program, self.quotient, states, parents, self.transitions, self.depth, self.complete)

    def run(self, whole: bool) -> None:
        """Searches until every property is decided, or to the end if `whole`.

        Raises Stopped and NativeUnavailable, and CheckpointError if what was kept cannot be used; with `sizes`,
        TooFewBlocks too.
        """
        ledger = self.ledger
        try:
            with interruptible():
                try:
                    self._search(whole)
                finally:
                    self._show()
        except Stopped as stopped:
            raise self._keeper.stopped(str(stopped), ledger.store, ledger.besides) from None
        with suppress(Stopped):  # nothing is lost: the search has ended
            self._keeper.renew(ledger.store, ledger.besides, ended=True)

    def find_stuck(self, watch: Watch) -> Behaviour | None:
        """After a complete search, the shortest behaviour that ends in a stuck state. Raises Stopped,
        NativeUnavailable."""
        with interruptible():
            store = self.ledger.store
            if store.idle() <= FEW:
                final = self.quotient.predicate(self._program.system.final)
                if all(final(self.quotient.view(self.states[index])) for index in store.idle_states()):
                    return None
            index = StuckKeys(self._program, self._symmetry, self.ledger, watch).find(self.ledger)
            return None if index is None else self.space.behaviour(index)

    def findings(self, claims: Iterable[Property], watch: Watch) -> tuple[Finding, ...]:
        """After a complete search, what in it is without effect. Raises Stopped and NativeUnavailable."""
        with interruptible():
            return findings(self.space, self._symmetry, self.ledger, claims, watch)

    def _search(self, whole: bool) -> None:
        ledger, watch = self.ledger, self._watch
        besides = self._keeper.more()
        if besides and not ledger.restore(besides):
            raise self._keeper.refusal("its rows are none that there can be")
        if self._keeper.begin(ledger.store, lambda: illegal_key(ledger)):
            ledger.store.enlarge(self._places, watch)
            ledger.fill()
        else:
            ledger.store.enlarge(self._places, watch)
            self._start()
        decided = sum(n for n, first in zip(self._events.claims, ledger.store.first, strict=False) if first != NONE)
        ledger.store.set(Slot.STOP, watch.budget.states if watch.budget.states is not None else NONE)
        ledger.store.set(Slot.OPEN, len(self._claims) + whole - decided)
        run = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)(self._code.address("run"))
        turn = BATCH
        while ledger.store.get(Slot.OPEN):
            self._look()
            self._keeper.renew(ledger.store, ledger.besides)
            ledger.store.release(watch)
            ledger.store.set(Slot.PAUSE, ledger.store.get(Slot.TAKEN) + turn)
            before = time.monotonic()
            status = run(ctypes.addressof(ledger.store.context), ledger.numbers.address)
            if status == Status.COMPLETE:
                self.complete = True
                ledger.store.drop_table()
                return
            if status == Status.FULL:
                ledger.grow(watch)
            elif status == HALTED:
                self._help()
            elif time.monotonic() - before < TURN / 2:
                turn *= 2
            elif time.monotonic() - before > TURN * 2:
                turn = max(1, turn // 2)

    def _start(self) -> None:
        """Puts the initial states into the store."""
        ledger = self.ledger
        initial = self._program.initial_states()
        while states := list(islice(initial, BATCH)):
            self._look()
            for state in states:
                counted = ledger.shape.counted(state)
                if counted is None:
                    raise Uncountable("an initial state has interchangeable members that hold one another")
                rest, rows = counted
                for number, sized in enumerate(self._sized(rows)):
                    if number % BATCH == BATCH - 1:
                        ledger.insert(self._watch)
                    ledger.put_aside(rest, sized, self._watch)
                ledger.insert(self._watch)
        ledger.share_patterns()
        ledger.store.set(Slot.LAYER, ledger.store.get(Slot.FOUND))

    def _sized(self, rows: dict[Pattern, int]) -> Iterator[dict[Pattern, int]]:
        """The rows that an initial state has, with each of the numbers of blocks that it may have."""
        if self._sizes is None:
            yield rows
            return
        of = {self.ledger.shape.orbit.get(row): row for row in rows}
        if len(of) < len(rows):
            raise NativeUnavailable("interchangeable members are not alike at first")
        for counts in product(*self._sizes):
            yield {of[orbit]: count for orbit, count in enumerate(counts) if count}

    def _help(self) -> None:
        """Does something about a state that could not be expanded. Raises NativeUnavailable and Stopped."""
        status = self.ledger.desk[STATUS]
        self.ledger.desk[STATUS] = FINE
        if status == UNCOUNTABLE:
            raise Uncountable("interchangeable members come to hold one another")
        if status == SHORT:
            raise TooFewBlocks(self.ledger.desk[LACKING])
        if status == FULL:
            raise NativeUnavailable("a state has too many successors")
        if status == CROWDED:
            self.ledger.share_patterns()
        else:
            self.ledger.widen(self._watch)

    def _look(self) -> None:
        found, taken = (self.ledger.store.get(slot) for slot in (Slot.FOUND, Slot.TAKEN))
        name = "search" if self._sizes is None else "every size"
        self._watch.look(name, found, self.transitions, self.depth, found - taken)

    def _show(self) -> None:
        """Rebuilds a behaviour for every claim of which the kernel has seen the event."""
        if self._sizes is None:
            claims = {claim.name: claim for claim in self._claims}
            behaviours = OrbitBehaviours(self.space)
            self.shown = {name: behaviours.showing(claims[name], first) for name, first in self.decided.items()}
