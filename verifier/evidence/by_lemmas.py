"""What lemmas prove for every size, where a check has time for that and nothing else has proved it.

Importing this module loads no engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from verifier.engines.verdict import Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.evidence.all_sizes import AllSizes, MakeFamily
from verifier.evidence.confirm import shown_by_a_run
from verifier.evidence.results import Finding
from verifier.evidence.trace import place_of
from verifier.system.family import Suspicion
from verifier.system.system import Property

if TYPE_CHECKING:
    from verifier.engines.proof.conditions import Lemma
    from verifier.engines.proof.uniform import Uniform
    from verifier.evidence.proving import Violation

SHARE = 0.25
"""How much of the seconds of a check may go into this."""

METHOD = "proved for every size by lemmas"

LARGER = 3
"""By how much more than the least all sizes are tried, where something is violated at some size."""


@dataclass(frozen=True, slots=True)
class ByLemmas:
    """By name, the verdicts of claims that lemmas prove; what keeps others from it, and what other sizes violate."""

    proved: Mapping[str, Verdict] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()

    def strengthened(self, verdict: Verdict) -> Verdict:
        """The verdict, or the one that says more. A proof without a size to choose says no more than all states do."""
        proved = self.proved.get(verdict.property)
        weaker = proved is not None and not proved.method.startswith(METHOD) and verdict.outcome is Outcome.HOLDS
        return verdict if proved is None or weaker else replace(proved, seconds=verdict.seconds + proved.seconds)


def open_claims(properties: Iterable[Property], everywhere: AllSizes) -> tuple[Property, ...]:
    """The claims that lemmas might prove and that are not known to hold at every size that they are about."""
    known = () if everywhere.partly else everywhere.proved
    about_all_runs = (claim for claim in properties if shown_by_a_run(claim) is Outcome.VIOLATED)
    return tuple(claim for claim in about_all_runs if claim.name not in known)


def seconds_for_lemmas(watch: Watch) -> float:
    """How long lemmas may be looked for now that all else is done; the watch is that of the whole check."""
    assert watch.budget.seconds is not None
    return max(0.1, min(SHARE * watch.budget.seconds, watch.budget.seconds - watch.seconds))


def look_for_lemmas(
    make_family: MakeFamily,
    claims: Sequence[Property],
    verdicts: Iterable[Verdict],
    seconds: float,
    observer: Observer | None,
) -> ByLemmas:
    """What lemmas prove of those of the claims that the instance does not violate, as its verdicts tell."""
    known = {verdict.property: verdict.outcome for verdict in verdicts}
    asked = [claim for claim in claims if known.get(claim.name) in (Outcome.HOLDS, Outcome.UNDETERMINED)]
    systems = make_family()
    if not asked or (not systems.sizes and all(known[claim.name] is Outcome.HOLDS for claim in asked)):
        return ByLemmas()
    if find_spec("pysat") is None:
        return _left(asked, "lemmas are not searched for: pip install flip-verifier[proof]")
    from verifier.engines.proof.family import NotUniformError
    from verifier.engines.proof.prover import VacuousError
    from verifier.engines.proof.solver import SolverError
    from verifier.engines.proof.uniform import uniform

    try:
        with interruptible():
            family = uniform(systems)
            if not family.covers_instance:
                return _left(asked, f"lemmas are about {family.describe()} only")
            return _attempted(family, asked, known, Watch(Budget(seconds)), observer)
    except (NotUniformError, VacuousError, SolverError, Stopped) as reason:
        return _left(asked, str(reason))


def _attempted(
    uniform: Uniform,
    asked: Sequence[Property],
    known: Mapping[str, Outcome],
    watch: Watch,
    observer: Observer | None,
) -> ByLemmas:
    from verifier.engines.proof.prover import provable
    from verifier.evidence.proving import FOR_THE_INSTANCE, attempt
    from verifier.evidence.proving_alone import attempt_alone, proved_alone, verdict_on
    from verifier.evidence.smallest import at_smallest_sizes

    names = {claim.name for claim in asked}
    # What is already known to hold is a lemma for the rest, so it is proved again.
    every = [claim for claim in uniform.family.text.properties if known.get(claim.name) is not Outcome.VIOLATED]
    claims = provable(every) if provable(asked) else ()
    alone = proved_alone(asked)
    sizes = uniform.describe()
    method = f"{METHOD} ({sizes})" if sizes else FOR_THE_INSTANCE
    proved: dict[str, Verdict] = {}
    reasons: dict[str, str] = {}
    violated: dict[str, Violation] = {}
    lemmas: tuple[Lemma, ...] = ()
    if claims:
        tried = attempt(uniform.family, claims, watch.left(2 if alone else 1), observer)
        if tried.violated:
            tried = at_smallest_sizes(uniform, tried, watch.left(2 if alone else 1), observer)
        violated.update(tried.violated)
        lemmas = tried.proof.lemmas
        for claim in claims:
            if claim.name in tried.proof.proved:
                proved[claim.name] = Verdict(claim.name, Outcome.HOLDS, method, seconds=watch.seconds)
            elif claim.name not in violated:
                why = tried.reasons.get(claim.name) or tried.reason or tried.proof.failure(claim.name)
                reasons[claim.name] = str(why or "it was not tried")
    for number, claim in enumerate(alone):
        started = watch.seconds
        came = attempt_alone(uniform, claim, watch.left(len(alone) - number), observer, known=lemmas)
        if came.violation is not None:
            violated[claim.name] = came.violation
        elif came.proved:
            proved[claim.name] = replace(verdict_on(came, sizes, METHOD), seconds=watch.seconds - started)
        else:
            reasons[claim.name] = came.reason
    where = "some other size" if sizes else "this instance, as `flip prove` shows"
    elsewhere = [
        Finding("size", f"{claim.name} is violated at {where}", place_of(claim.span))
        for claim in {claim.name: claim for claim in (*claims, *asked)}.values()
        if claim.name in violated
    ]
    return ByLemmas(
        {name: verdict for name, verdict in proved.items() if name in names},
        (*elsewhere, *_not_proved(asked, reasons)),
        tuple(_suspicion(uniform, name, violation) for name, violation in violated.items()),
    )


def _suspicion(uniform: Uniform, claim: str, violation: Violation) -> Suspicion:
    """Where to look for the violation: at its sizes if they are known, or else in some small instances."""
    if violation.settings:
        return Suspicion(claim, tuple((name, int(size)) for name, size in violation.settings), frozenset(), 0)
    first = tuple((name, least) for size, least in uniform.least for name in size.names)
    return Suspicion(claim, first, frozenset(name for name, _ in first), LARGER)


def _left(asked: Sequence[Property], reason: str) -> ByLemmas:
    return ByLemmas(findings=tuple(_not_proved(asked, {claim.name: reason for claim in asked})))


def _not_proved(asked: Sequence[Property], reasons: Mapping[str, str]) -> Iterator[Finding]:
    """One line for all claims that are not proved for one reason."""
    for reason in dict.fromkeys(reasons.values()):
        for_it = [claim for claim in asked if reasons.get(claim.name) == reason]
        if for_it:
            names = ", ".join(claim.name for claim in for_it)
            text = f"not proved for every size by lemmas: {names} ({reason})"
            yield Finding("not_proved", text, place_of(for_it[0].span))
