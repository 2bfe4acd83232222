"""The claims that something comes to pass, decided on the smallest graph that they allow, by whoever is fast enough."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.liveness.graph import Graph, PlainGraph
from verifier.engines.explicit.liveness.lasso import lasso_of
from verifier.engines.explicit.liveness.lift import lifted
from verifier.engines.explicit.liveness.regions import Waiting
from verifier.engines.explicit.liveness.routines import NONE
from verifier.engines.explicit.liveness.runner import Runner
from verifier.engines.explicit.liveness.symmetric import lively_symmetry
from verifier.engines.explicit.liveness.units import Units
from verifier.engines.explicit.quotient import Quotient
from verifier.engines.native.unavailable import NativeUnavailable, Uncountable
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Enough, Part, Stopped, Watch
from verifier.system.symmetry import Symmetry
from verifier.system.system import Property, PropertyKind

MANY = 30_000
"""From about so many states on machine code is faster, the time to generate it included."""

MANY_COUNTED = 10_000
"""The same under a symmetry, where closures are slower."""

NAME = "liveness"
"""What observers are told is going on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found out about one claim: a fair behaviour that violates it, why that is not known, or neither.

    `shortest` tells whether the behaviour's way and loop are known to be shortest; see `lasso`.
    """

    shown: Behaviour | None = None
    shortest: bool = False
    reason: str = ""


class Liveness:
    """Decides EVENTUALLY and LEADS_TO claims of one system, on its quotient by a symmetry if `reduce` allows it.

    After `run`: `answers` by the claims' names, the `idle` LEADS_TO claims whose trigger never holds, and what was
    explored: `states`, `transitions`, `depth`, under which `symmetry`, and whether machine code took part (`native`).
    """

    def __init__(self, program: Program, claims: Sequence[Property], watch: Watch, reduce: bool) -> None:
        self.answers: dict[str, Answer] = {}
        self.idle: list[Property] = []
        self.states = self.transitions = self.depth = 0
        self.symmetry = lively_symmetry(program.interpreter, claims) if reduce else Symmetry(())
        self.native = False
        self._program = program
        self._claims = claims
        self._watch = watch

    def run(self) -> None:
        """Decides all that the budget allows."""
        try:
            graph = self._explored()
        except Stopped as stopped:
            self.answers = {claim.name: Answer(reason=str(stopped)) for claim in self._claims}
            return
        runner = Runner()
        if self.states > self._many:
            with suppress(NativeUnavailable):
                runner.compile()
        self.native = graph.native or runner.native
        for claim in self._claims:
            try:
                self.answers[claim.name] = self._answer(graph, claim, runner)
            except Stopped as stopped:
                self.answers[claim.name] = Answer(reason=str(stopped))

    def _explored(self) -> Graph:
        """The whole graph: if there are few states, by closures; otherwise in machine code, if that can be."""
        watch = Part(self._watch, name=NAME)
        units = Units(self._program.system)
        try:
            return self._measured(self._plain(units), Part(self._watch, self._many, name=NAME))
        except Enough:
            pass
        try:
            if self.symmetry.orbits:
                with suppress(Uncountable):
                    return self._measured(self._counted(units, watch), watch)
            return self._measured(self._native(units, watch), watch)
        except (ImportError, NativeUnavailable):
            return self._measured(self._plain(units), watch)

    @property
    def _many(self) -> int:
        return MANY_COUNTED if self.symmetry.orbits else MANY

    def _counted(self, units: Units, watch: Watch) -> Graph:
        from verifier.engines.native.counting.graph import CountedGraph

        return CountedGraph(self._program, self.symmetry, units, watch)

    def _native(self, units: Units, watch: Watch) -> Graph:
        from verifier.engines.native.graph import NativeGraph

        return NativeGraph(self._program, units, watch, self.symmetry)

    def _plain(self, units: Units) -> Graph:
        return PlainGraph(self._program, Quotient(self._program, self.symmetry), units, self._claims)

    def _measured(self, graph: Graph, watch: Watch) -> Graph:
        try:
            graph.explore(watch)
        finally:
            self.states, self.transitions, self.depth = len(graph.keys), graph.transitions, graph.depth
        return graph

    def _answer(self, graph: Graph, claim: Property, runner: Runner) -> Answer:
        waiting = Waiting(graph, claim, runner, self._watch)
        waiting.search()
        if claim.kind is PropertyKind.LEADS_TO and not waiting.triggered:
            self.idle.append(claim)
        if waiting.entry == NONE:
            return Answer()
        return Answer(*lifted(graph, lasso_of(graph, waiting, self._watch), self._watch))
