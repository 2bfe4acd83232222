"""`eventually` and `leads to` under weak and strong fairness, on the whole graph.

A behaviour violates such a property if from some time on it never reaches the goal: its states are in the part of the
graph without goal states, and those it visits again and again are strongly connected there. Behaviours may also stay in
a state for ever (stuttering), unless fairness forbids it, so every single state counts as strongly connected.

A set of states can be such a loop if every weakly fair unit is disabled in one of the states or taken by a transition
between them, and every strongly fair unit is disabled in all of them or taken. Where a strongly fair unit is enabled in
a component but taken nowhere, the states that enable it are removed and the rest is taken apart again (Streett).

The behaviour shown is a lasso: the shortest way to the nearest loop, and a short walk around it that takes or excuses
every unit. If nothing needs to happen at all, its loop is empty: `loop` is then the number of its last state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from verifier.engines.explicit.graph import Graph
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch, interruptible
from verifier.system.system import Property, PropertyKind

Path = list[tuple[int, int]]
"""Transitions: the label of each and the state it leads to."""


def find_lasso(graph: Graph, claim: Property, watch: Watch) -> Behaviour | None:
    """A fair behaviour that violates an EVENTUALLY or LEADS_TO property of the complete graph. Raises Stopped."""
    with interruptible():
        return _Search(graph, claim, watch).run()


class _Search:
    def __init__(self, graph: Graph, claim: Property, watch: Watch) -> None:
        self.graph = graph
        self.watch = watch
        goal = graph.program.predicate(claim.formula)
        self.waiting = bytearray(not goal(state) for state in graph.states)
        """The states without the goal."""
        if claim.kind is PropertyKind.EVENTUALLY:
            self.starts = [state for state in graph.initial if self.waiting[state]]
        else:
            trigger = graph.program.predicate(claim.trigger)
            self.starts = [i for i, state in enumerate(graph.states) if self.waiting[i] and trigger(state)]

    def run(self) -> Behaviour | None:
        parents = self._reached()
        fair = self._fair_states(list(parents))
        entry = next((state for state in parents if state in fair), None)
        if entry is None:
            return None
        initial, prefix = self._prefix(entry, parents)
        loop = self._loop(entry, fair[entry])
        labels = [label for label, _ in (*prefix, *loop)]
        actions = self.graph.program.system.actions
        steps = tuple(
            (actions[number].name, arguments) for number, arguments in map(self.graph.labels.__getitem__, labels)
        )
        return Behaviour(self._state(initial), steps, len(prefix))

    def _state(self, number: int) -> tuple[bool | int | None, ...]:
        return self.graph.program.packing.unpack(self.graph.states[number])

    def _reached(self) -> dict[int, tuple[int, int] | None]:
        """The states on behaviours that wait for the goal, nearest to an initial state first, with where from.

        Where a state with the trigger can be reached in fewer actions directly, that is the way to it.
        """
        parents: dict[int, tuple[int, int] | None] = {}
        layers: dict[int, list[int]] = {}
        for start in self.starts:
            layers.setdefault(self.graph.depths[start], []).append(start)
        depth = min(layers, default=0)
        frontier: list[tuple[int, tuple[int, int] | None]] = []
        while frontier or any(later >= depth for later in layers):
            arriving = [(start, None) for start in layers.pop(depth, [])]
            following: list[tuple[int, tuple[int, int] | None]] = []
            for state, origin in (*arriving, *frontier):
                if state in parents:
                    continue
                parents[state] = origin
                self.watch.look("liveness", len(parents), 0, depth, len(frontier))
                following.extend(
                    (target, (state, label)) for label, target in self.graph.moves(state) if self.waiting[target]
                )
            frontier = following
            depth += 1
        return parents

    def _prefix(self, entry: int, parents: dict[int, tuple[int, int] | None]) -> tuple[int, Path]:
        """The initial state and the transitions of the shortest way to `entry`."""
        path: Path = []
        state = entry
        while (origin := parents[state]) is not None:
            path.append((origin[1], state))
            state = origin[0]
        while (parent := self.graph.parents[state]) >= 0:
            label = next(label for label, target in self.graph.moves(parent) if target == state)
            path.append((label, state))
            state = parent
        return state, path[::-1]

    def _fair_states(self, states: list[int]) -> dict[int, frozenset[int]]:
        """The states of fair components, each with its component."""
        fair: dict[int, frozenset[int]] = {}
        pending = [states]
        while pending:
            for component in components(pending.pop(), self.graph.targets):
                self.watch.look("liveness", len(fair), 0, 0, len(pending))
                inside = frozenset(component)
                always = -1
                ever = taken = 0
                for state in component:
                    always &= self.graph.enabled[state]
                    ever |= self.graph.enabled[state]
                    for label, target in self.graph.moves(state):
                        if target in inside:
                            taken |= self.graph.unit_of[label]
                if always & self.graph.weak & ~taken:
                    continue
                missed = ever & self.graph.strong & ~taken
                if not missed:
                    fair.update(dict.fromkeys(component, inside))
                elif rest := [state for state in component if not self.graph.enabled[state] & missed]:
                    pending.append(rest)
        return fair

    def _loop(self, entry: int, component: frozenset[int]) -> Path:
        """A closed walk from `entry` through the component that takes or excuses every unit; empty if it may rest."""
        graph = self.graph
        ever = 0
        for state in component:
            ever |= graph.enabled[state]
        strong = [1 << u for u in range(ever.bit_length()) if ever & graph.strong & 1 << u]
        weak = [1 << u for u in range(ever.bit_length()) if ever & graph.weak & 1 << u]
        walk: Path = []
        visited = graph.enabled[entry]
        taken = 0
        here = entry

        def advance(path: Path) -> None:
            nonlocal here, visited, taken
            for label, target in path:
                taken |= graph.unit_of[label]
                visited &= graph.enabled[target]
                here = target
            walk.extend(path)

        def takes(unit: int, excused: bool, label: int, target: int) -> bool:
            return bool(graph.unit_of[label] & unit) or (excused and not graph.enabled[target] & unit)

        for unit in strong:
            if not taken & unit:
                advance(self._way(here, component, partial(takes, unit, False)))
        for unit in weak:
            if visited & unit and not taken & unit:
                advance(self._way(here, component, partial(takes, unit, True)))
        if here != entry:
            advance(self._way(here, component, lambda _, target: target == entry))
        return walk

    def _way(self, start: int, component: frozenset[int], ends: Callable[[int, int], bool]) -> Path:
        """The shortest path in the component whose last transition (label, target) satisfies `ends`."""
        parents: dict[int, tuple[int, int]] = {}
        queue = [start]
        for state in queue:
            for label, target in self.graph.moves(state):
                if target not in component:
                    continue
                if ends(label, target):
                    path = [(label, target)]
                    while state != start:
                        previous, by = parents[state]
                        path.append((by, state))
                        state = previous
                    return path[::-1]
                if target not in parents and target != start:
                    parents[target] = (state, label)
                    queue.append(target)
        raise AssertionError("a component is strongly connected")


def components(states: list[int], targets: Callable[[int], Iterable[int]]) -> Iterator[list[int]]:
    """The strongly connected components of the subgraph of `states` (Tarjan's algorithm without recursion)."""
    inside = set(states)
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    for root in states:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(targets(root)))]
        while work:
            state, rest = work[-1]
            for target in rest:
                if target not in inside:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(targets(target))))
                    break
                if target in on_stack:
                    low[state] = min(low[state], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[state])
                if low[state] == index[state]:
                    component: list[int] = []
                    while not component or component[-1] != state:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    yield component
