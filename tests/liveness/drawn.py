"""Random graphs with units of fairness, as arrays, and what brute force says of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, combinations
from typing import cast

from hypothesis import strategies as st

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.liveness.graph import Graph, Rows
from verifier.engines.explicit.liveness.routines import NONE, STRONG, TRIGGERED, WAITING, WEAK
from verifier.engines.explicit.liveness.units import Units
from verifier.engines.explicit.quotient import Quotient
from verifier.engines.native.arrays import Placed
from verifier.engines.watch import Watch
from verifier.system.system import Property, PropertyKind

EVENTUALLY = Property("goal", PropertyKind.EVENTUALLY)
RESPONSE = Property("response", PropertyKind.LEADS_TO)

Edge = tuple[int, int, int]
"""From, unit, to."""


class FakeUnits:
    """Some units of each kind; 0 is none."""

    def __init__(self, kinds: tuple[int, ...]) -> None:
        self._kinds = (0, *kinds)
        self.count = len(self._kinds)

    def kinds(self) -> bytes:
        return bytes(self._kinds)


@dataclass(frozen=True)
class Drawn:
    """A graph whose states are numbered breadth first from the first `initial` ones."""

    count: int
    initial: int
    edges: tuple[Edge, ...]
    kinds: tuple[int, ...]
    waiting: frozenset[int]
    triggered: frozenset[int]

    def starts(self, claim: Property) -> set[int]:
        begin = range(self.initial) if claim.kind is PropertyKind.EVENTUALLY else self.triggered
        return {state for state in begin if state in self.waiting}

    def distances(self, claim: Property) -> dict[int, int]:
        """How many steps at least lead from an initial state to a state on a behaviour that waits."""
        reached = _distances(dict.fromkeys(range(self.initial), 0), [(a, b) for a, _, b in self.edges])
        begin = {state: reached[state] for state in self.starts(claim)}
        return _distances(begin, [(a, b) for a, _, b in self.edges if a in self.waiting and b in self.waiting])

    def fair(self, states: Iterable[int], inner: Iterable[Edge]) -> bool:
        """Whether visiting exactly these states for ever, taking these transitions, is fair."""
        visited = set(states)
        taken = {unit for _, unit, _ in inner}
        for unit, kind in enumerate(self.kinds, 1):
            enabling = {a for a, u, _ in self.edges if u == unit} & visited
            if unit not in taken and ((kind & WEAK and enabling == visited) or (kind & STRONG and enabling)):
                return False
        return True

    def fair_states(self, claim: Property) -> set[int]:
        """All states of fair loops that a behaviour that waits can come to, by trying every set of states."""
        pending = set(self.distances(claim))
        found: set[int] = set()
        for loop in map(set, chain.from_iterable(combinations(sorted(pending), n + 1) for n in range(len(pending)))):
            inner = [edge for edge in self.edges if edge[0] in loop and edge[2] in loop]
            joined = all(set(_distances({s: 0}, [(a, b) for a, _, b in inner])) == loop for s in loop)
            if joined and self.fair(loop, inner):
                found |= loop
        return found

    def shortest_loop(self, entry: int, within: set[int], most: int) -> int | None:
        """The length of the shortest fair closed walk from a state, by trying all of at most so many steps."""
        walks: list[tuple[Edge, ...]] = [()]
        for length in range(most + 1):
            for walk in walks:
                if (walk[-1][2] if walk else entry) == entry and self.fair({entry, *(e[2] for e in walk)}, walk):
                    return length
            walks = [
                (*walk, edge)
                for walk in walks
                for edge in self.edges
                if edge[0] == (walk[-1][2] if walk else entry) and edge[2] in within
            ]
        return None


class DrawnGraph(Graph):
    """The same for the algorithms; nothing is known of it but its arrays."""

    def __init__(self, drawn: Drawn) -> None:
        super().__init__(cast(Program, None), cast(Quotient, None), cast(Units, FakeUnits(drawn.kinds)))
        self._drawn = drawn
        first, targets, units = array("Q", [0]), array("I"), array("I")
        for state in range(drawn.count):
            for a, unit, b in drawn.edges:
                if a == state:
                    targets.append(b)
                    units.append(unit)
            first.append(len(targets))
        came = _parents(drawn)
        self._rows = Rows(drawn.count, array("I", came), first, targets, units)

    @property
    def rows(self) -> Rows:
        return self._rows

    def mark(self, claim: Property, flags: Placed, watch: Watch) -> bool:
        for state in range(self._drawn.count):
            flags.view[state] = (WAITING if state in self._drawn.waiting else 0) | (
                TRIGGERED if state in self._drawn.triggered and claim.kind is PropertyKind.LEADS_TO else 0
            )
        return bool(self._drawn.triggered)


@st.composite
def drawn(draw: st.DrawFn, nodes: int = 7) -> Drawn:
    """Graphs with a few units, weak or strong or both, in which nearly every state waits."""
    kinds = tuple(draw(st.lists(st.sampled_from((WEAK, STRONG, STRONG, WEAK | STRONG)), max_size=4)))
    node = st.integers(0, nodes - 1)
    edge = st.tuples(node, st.integers(0, len(kinds)), node)
    edges = draw(st.lists(edge, max_size=16))
    initial = draw(st.integers(1, 2))
    order = list(range(initial))
    for state in order:
        order += [b for b in dict.fromkeys(b for a, _, b in edges if a == state) if b not in order]
    number = {state: index for index, state in enumerate(order)}
    known = tuple((number[a], unit, number[b]) for a, unit, b in edges if a in number)
    states = st.integers(0, len(order) - 1)
    waiting = frozenset(range(len(order))) - draw(st.frozensets(states, max_size=2))
    return Drawn(len(order), initial, known, kinds, waiting, draw(st.frozensets(states, max_size=3)))


def _parents(graph: Drawn) -> list[int]:
    parents = [NONE] * graph.count
    for state in range(graph.initial, graph.count):
        parents[state] = next((a for a in range(state) if any(e[0] == a and e[2] == state for e in graph.edges)), NONE)
    return parents


def _distances(begin: dict[int, int], edges: list[tuple[int, int]]) -> dict[int, int]:
    """The distance of every state that can be reached, where those to begin with have some already."""
    found = dict(begin)
    grew = True
    while grew:
        better = {b: found[a] + 1 for a, b in edges if a in found and found[a] + 1 < found.get(b, len(edges) + 99)}
        found.update(better)
        grew = bool(better)
    return found
