"""A search that goes on in machine code when there turn out to be many states."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.search import Search
from verifier.engines.explicit.stuck import find_stuck
from verifier.engines.explicit.vacuity import Finding, findings
from verifier.engines.native import NativeUnavailable, counting_search, native_search
from verifier.engines.native.unavailable import Uncountable
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Enough, Part, Stopped, Watch
from verifier.system.symmetry import Symmetry
from verifier.system.system import Property

if TYPE_CHECKING:
    from verifier.engines.native.counting.search import CountingSearch
    from verifier.engines.native.search import NativeSearch

MANY = 30_000
"""From about so many states on machine code is faster, the time to generate it included."""

FEW = 2_000
"""With more states than this there will be many, if the layers of the search still grow by more than a tenth."""

SLOWER = 8
"""Under a symmetry, the plain search takes so many times as long for a state, and ends with so many times fewer."""


class Limited(Part):
    """The same watch, until there are many states or are going to be: then `look` raises Enough."""

    def __init__(self, watch: Watch, slower: int) -> None:
        super().__init__(watch, MANY // slower)
        self._few = FEW // slower
        self._depth = self._layer = 0

    def look(self, engine: str, states: int, transitions: int, depth: int, waiting: int) -> None:
        super().look(engine, states, transitions, depth, waiting)
        if depth > self._depth:
            # All that waits now is the new layer.
            if states > self._few and 10 * waiting > 11 * self._layer:
                raise Enough
            self._depth, self._layer = depth, waiting


class AutomaticSearch:
    """Like `Search`, which it begins with; many states are searched from the start by machine code.

    That is a `NativeSearch` or, under a symmetry, a `CountingSearch` where states can be counted. After `run`, `space`
    and `shown` are those of the search that came to an end, and `native` tells whether it was in machine code;
    `without` says why there is none, where there should have been.
    """

    def __init__(self, program: Program, properties: Iterable[Property], watch: Watch, symmetry: Symmetry) -> None:
        self.native = False
        self._native: NativeSearch | CountingSearch | None = None
        self.without = ""
        self._program = program
        self._properties = tuple(properties)
        self._watch = watch
        self._symmetry = symmetry
        self._search = self._plain(Limited(watch, SLOWER if symmetry.orbits else 1))
        self.space = self._search.space
        self.shown = self._search.shown

    def run(self, whole: bool) -> None:
        """Searches until every property is decided, or to the end if `whole`. Raises Stopped."""
        try:
            self._search.run(whole)
        except Enough:
            try:
                self._run_native(whole)
            except NativeUnavailable as reason:
                self.without, self.native, self._native = str(reason), False, None
                self._search = self._plain(self._watch)
                self.space, self.shown = self._search.space, self._search.shown
                self._go_on(whole)

    def _go_on(self, whole: bool) -> None:
        """Searches without machine code; if that takes too long, the reason tells why there was none."""
        try:
            self._search.run(whole)
        except Stopped as stopped:
            raise Stopped(f"{stopped} (without machine code: {self.without})") from None

    def find_stuck(self, watch: Watch) -> Behaviour | None:
        """The shortest behaviour of a complete search that ends in a stuck state. Raises Stopped."""
        if self._native is not None:
            with suppress(NativeUnavailable):
                return self._native.find_stuck(watch)
        return find_stuck(self.space, watch)

    def findings(self, claims: Iterable[Property], watch: Watch) -> tuple[Finding, ...]:
        """What a complete search shows to be without effect. Raises Stopped."""
        if self._native is not None:
            with suppress(NativeUnavailable):
                return self._native.findings(claims, watch)
        return findings(self.space, claims, watch)

    def _plain(self, watch: Watch) -> Search:
        return Search(self._program, self._properties, watch, self._symmetry)

    def _run_native(self, whole: bool) -> None:
        if self._symmetry.orbits and all(map(self.space.quotient.is_counted, self.space.states)):
            with suppress(Uncountable):
                self._run_search(counting_search(self._program, self._properties, self._watch, self._symmetry), whole)
                return
        self._run_search(native_search(self._program, self._properties, self._watch, self._symmetry), whole)

    def _run_search(self, search: NativeSearch | CountingSearch, whole: bool) -> None:
        before: dict[str, Behaviour] = self._search.shown
        self._native, self.native = search, True
        try:
            search.run(whole)
        finally:
            # Cut short, this search may not have come to what the plain one had shown.
            self.shown = {**before, **search.shown}
            self.space = search.space
