"""Violations found by going down instead of breadth first: soon, and not by the shortest way.

Where a violation lies deep in a large state space, a search that takes up what it found last comes to it long before
one that has to see everything nearer. A few dives, each with its own order of equals and with more states than the one
before it, are tried. The behaviour that is given is the shortest within what the successful dive has seen.

Nothing is concluded from a dive that shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.quotient import Key
from verifier.engines.explicit.search import Search
from verifier.engines.explicit.space import Space
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch
from verifier.system.symmetry import Symmetry
from verifier.system.system import Property

FIRST = 10_000
"""How many states the first dive may see; each that follows may see twice as many."""

DIVES = 4
"""How many dives there are at most."""


def descend(
    program: Program, claims: Iterable[Property], watch: Watch, symmetry: Symmetry | None = None
) -> dict[str, Behaviour]:
    """Behaviours for claims that a dive shows, by name: perhaps not the shortest. Raises Stopped."""
    wanted = tuple(claims)
    for number in range(DIVES):
        dive = Dive(program, wanted, watch, symmetry, number, FIRST << number)
        dive.run(whole=False)
        if dive.shown:
            within = Within(program, [claim for claim in wanted if claim.name in dive.shown], watch, dive.space)
            within.run(whole=False)
            return within.shown
        if dive.space.complete:
            break
    return {}


class Dive(Search):
    """A search that takes up the states found last, in an order that goes with the seed, until something is shown."""

    def __init__(
        self,
        program: Program,
        claims: Iterable[Property],
        watch: Watch,
        symmetry: Symmetry | None,
        seed: int,
        most: int,
    ) -> None:
        super().__init__(program, claims, watch, symmetry)
        self._random = Random(seed)
        self._most = most

    def _queue(self) -> Iterator[int]:
        states = self.space.states
        waiting = list(range(len(states)))
        while waiting and not self.shown and len(states) < self._most:
            before = len(states)
            yield waiting.pop()
            found = list(range(before, len(states)))
            self._random.shuffle(found)
            waiting += found


class Within(Search):
    """A breadth-first search that sees no states but those of a given space."""

    def __init__(self, program: Program, claims: Iterable[Property], watch: Watch, space: Space) -> None:
        super().__init__(program, claims, watch, quotient=space.quotient)
        self._allowed = frozenset(space.states)

    def _reach(self, key: Key, parent: int) -> None:
        if key in self._allowed:
            super()._reach(key, parent)
