"""Checking one instance: run an engine, replay what it found, judge that by what the specification expects.

Importing this module loads no engine; running a check loads the one that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from verifier.engines.verdict import Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Watch
from verifier.evidence.all_sizes import NOTHING, AllSizes, MakeFamily, look_at_all_sizes
from verifier.evidence.believe import believed
from verifier.evidence.by_lemmas import SHARE, ByLemmas, look_for_lemmas, open_claims, seconds_for_lemmas
from verifier.evidence.grown import but_for_growing, what_remains
from verifier.evidence.results import CheckResult, Counts, Finding, Judged
from verifier.evidence.trace import Subject, place_of
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property, System

Engine = Literal["explicit", "bounded"]

INTERRUPTED = "interrupted from keyboard"
"""What z3 says when it took an interrupt for itself, so that Python never heard of it."""


FIRST_SHARE = 0.15
"""How much of the time the instance is searched for at first, where lemmas may make the rest unnecessary."""


@dataclass(frozen=True, slots=True)
class Search:
    """How to look: with which engine, and how far.

    `depth` is for the bounded engine; `symmetry`, and `first` for an end with the first violation, for the explicit.
    """

    engine: Engine = "explicit"
    depth: int = 0
    symmetry: bool = True
    first: bool = False
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a specification says will come out.

    A property that `outcomes` does not name is expected to hold, unless `others_open`: then nothing is expected of it.
    """

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    others_open: bool = False
    states: int | None = None

    @property
    def violated(self) -> bool:
        """Whether anything is to be violated."""
        return Outcome.VIOLATED in self.outcomes.values()

    def of(self, name: str) -> Outcome | None:
        return self.outcomes.get(name, None if self.others_open else Outcome.HOLDS)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What either engine gives."""

    verdicts: tuple[Verdict, ...] = ()
    counts: Counts = field(default_factory=Counts)
    symmetry: str = ""
    findings: tuple[Finding, ...] = ()


def check(
    subject: Subject,
    system: System,
    properties: tuple[Property, ...],
    expectations: Expectations,
    search: Search,
    observer: Observer | None = None,
    family: MakeFamily | None = None,
) -> CheckResult:
    """A judged verdict for each of the properties, in order.

    If there is a `family`, the system is one of its instances, and claims may be proved for all of them at once. Where
    something is expected to be violated this is tried only if there is time, and other sizes are not looked at. What
    the instance is too large for is looked for in smaller ones. If nothing is expected to be violated and there is
    time, lemmas are looked for, for what is not known to hold at every size.

    The number of states is held against the expected one where that means something: in a complete search for all
    properties, reduced by symmetry.
    """
    stages = _Stages(system, properties, search, observer, family, Watch(search.budget))
    wide = family is not None and search.engine == "explicit" and search.symmetry and not search.first
    timed = search.budget.seconds is not None
    if wide and (timed or not expectations.violated):
        stages.look_at_all_sizes()
    by_lemmas = wide and timed and not expectations.violated and bool(stages.open_claims())
    if by_lemmas and search.budget.keeping is None:
        stages.search_the_instance(FIRST_SHARE)
        stages.look_for_lemmas()
        stages.search_on()
    elif by_lemmas:
        stages.search_the_instance(1 - SHARE)
        stages.look_for_lemmas()
    else:
        stages.search_the_instance()
    answer, lemmas = stages.answer, stages.lemmas
    judged = judge(subject, system, properties, stages.verdicts, expectations)
    counts = answer.counts
    outcomes = [verdict.outcome for verdict in answer.verdicts]
    complete = len(outcomes) == len(properties) and Outcome.UNDETERMINED not in outcomes
    if complete and search == Search(budget=search.budget) and properties == system.properties:
        counts = replace(counts, expected_states=expectations.states)
    suspicions = () if expectations.violated else (*stages.everywhere.suspicions, *lemmas.suspicions)
    tried = () if expectations.violated or lemmas.proved else stages.everywhere.findings
    findings = (*answer.findings, *tried, *lemmas.findings)
    return CheckResult(subject, judged, counts, answer.symmetry, findings, suspicions)


@dataclass
class _Stages:
    """What one check does one after the other, and what is known by then. `watch` is that of the whole check."""

    system: System
    properties: tuple[Property, ...]
    search: Search
    observer: Observer | None
    family: MakeFamily | None
    watch: Watch
    everywhere: AllSizes = NOTHING
    lemmas: ByLemmas = field(default_factory=ByLemmas)
    answer: _Answer = field(default_factory=_Answer)
    verdicts: tuple[Verdict, ...] = ()

    def look_at_all_sizes(self) -> None:
        """By counts, all sizes at once."""
        assert self.family is not None
        self.everywhere = look_at_all_sizes(self.family, self.properties, self.search.budget, self.observer)

    def open_claims(self) -> tuple[Property, ...]:
        """What lemmas may prove."""
        return open_claims(self.properties, self.everywhere)

    def search_the_instance(self, share: float = 1.0) -> None:
        """For this share of the time that there is, and small ones for what that leaves undetermined."""
        budget, growing = self.everywhere.left(self.search.budget), self._growing()
        if share < 1.0 and budget.seconds is not None:
            budget = replace(budget, seconds=budget.seconds * share)
        if growing is not None:
            budget = but_for_growing(budget, growing)
        self.answer = self._run(self.properties, budget)
        self.verdicts = tuple(map(self.everywhere.strengthened, self.answer.verdicts))
        ended = self.search.first and any(verdict.outcome is Outcome.VIOLATED for verdict in self.verdicts)
        if growing is not None and not ended:
            self.verdicts = what_remains(growing, self.system, self.verdicts, self.search.budget, self.observer)

    def look_for_lemmas(self) -> None:
        """For what is not known to be violated, and not known to hold at every size."""
        assert self.family is not None
        seconds = seconds_for_lemmas(self.watch)
        self.lemmas = look_for_lemmas(self.family, self.open_claims(), self.verdicts, seconds, self.observer)
        self.verdicts = tuple(map(self.lemmas.strengthened, self.verdicts))

    def search_on(self) -> None:
        """The instance once more, in all the time that is left, for what is still undetermined."""
        left = {verdict.property for verdict in self.verdicts if verdict.outcome is Outcome.UNDETERMINED}
        if not left:
            return
        asked = tuple(claim for claim in self.properties if claim.name in left)
        budget = replace(self.search.budget, seconds=self.watch.left().seconds)
        before = self.answer.findings
        self.answer = self._run(asked, budget)
        self.answer = replace(self.answer, findings=tuple(dict.fromkeys((*before, *self.answer.findings))))
        found = {verdict.property: verdict for verdict in self.answer.verdicts}
        self.verdicts = tuple(found.get(verdict.property, verdict) for verdict in self.verdicts)

    def _growing(self) -> MakeFamily | None:
        return self.family if self.search.engine == "explicit" else None

    def _run(self, properties: tuple[Property, ...], budget: Budget) -> _Answer:
        run = _bounded if self.search.engine == "bounded" else _explicit
        return run(self.system, properties, replace(self.search, budget=budget), self.observer)


def judge(
    subject: Subject,
    system: System,
    properties: tuple[Property, ...],
    verdicts: tuple[Verdict, ...],
    expectations: Expectations,
) -> tuple[Judged, ...]:
    """An engine's verdicts, one for each property, after the reference interpreter has seen what they rest on."""
    interpreter = Interpreter(system)
    judged = []
    for claim, verdict in zip(properties, verdicts, strict=True):
        belief, trace = believed(interpreter, subject, claim, verdict)
        judged.append(Judged(belief, claim.kind.value, place_of(claim.span), expectations.of(claim.name), trace))
    return tuple(judged)


def _explicit(system: System, properties: tuple[Property, ...], search: Search, observer: Observer | None) -> _Answer:
    from verifier.engines import explicit

    report = explicit.check(system, properties, search.budget, observer, search.symmetry, search.first)
    return _Answer(
        report.verdicts,
        Counts(report.states, report.transitions, report.depth, report.seconds),
        report.symmetry,
        tuple(Finding(finding.kind, finding.message, place_of(finding.span)) for finding in report.findings),
    )


def _bounded(system: System, properties: tuple[Property, ...], search: Search, observer: Observer | None) -> _Answer:
    from verifier.engines import bounded

    verdicts = bounded.check(system, properties, search.depth, search.budget, observer)
    if any(INTERRUPTED in verdict.reason for verdict in verdicts):
        raise KeyboardInterrupt
    # It stores no states; its properties are searched for together, so the longest time is that of all.
    depth = max((verdict.depth for verdict in verdicts), default=0)
    return _Answer(verdicts, Counts(depth=depth, seconds=max((v.seconds for v in verdicts), default=0.0)))
