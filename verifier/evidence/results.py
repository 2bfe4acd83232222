"""The results of checks, and the one place where they become an exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from verifier.engines.verdict import Outcome, Verdict
from verifier.evidence.trace import Place, Subject, Trace
from verifier.system.family import Suspicion


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict beside what the specification expects of it.

    `expected` is None where nothing is: a variant says which properties it breaks and leaves the others open.
    `trace` is the behaviour behind the verdict, replayed; `place` is where the property is written.
    """

    verdict: Verdict
    kind: str
    place: Place
    expected: Outcome | None
    trace: Trace | None = None

    @property
    def as_expected(self) -> bool | None:
        """Whether the outcome is the expected one; None if nothing is expected."""
        return None if self.expected is None else self.verdict.outcome is self.expected


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was searched for one instance, and how many states its specification says there are."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    seconds: float = 0.0
    expected_states: int | None = None

    @property
    def as_expected(self) -> bool:
        """False if another number of states was expected."""
        return self.expected_states is None or self.expected_states == self.states


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing that is no verdict: a claim that holds for no good reason, a step never taken."""

    kind: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of checking one instance of one specification or variant of it.

    `suspicions` are about other sizes: what one of them may violate, or none. `elsewhere` says that this is about
    another size than the instance that was to be checked.
    """

    subject: Subject
    verdicts: tuple[Judged, ...]
    counts: Counts
    symmetry: str = ""
    findings: tuple[Finding, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()
    elsewhere: bool = False


SUCCESS, VIOLATED, WRONG, UNDETERMINED, FAILED = range(5)


def exit_code(results: Iterable[CheckResult], *, wrong: bool = False) -> int:
    """The exit code of a run of Flip with these results; `wrong` if a specification or the command was refused.

    - 0: everything holds, or is as its specification expects
    - 1: something is violated, or an expectation is not met
    - 2: a specification, or the command, is wrong
    - 3: something is undetermined
    - 4: the tool itself failed

    Where several apply, the one that says most about what else can be believed wins: 4, then 2, 1, 3, 0.
    """
    codes = {WRONG} if wrong else set()
    for result in results:
        codes.update(map(_code, result.verdicts))
        if not result.counts.as_expected:
            codes.add(VIOLATED)
    return next((code for code in (FAILED, WRONG, VIOLATED, UNDETERMINED) if code in codes), SUCCESS)


def _code(judged: Judged) -> int:
    match judged.verdict.outcome:
        case Outcome.ERROR:
            return FAILED
        case Outcome.UNDETERMINED:
            return SUCCESS if judged.expected is None else UNDETERMINED
        case Outcome.HOLDS | Outcome.VIOLATED:
            return VIOLATED if judged.as_expected is False else SUCCESS
