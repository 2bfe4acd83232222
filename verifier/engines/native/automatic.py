"""A search that goes on in machine code when there turn out to be many states."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import cast

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.quotient import Key, Quotient
from verifier.engines.explicit.search import Search
from verifier.engines.explicit.space import Space
from verifier.engines.native import NativeUnavailable, native_search
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch
from verifier.system.symmetry import Symmetry
from verifier.system.system import Property

MANY = 30_000
"""From about so many states on machine code is faster, the time to generate it included."""


class _Many(Exception):  # noqa: N818  (an end, not an error)
    """The search has found more than MANY states."""


class _Limited(Watch):
    """The same watch, until there are many states."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch.budget)
        self._watch = watch

    def look(self, engine: str, states: int, transitions: int, depth: int, waiting: int) -> None:
        self._watch.look(engine, states, transitions, depth, waiting)
        if states > MANY:
            raise _Many


class AutomaticSearch:
    """Like `Search`, which it begins with; without symmetry, many states are searched from the start by `NativeSearch`.

    After `run`, `space` and `shown` are those of the search that came to an end, and `native` tells which one it was;
    `without` says why there is no machine code, where there should have been.
    """

    def __init__(self, program: Program, properties: Iterable[Property], watch: Watch, symmetry: Symmetry) -> None:
        self.native = False
        self.without = ""
        self._program = program
        self._properties = tuple(properties)
        self._watch = watch
        self._symmetry = symmetry
        self._search = self._plain(watch if symmetry.orbits else _Limited(watch))
        self.space = self._search.space
        self.shown = self._search.shown

    def run(self, whole: bool) -> None:
        """Searches until every property is decided, or to the end if `whole`. Raises Stopped."""
        try:
            self._search.run(whole)
        except _Many:
            try:
                self._run_native(whole)
            except NativeUnavailable as reason:
                self.without = str(reason)
                self._search = self._plain(self._watch)
                self.space, self.shown = self._search.space, self._search.shown
                self._search.run(whole)

    def _plain(self, watch: Watch) -> Search:
        return Search(self._program, self._properties, watch, self._symmetry)

    def _run_native(self, whole: bool) -> None:
        search = native_search(self._program, self._properties, self._watch)
        self.native = True
        before: dict[str, Behaviour] = self._search.shown
        # A Space is only written to by the plain search; for everyone else these do as a list and an array.
        states, parents = cast(list[Key], search.states), cast("array[int]", search.parents)
        self.space = Space(self._program, Quotient(self._program), states, parents)
        try:
            search.run(whole)
        finally:
            # Cut short, this search may not have come to what the plain one had shown.
            self.shown = {**before, **search.shown}
            self.space.transitions, self.space.depth = search.transitions, search.depth
            self.space.complete = search.complete
