"""The exhaustive engine: every property of a system decided by looking at all its states.

Safety properties, reachability and stuck states are decided on representatives under the symmetry that those properties
leave; a scenario under the symmetry that it leaves itself; liveness under the symmetry that fairness leaves, too.

Each of these parts has a share of the seconds of a budget. What a part does not use goes to those after it: scenarios
come first, for they are often short, and liveness last, for it takes longest.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.descent import Found, descend, first_found
from verifier.engines.explicit.liveness.automatic import Liveness
from verifier.engines.explicit.scenario import ScenarioSearch
from verifier.engines.explicit.search import KINDS
from verifier.engines.explicit.shares import Share
from verifier.engines.explicit.vacuity import Finding, idle_triggers
from verifier.engines.native.automatic import AutomaticSearch
from verifier.engines.verdict import LONGER_TRACE, TRACE, Behaviour, Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Stopped, Watch
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import Property, PropertyKind, System

LIVENESS = frozenset({PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO})
ENDED = "the check ended with the first violation"
"""Why the other properties are undetermined, where only a violation was asked for."""

MACHINE_CODE = ", by machine code"
"""What a method ends in where a search in machine code found nothing; a trace needs no trust in the search."""

SCENARIO_SHARE, SEARCH_SHARE, DESCENT_SHARE, LIVENESS_SHARE = 1.0, 3.0, 0.3, 2.0
"""How the seconds of a budget are divided among one scenario, the search of the state space, what is looked for further
down if that did not come to its end, and liveness."""


@dataclass(frozen=True, slots=True)
class Report:
    """Verdicts in the order of the properties, the size of the search of the state space, and what it shows besides.

    `symmetry` describes what made states equal in that search; it is empty if nothing did. Then `transitions` counts
    only representative action instances, of representative states: where members can be counted, one for each kind of
    interchangeable members that are alike in a state.
    There are findings only if the search was complete; one of them says why a large search had no machine code.
    """

    verdicts: tuple[Verdict, ...]
    states: int
    transitions: int
    depth: int
    seconds: float
    findings: tuple[Finding, ...]
    symmetry: str


def check(
    system: System,
    properties: Iterable[Property],
    budget: Budget | None = None,
    observer: Observer | None = None,
    symmetry: bool = True,
    first: bool = False,
) -> Report:
    """Decides the properties within the budget; what is not decided is UNDETERMINED, with the reason.

    With `first`, the check ends with the first violation of a safety property, if a short search comes upon one.
    """
    return _Check(system, tuple(properties), Watch(budget or Budget(), observer), symmetry).run(first)


class _Check:
    def __init__(self, system: System, claims: tuple[Property, ...], watch: Watch, symmetry: bool) -> None:
        self.system = system
        self.claims = claims
        self.watch = watch
        self.reduce = symmetry
        self.program = Program(system)
        self.scenarios = self._of(PropertyKind.SCENARIO)
        self.lively = self._of(*LIVENESS)
        self.waiting = (
            SCENARIO_SHARE * len(self.scenarios) + SEARCH_SHARE + DESCENT_SHARE + LIVENESS_SHARE * bool(self.lively)
        )
        self.verdicts: dict[str, Verdict] = {}
        self.findings: tuple[Finding, ...] = ()
        self.states = self.transitions = self.depth = 0
        self.symmetry = Symmetry(())

    def run(self, first: bool) -> Report:
        if not (first and self._first()):
            self._scenarios()
            self._search()
            self._liveness()
        return Report(
            tuple(self.verdicts[claim.name] for claim in self.claims),
            self.states,
            self.transitions,
            self.depth,
            self.watch.seconds,
            self.findings,
            self.symmetry.describe(self.system),
        )

    def _of(self, *kinds: PropertyKind) -> list[Property]:
        return [claim for claim in self.claims if claim.kind in kinds]

    def _share(self, share: float) -> Watch:
        """The watch of the next part; parts yet to come keep theirs."""
        part = Share(self.watch, share / self.waiting)
        self.waiting -= share
        return part

    def _infer(self, claims: list[Property]) -> Symmetry:
        return infer(self.program.interpreter, claims) if self.reduce else Symmetry(())

    def _search(self) -> None:
        """Safety, reachability, stuck states and findings."""
        safety, stuck = self._of(*KINDS), self._of(PropertyKind.STUCK)
        if self.claims and not safety and not stuck:
            self.waiting -= SEARCH_SHARE + DESCENT_SHARE
            return
        watch = self._share(SEARCH_SHARE)
        self.symmetry = self._infer(safety + stuck)
        search = AutomaticSearch(self.program, safety, watch, self.symmetry)
        reason = ""
        try:
            search.run(whole=bool(stuck) or not safety)
        except Stopped as stopped:
            reason = str(stopped)
        space = search.space
        self.states, self.transitions, self.depth = len(space.states), space.transitions, space.depth
        by = MACHINE_CODE if search.native else ""
        measured = Verdict("", Outcome.UNDETERMINED, by, self.states, self.transitions, self.depth)
        for claim in safety:
            self._decide(claim, measured, self.symmetry, search.shown.get(claim.name), reason)
        if reason:
            self._further_down([claim for claim in safety if claim.name not in search.shown])
        else:
            self.waiting -= DESCENT_SHARE
        for claim in stuck:
            shown = None
            try:
                shown = search.find_stuck(watch) if space.complete else None
            except Stopped as stopped:
                reason = str(stopped)
            self._decide(claim, measured, self.symmetry, shown, reason)
        if space.complete:
            with suppress(Stopped):
                self.findings = search.findings(safety + stuck, watch)
            if search.without and self.claims:
                message = f"searched without machine code: {search.without}"
                self.findings += (Finding("slow search", "", message, self.claims[0].span),)

    def _first(self) -> bool:
        """Whether a violation was found at once; then that is all."""
        safety = [claim for claim in self._of(*KINDS) if claim.kind is not PropertyKind.REACHABLE]
        self.symmetry = self._infer(safety)
        try:
            found = first_found(self.program, safety, self.watch, self.symmetry)
        except Stopped:
            return False
        self.states = found.states
        if found.shown:
            for claim in self.claims:
                self._decide(claim, Verdict("", Outcome.UNDETERMINED, ""), self.symmetry, None, ENDED)
            self._show(found)
        return bool(found.shown)

    def _further_down(self, claims: list[Property]) -> None:
        """Looks for what shows the claims where a search that was cut short did not get to."""
        with suppress(Stopped):
            self._show(descend(self.program, claims, self._share(DESCENT_SHARE), self.symmetry))

    def _show(self, found: Found) -> None:
        for claim in self.claims:
            if claim.name in found.shown:
                self._decide(claim, self.verdicts[claim.name], self.symmetry, found.shown[claim.name], "")
                if not found.shortest:
                    self.verdicts[claim.name] = replace(self.verdicts[claim.name], method=LONGER_TRACE)

    def _scenarios(self) -> None:
        for claim in self.scenarios:
            assert claim.scenario is not None
            symmetry = self._infer([claim])
            search = ScenarioSearch(self.program, claim.scenario, self._share(SCENARIO_SHARE), symmetry)
            shown, reason = None, ""
            try:
                shown = search.run()
            except Stopped as stopped:
                reason = str(stopped)
            measured = Verdict("", Outcome.UNDETERMINED, "", search.states, search.transitions, search.depth)
            self._decide(claim, measured, symmetry, shown, reason)
            if self.verdicts[claim.name].outcome is Outcome.VIOLATED and claim.scenario.possible:
                stop = claim.scenario.happenings[search.furthest].span
                self.verdicts[claim.name] = replace(self.verdicts[claim.name], reason=f"nothing gets past {stop}")

    def _liveness(self) -> None:
        claims = self.lively
        if not claims:
            return
        search = Liveness(self.program, claims, self._share(LIVENESS_SHARE), self.reduce)
        search.run()
        by = MACHINE_CODE if search.native else ""
        measured = Verdict("", Outcome.UNDETERMINED, by, search.states, search.transitions, search.depth)
        for claim in claims:
            answer = search.answers[claim.name]
            self._decide(claim, measured, search.symmetry, answer.shown, answer.reason)
            if answer.shown is not None and not answer.shortest:
                self.verdicts[claim.name] = replace(self.verdicts[claim.name], method=LONGER_TRACE)
        self.findings += idle_triggers(search.idle)

    def _decide(
        self, claim: Property, measured: Verdict, symmetry: Symmetry, shown: Behaviour | None, reason: str
    ) -> None:
        """Records a verdict: by the behaviour that shows it, or by exhaustion if there is no reason for a doubt."""
        sought = claim.kind is PropertyKind.REACHABLE or (claim.scenario is not None and claim.scenario.possible)
        if shown is not None:
            outcome, method = (Outcome.HOLDS if sought else Outcome.VIOLATED), TRACE
        elif reason:
            outcome, method = Outcome.UNDETERMINED, f"incomplete search ({measured.states} states)"
        else:
            outcome, method = (Outcome.VIOLATED if sought else Outcome.HOLDS), _exhaustive(measured.states, symmetry)
            method += measured.method
        self.verdicts[claim.name] = replace(
            measured,
            property=claim.name,
            outcome=outcome,
            method=method,
            seconds=self.watch.seconds,
            behaviour=shown,
            reason=reason if outcome is Outcome.UNDETERMINED else "",
        )


def _exhaustive(states: int, symmetry: Symmetry) -> str:
    reduced = f", reduced by symmetry of {' and '.join(symmetry.sorts)}" if symmetry.orbits else ""
    return f"exhaustive for this instance ({states} states){reduced}"
