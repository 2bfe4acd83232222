"""The claims that are proved one by one, each in its own way, and the verdicts on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from verifier.engines.proof.conditions import PROGRESS_CLAIMS, Lemma
from verifier.engines.proof.rephrased import can_be_rephrased
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import LONGER_TRACE, TRACE, Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Watch
from verifier.evidence.believe import believed
from verifier.evidence.checking import Expectations
from verifier.evidence.own_proof import OwnProof
from verifier.evidence.proving import FOR_THE_INSTANCE, METHOD, NOT_PROVED, Violation
from verifier.evidence.proving_progress import LASSO_STATES, attempt_progress
from verifier.evidence.proving_rephrased import attempt_rephrased
from verifier.evidence.results import Judged
from verifier.evidence.small_instances import in_small_instances
from verifier.evidence.trace import Subject, place_of
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property

NOT_SEEN = "what is like the specification's instances can wait for ever, but small instances do not"


def proved_alone(claims: Iterable[Property]) -> tuple[Property, ...]:
    """The claims that `attempt_alone` takes: that something comes to pass, and what can be rephrased."""
    return tuple(claim for claim in claims if claim.kind in PROGRESS_CLAIMS or can_be_rephrased(claim))


def attempt_alone(
    about: Uniform,
    claim: Property,
    budget: Budget,
    observer: Observer | None = None,
    find_lemmas: bool = True,
    known: Sequence[Lemma] = (),
) -> OwnProof:
    """Prove the claim, which is one of the specification, or find out why not. Raises VacuousError.

    Lemmas that are `known` of the family may help, as for `attempt`.
    """
    if can_be_rephrased(claim):
        return attempt_rephrased(about, claim, budget, observer, find_lemmas, known)
    watch = Watch(Budget(seconds=budget.seconds), observer)
    of_all = about.family.text.property_named(claim.name)
    tried = attempt_progress(about.family, of_all, budget, observer, find_lemmas, known)
    if tried.violation is None:
        return tried
    # The family has members that are no instances of the specification: no violation counts but in one of its own.
    part = Budget(watch.left().seconds, LASSO_STATES)
    found = in_small_instances(about, claim, part, observer)
    if isinstance(found, Violation):
        return replace(tried, violation=found)
    return replace(tried, violation=None, reason=tried.reason or NOT_SEEN)


def judged_alone(
    subject: Subject, about: Uniform, tried: Sequence[OwnProof], expectations: Expectations
) -> tuple[Judged, ...]:
    """A verdict on each claim, beside what is expected of it. Violations are replayed by the reference interpreter."""
    made = []
    for one in tried:
        claim, system, there = one.claim, about.source, subject
        if one.violation is not None:
            system = one.violation.system
            claim = system.property_named(claim.name)
            there = replace(subject, settings=tuple({**dict(subject.settings), **dict(one.violation.settings)}.items()))
        belief, trace = believed(Interpreter(system), there, claim, verdict_on(one, about.describe()))
        made.append(Judged(belief, claim.kind.value, place_of(claim.span), expectations.of(claim.name), trace))
    return tuple(made)


def verdict_on(tried: OwnProof, sizes: str, method: str = METHOD) -> Verdict:
    """What to say of the claim, if what is proved is proved for these sizes by this method."""
    name = tried.claim.name
    if tried.violation is not None:
        behaviour = tried.violation.behaviour
        how = TRACE if tried.violation.fewest else LONGER_TRACE
        return Verdict(name, Outcome.VIOLATED, how, depth=len(behaviour.steps), behaviour=behaviour)
    if tried.searched is not None:
        return tried.searched
    if tried.proved:
        said = f"{method} ({sizes}){tried.assumed}" if sizes else FOR_THE_INSTANCE
        return Verdict(name, Outcome.HOLDS, said)
    return Verdict(name, Outcome.UNDETERMINED, NOT_PROVED, reason=tried.reason)
