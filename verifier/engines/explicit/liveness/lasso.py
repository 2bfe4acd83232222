"""A short way to a fair component, and a short walk around in it.

The way there is shortest: no behaviour comes to a fair component in fewer steps. The walk returns to the first state of
the component that is come to. Whether it is shortest among the fair ones that do is hard to tell in general (with many
units it is a travelling salesman's question), so it is found out where that takes no more than TRIED pairs of a state
and what was done about the units so far. Otherwise the walk goes the shortest way to the next unit that is still to be
taken or excused, in the order of units, and in the end back.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from verifier.engines.explicit.liveness.graph import Graph
from verifier.engines.explicit.liveness.regions import Waiting
from verifier.engines.explicit.liveness.routines import NONE, STRONG, WEAK
from verifier.engines.explicit.liveness.runner import view
from verifier.engines.watch import Watch, interruptible

TRIED = 200_000
"""How many pairs are tried for the shortest walk."""

Node = TypeVar("Node", bound=Hashable)

Move = tuple[int, int]
"""A transition from a known state: the unit that it takes and the state that it leads to."""


@dataclass(frozen=True, slots=True)
class Lasso:
    """States from an initial one to the `entry` of a loop, and the loop's transitions from there back to it.

    If the loop is empty the behaviour rests in its last state. `shortest` tells whether no shorter loop is fair.
    """

    way: tuple[int, ...]
    loop: tuple[Move, ...]
    shortest: bool


def lasso_of(graph: Graph, waiting: Waiting, watch: Watch) -> Lasso:
    """The lasso by way of the entry that was found. Raises Stopped."""
    with interruptible():
        walks = _Walks(graph, waiting, watch)
        loop = walks.shortest()
        way = _way(graph, waiting)
        return Lasso(way, tuple(walks.greedy() if loop is None else loop), loop is not None)


def _way(graph: Graph, waiting: Waiting) -> tuple[int, ...]:
    """The states of the shortest way: first to where waiting begins, and from there on waiting."""
    origins, parents = view(waiting.origins), view(graph.rows.parents)
    way = [waiting.entry]
    while (origin := origins[way[-1]]) != NONE:
        way.append(origin)
    while (parent := parents[way[-1]]) != NONE:
        way.append(parent)
    return tuple(reversed(way))


class _Walks:
    """Closed walks through the component of the entry. Sets of units are integers with a bit for each unit met."""

    def __init__(self, graph: Graph, waiting: Waiting, watch: Watch) -> None:
        rows = graph.rows
        self._first, self._targets, self._units = view(rows.first), view(rows.targets), view(rows.units)
        self._kinds = graph.units.kinds()
        self._rank = view(waiting.rank)
        self._entry = waiting.entry
        self._count = rows.count
        self._watch = watch
        self._bits: dict[int, int] = {}
        self._weak = self._strong = 0
        self._enabled: dict[int, int] = {}

    def _look(self) -> None:
        self._watch.look("liveness", self._count, 0, 0, 0)

    def _bit(self, unit: int) -> int:
        """The set of one unit; of no unit, the empty set."""
        kind = self._kinds[unit]
        if not kind:
            return 0
        bit = self._bits.get(unit)
        if bit is None:
            bit = self._bits[unit] = 1 << len(self._bits)
            self._weak |= bit if kind & WEAK else 0
            self._strong |= bit if kind & STRONG else 0
        return bit

    def _enabled_in(self, state: int) -> int:
        enabled = self._enabled.get(state)
        if enabled is None:
            enabled = 0
            for edge in range(self._first[state], self._first[state + 1]):
                enabled |= self._bit(self._units[edge])
            self._enabled[state] = enabled
        return enabled

    def _moves(self, state: int) -> Iterator[Move]:
        """The transitions from a state that stay in the component."""
        component = self._rank[self._entry]
        for edge in range(self._first[state], self._first[state + 1]):
            target = self._targets[edge]
            if self._rank[target] == component:
                yield self._units[edge], target

    def shortest(self) -> list[Move] | None:
        """The shortest fair walk from the entry back to it; None if that takes too long to find out.

        What is kept beside a state are the weakly fair units that are still to be taken or excused, the strongly fair
        ones that were enabled and not taken yet, and those that were taken.
        """
        entry = self._entry
        enabled = self._enabled_in(entry)
        start = (entry, enabled & self._weak, enabled & self._strong, 0)
        came: dict[tuple[int, int, int, int], tuple[tuple[int, int, int, int], Move] | None] = {start: None}
        if not enabled:
            return []
        queue = [start]
        for node in queue:
            self._look()
            state, due, owed, taken = node
            for unit, target in self._moves(state):
                bit = self._bit(unit)
                enabled = self._enabled_in(target)
                done = taken | bit & self._strong
                after = (target, due & enabled & ~bit, (owed | enabled & self._strong) & ~done, done)
                if after in came:
                    continue
                came[after] = node, (unit, target)
                if target == entry and not after[1] and not after[2]:
                    return _walk(came, after)
                if len(came) > TRIED:
                    return None
                queue.append(after)
        raise AssertionError("a fair component has a fair walk through it")

    def greedy(self) -> list[Move]:
        """A fair walk, each part of which is shortest: to take each strongly fair unit that is enabled anywhere in the
        component, to take or excuse each weakly fair one that is enabled in the entry, and back.
        """
        self._survey()
        walk: list[Move] = []
        due = self._enabled_in(self._entry)
        taken = 0
        here = self._entry

        def go(ends: Callable[[Move], bool]) -> None:
            nonlocal here, due, taken
            for unit, target in self._shortest_to(here, ends):
                taken |= self._bit(unit)
                due &= self._enabled_in(target)
                here = target
                walk.append((unit, target))

        def meets(bit: int, excused: bool, move: Move) -> bool:
            return bool(self._bit(move[0]) & bit) or (excused and not self._enabled_in(move[1]) & bit)

        for bit in tuple(self._bits.values()):
            if bit & self._strong and not taken & bit:
                go(partial(meets, bit, False))
        for bit in tuple(self._bits.values()):
            if bit & self._weak & due and not taken & bit:
                go(partial(meets, bit, True))
        if here != self._entry:
            go(lambda move: move[1] == self._entry)
        return walk

    def _survey(self) -> None:
        """Meets the units that are enabled anywhere in the component."""
        seen = {self._entry}
        queue = [self._entry]
        for state in queue:
            self._look()
            self._enabled_in(state)
            for _, target in self._moves(state):
                if target not in seen:
                    seen.add(target)
                    queue.append(target)

    def _shortest_to(self, start: int, ends: Callable[[Move], bool]) -> list[Move]:
        """The shortest walk in the component whose last transition is one of those wanted."""
        came: dict[int, tuple[int, Move] | None] = {start: None}
        queue = [start]
        for state in queue:
            self._look()
            for move in self._moves(state):
                if ends(move):
                    return [*_walk(came, state), move]
                if move[1] not in came:
                    came[move[1]] = state, move
                    queue.append(move[1])
        raise AssertionError("a component is strongly connected")


def _walk(came: Mapping[Node, tuple[Node, Move] | None], node: Node) -> list[Move]:
    """The transitions that led to a node."""
    walk: list[Move] = []
    while (origin := came[node]) is not None:
        node, move = origin
        walk.append(move)
    return walk[::-1]
