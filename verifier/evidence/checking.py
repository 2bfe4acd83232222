"""Checking one instance: run an engine, replay what it found, judge that by what the specification expects.

Importing this module loads no engine; running a check loads the one that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from verifier.engines.verdict import Budget, Observer, Outcome, Verdict
from verifier.evidence.all_sizes import NOTHING, MakeFamily, look_at_all_sizes
from verifier.evidence.believe import believed
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

    If there is a `family`, the system is one of its instances, and claims may be proved for all of them at once; this
    is tried where nothing is expected to be violated.

    The number of states is held against the expected one where that means something: in a complete search for all
    properties, reduced by symmetry.
    """
    run = _bounded if search.engine == "bounded" else _explicit
    everywhere = NOTHING
    if (
        family is not None
        and search.engine == "explicit"
        and search.symmetry
        and not search.first
        and not expectations.violated
    ):
        everywhere = look_at_all_sizes(family, properties, search.budget, observer)
    answer = run(system, properties, replace(search, budget=everywhere.left(search.budget)), observer)
    verdicts = tuple(map(everywhere.strengthened, answer.verdicts))
    judged = judge(subject, system, properties, verdicts, expectations)
    counts = answer.counts
    complete = all(verdict.outcome is not Outcome.UNDETERMINED for verdict in answer.verdicts)
    if complete and search == Search(budget=search.budget) and properties == system.properties:
        counts = replace(counts, expected_states=expectations.states)
    return CheckResult(subject, judged, counts, answer.symmetry, answer.findings, everywhere.suspicions)


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
