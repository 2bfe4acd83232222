"""Violations found soon, and perhaps not by the shortest way: by going down instead of breadth first.

Where a violation lies deep in a large state space, a search that takes up what it found last comes to it long before
one that has to see everything nearer. A few dives, each with its own order of equals and with more states than the one
before it, are tried. The behaviour that is given is the shortest within what the successful dive has seen.

Nothing is concluded from a dive that shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
"""How many states the first look and the first dive may see; each dive that follows may see twice as many."""

DIVES = 4
"""How many dives there are at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """Behaviours for claims, by name, and whether there are none that are shorter."""

    shown: dict[str, Behaviour]
    shortest: bool
    states: int


def first_found(program: Program, claims: Iterable[Property], watch: Watch, symmetry: Symmetry | None = None) -> Found:
    """What shows a claim first: looking at the nearest states, then going down. Raises Stopped."""
    wanted = tuple(claims)
    near = Near(program, wanted, watch, symmetry)
    near.run(whole=False)
    if near.shown or near.space.complete:
        return Found(near.shown, True, len(near.space.states))
    return descend(program, wanted, watch, symmetry)


def descend(program: Program, claims: Iterable[Property], watch: Watch, symmetry: Symmetry | None = None) -> Found:
    """What a dive shows. Raises Stopped."""
    wanted = tuple(claims)
    for number in range(DIVES):
        dive = Dive(program, wanted, watch, symmetry, number, FIRST << number)
        dive.run(whole=False)
        if dive.shown:
            within = Within(program, [claim for claim in wanted if claim.name in dive.shown], watch, dive.space)
            within.run(whole=False)
            return Found(within.shown, False, len(dive.space.states))
        if dive.space.complete:
            break
    return Found({}, False, len(dive.space.states))


class Near(Search):
    """A breadth-first search that ends with the first claim shown, or when it has found FIRST states."""

    def _queue(self) -> Iterator[int]:
        for index in super()._queue():
            if self.shown or len(self.space.states) >= FIRST:
                return
            yield index


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
