"""From a lasso in a graph to a behaviour with real names.

Where a state of the graph stands for an orbit, the lasso is followed from real state to real state (see `symmetric`),
and its loop again and again until a real state comes back.
"""

from __future__ import annotations

from collections.abc import Container

from verifier.engines.explicit.liveness.graph import Graph
from verifier.engines.explicit.liveness.lasso import Lasso
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.quotient import Key
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.interpreter import Arguments

STEPS = 10_000
"""The most steps of a behaviour that a lasso up to symmetry is followed for."""

Step = tuple[str, Arguments]


def lifted(graph: Graph, lasso: Lasso, watch: Watch) -> tuple[Behaviour, bool]:
    """The behaviour, and whether it is known that neither its way nor its loop could be shorter.

    Raises Stopped, also where no real state has come back after so many steps.
    """
    with interruptible():
        return _Lift(graph, lasso, watch).run()


class _Lift:
    def __init__(self, graph: Graph, lasso: Lasso, watch: Watch) -> None:
        self._graph = graph
        self._lasso = lasso
        self._watch = watch
        self._moves = graph.quotient.moves(graph.program.system.actions)
        self._steps: list[Step] = []

    def run(self) -> tuple[Behaviour, bool]:
        graph, lasso = self._graph, self._lasso
        first, *rest = lasso.way
        key = graph.keys[first]
        initial = next(state for state in graph.program.initial_states() if graph.quotient.key(state) == key)
        state = initial
        for number in rest:
            state = self._follow(state, graph.keys[number], None)
        seen = {state: len(self._steps)}
        loop = len(self._steps)
        while lasso.loop:
            *before, (last, _) = lasso.loop
            for unit, number in before:
                state = self._follow(state, graph.keys[number], unit)
            known = self._back(state, last, seen)
            state = self._follow(state, graph.keys[lasso.way[-1]], last) if known is None else known
            loop = seen.setdefault(state, len(self._steps))
            if loop < len(self._steps):
                break
            if len(self._steps) > STEPS:
                raise Stopped(f"there is a fair loop up to symmetry, but {STEPS} steps lead to no state of it again")
        shortest = lasso.shortest and len(self._steps) == len(rest) + len(lasso.loop)
        behaviour = Behaviour(graph.program.packing.unpack(initial), tuple(self._steps), loop)
        return behaviour, shortest

    def _back(self, state: Packed, unit: int, seen: Container[Packed]) -> Packed | None:
        """Takes a transition by the unit to one of the states seen, whatever names are in it, if there is one."""
        for action, arguments, after in self._graph.program.successors(state):
            if after in seen and self._graph.units.number(action, arguments) == unit:
                self._steps.append((action.name, arguments))
                return after
        return None

    def _follow(self, state: Packed, key: Key, unit: int | None) -> Packed:
        """Takes the first transition from the state to one that is stored as `key`, by the unit if that matters."""
        self._watch.look("liveness", len(self._graph.keys), self._graph.transitions, 0, 0)
        graph, quotient = self._graph, self._graph.quotient
        view = quotient.look(state)
        for action, arguments, step in self._moves(view):
            right = unit is None or graph.units.number(action, arguments) == unit
            if right and quotient.after(view, step) == key:
                self._steps.append((action.name, arguments))
                return quotient.stepped(view, step)
        raise AssertionError("a transition of the graph is none of the system")
