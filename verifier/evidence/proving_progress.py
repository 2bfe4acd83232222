"""Proving for every size that something comes to pass: by a ranking, whose obligations are proved as other claims are.

A ranking that does not work proves nothing, but neither does it show that the claim is wrong. So where one is missing
or fails, a behaviour that waits for ever is looked for in small instances. Where no size is free, there is only one,
and if all of it is searched, that answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.engines.proof.conditions import PROGRESS_CLAIMS, Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.progress.graph import TooManyStatesError
from verifier.engines.proof.progress.obligations import obligations
from verifier.engines.proof.progress.ranking import Ranking, Unranked, described
from verifier.engines.proof.progress.search import find_lasso, find_ranking
from verifier.engines.proof.progress.units import units
from verifier.engines.proof.prover import Proof
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Stopped, Watch
from verifier.evidence.believe import believed
from verifier.evidence.checking import Expectations
from verifier.evidence.proving import FOR_THE_INSTANCE, METHOD, NOT_PROVED, Violation, attempt
from verifier.evidence.results import Judged
from verifier.evidence.trace import Subject, place_of
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property

ASSUMPTION = "sorts being finite"
"""What a proof by sets that shrink assumes."""

LASSO_BUDGET = Budget(seconds=20, states=200_000)
"""How long a behaviour that waits for ever is looked for in each instance."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """What became of one claim: proved if there is no `reason`, and violated if there is a `violation`.

    `ranking` says in words what comes to rest one after the other, as far as it was found. If it is proved by that,
    `parts` are the ranking, and `proof` is of the claims that it makes. `searched` is the verdict on
    the only instance there is, if it holds there and that was not proved by a ranking.
    """

    claim: Property
    ranking: tuple[str, ...] = ()
    violation: Violation | None = None
    reason: str = ""
    searched: Verdict | None = None
    parts: Ranking = ()
    proof: Proof | None = None

    @property
    def proved(self) -> bool:
        return self.violation is None and not self.reason


def progress_claims(family: Family) -> tuple[Property, ...]:
    """The claims of the family that something comes to pass."""
    return tuple(claim for claim in family.text.properties if claim.kind in PROGRESS_CLAIMS)


def attempt_progress(
    family: Family,
    claim: Property,
    budget: Budget,
    observer: Observer | None = None,
    find_lemmas: bool = True,
    known: Sequence[Lemma] = (),
) -> Progressed:
    """Prove the claim, an EVENTUALLY or LEADS_TO over the family's sorts, or find out why not. Raises VacuousError.

    Lemmas that are `known` of the family may help, as for `attempt`.
    """
    watch = Watch(Budget(seconds=budget.seconds), observer)
    try:
        found = find_ranking(family, claim, watch)
    except (Stopped, TooManyStatesError) as end:
        return Progressed(claim, reason=f"no ranking was found: {end}")
    if isinstance(found, Unranked):
        return _without_proof(family, claim, (), f"no ranking was found: {found}", watch, observer)
    words = described(found, units(family.text))
    proof, reason = _gap(obligations(family, claim, found), watch, observer, find_lemmas, known)
    if reason:
        return _without_proof(family, claim, words, reason, watch, observer)
    return Progressed(claim, words, parts=found, proof=proof)


def _gap(
    wider: Family, watch: Watch, observer: Observer | None, find_lemmas: bool, known: Sequence[Lemma]
) -> tuple[Proof, str]:
    """What is proved of the obligations, and the first one that is not, and why; nothing if all are."""
    seconds = None if watch.budget.seconds is None else max(0.1, watch.budget.seconds - watch.seconds)
    budget = Budget(seconds=seconds)
    tried = attempt(wider, wider.text.properties, budget, observer, find_lemmas, known=known)
    for needed in wider.text.properties:
        if needed.name in tried.violated:
            return tried.proof, f"the ranking is none at other sizes: {needed.name}, fails"
        if needed.name not in tried.proof.proved:
            failure = tried.proof.failure(needed.name)
            why = tried.reason or ("it was not tried" if failure is None else str(failure))
            return tried.proof, f"the ranking is not proved: {why}"
    return tried.proof, ""


def _without_proof(
    family: Family, claim: Property, ranking: tuple[str, ...], reason: str, watch: Watch, observer: Observer | None
) -> Progressed:
    left = None if watch.budget.seconds is None else max(0.1, watch.budget.seconds - watch.seconds)
    seconds = LASSO_BUDGET.seconds if left is None or LASSO_BUDGET.seconds is None else min(left, LASSO_BUDGET.seconds)
    found = find_lasso(family, claim, Budget(seconds=seconds, states=LASSO_BUDGET.states), observer)
    if isinstance(found, Verdict):
        return Progressed(claim, searched=found)
    violation = None if found is None else Violation(found.system, found.behaviour)
    return Progressed(claim, ranking, violation, reason)


def judged_progress(
    subject: Subject, uniform: Uniform, tried: Sequence[Progressed], expectations: Expectations
) -> tuple[Judged, ...]:
    """A verdict on each claim, beside what is expected of it. Violations are replayed by the reference interpreter."""
    made = []
    for one in tried:
        claim = one.claim
        system = uniform.source if one.violation is None else one.violation.system
        verdict = _verdict(uniform, one)
        belief, trace = believed(Interpreter(system), subject, system.property_named(claim.name), verdict)
        made.append(Judged(belief, claim.kind.value, place_of(claim.span), expectations.of(claim.name), trace))
    return tuple(made)


def _verdict(uniform: Uniform, tried: Progressed) -> Verdict:
    name = tried.claim.name
    if tried.violation is not None:
        behaviour = tried.violation.behaviour
        return Verdict(name, Outcome.VIOLATED, "trace", depth=len(behaviour.steps), behaviour=behaviour)
    if tried.searched is not None:
        return tried.searched
    if tried.proved:
        sizes = uniform.describe()
        return Verdict(name, Outcome.HOLDS, f"{METHOD} ({sizes}), {ASSUMPTION}" if sizes else FOR_THE_INSTANCE)
    return Verdict(name, Outcome.UNDETERMINED, NOT_PROVED, reason=tried.reason)
