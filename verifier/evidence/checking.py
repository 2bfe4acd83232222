"""Checking one instance: run an engine, replay what it found, judge that by what the specification expects.

Importing this module loads no engine; running a check loads the one that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from verifier.engines.verdict import Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Watch
from verifier.evidence.all_sizes import NOTHING, MakeFamily, look_at_all_sizes
from verifier.evidence.believe import believed
from verifier.evidence.by_lemmas import ByLemmas, but_for_lemmas, look_for_lemmas, open_claims, seconds_for_lemmas
from verifier.evidence.grown import but_for_growing, what_remains
from verifier.evidence.results import CheckResult, Counts, Finding, Judged
from verifier.evidence.trace import Subject, place_of
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property, System

Engine = Literal["explicit", "bounded"]

INTERRUPTED = "interrupted from keyboard"
"""What z3 says when it took an interrupt for itself, so that Python never heard of it."""


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

    verdicts: tuple[Verdict, ...]
    counts: Counts
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
    run = _bounded if search.engine == "bounded" else _explicit
    watch = Watch(search.budget)
    everywhere = NOTHING
    wide = family if search.engine == "explicit" and search.symmetry and not search.first else None
    timed = search.budget.seconds is not None
    if wide is not None and (timed or not expectations.violated):
        everywhere = look_at_all_sizes(wide, properties, search.budget, observer)
    left = everywhere.left(search.budget)
    unproved = open_claims(properties, everywhere) if timed and not expectations.violated else ()
    if wide is not None and unproved:
        left = but_for_lemmas(left, search.budget)
    growing = family if search.engine == "explicit" else None
    here = left if growing is None else but_for_growing(left, growing)
    answer = run(system, properties, replace(search, budget=here), observer)
    verdicts = tuple(map(everywhere.strengthened, answer.verdicts))
    ended = search.first and any(verdict.outcome is Outcome.VIOLATED for verdict in verdicts)
    if growing is not None and not ended:
        verdicts = what_remains(growing, system, verdicts, search.budget, observer)
    lemmas = ByLemmas()
    if wide is not None and unproved:
        lemmas = look_for_lemmas(wide, unproved, verdicts, seconds_for_lemmas(watch), observer)
        verdicts = tuple(map(lemmas.strengthened, verdicts))
    judged = judge(subject, system, properties, verdicts, expectations)
    counts = answer.counts
    complete = all(verdict.outcome is not Outcome.UNDETERMINED for verdict in answer.verdicts)
    if complete and search == Search(budget=search.budget) and properties == system.properties:
        counts = replace(counts, expected_states=expectations.states)
    suspicions = () if expectations.violated else (*everywhere.suspicions, *lemmas.suspicions)
    tried = () if expectations.violated or lemmas.proved else everywhere.findings
    findings = (*answer.findings, *tried, *lemmas.findings)
    return CheckResult(subject, judged, counts, answer.symmetry, findings, suspicions)


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
