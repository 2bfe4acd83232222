"""Proving for every size what is said in other words first: that nothing gets stuck, and that a scenario is impossible.

Where no proof is found, the claim is searched for in small instances, as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import NotUniformError
from verifier.engines.proof.rephrased import in_other_words
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import Budget, Observer, Verdict
from verifier.engines.watch import Watch
from verifier.evidence.own_proof import OwnProof
from verifier.evidence.proving import attempt
from verifier.evidence.proving_progress import attempt_ranking
from verifier.evidence.small_instances import in_small_instances
from verifier.system.system import Property, PropertyKind

SECONDS, STATES = 20.0, 200_000
"""How far each small instance is searched."""


def attempt_rephrased(
    about: Uniform,
    claim: Property,
    budget: Budget,
    observer: Observer | None = None,
    find_lemmas: bool = True,
    known: Sequence[Lemma] = (),
) -> OwnProof:
    """Prove a claim for which `can_be_rephrased`, or find out why not. Raises VacuousError.

    Lemmas that are `known` may help, as for `attempt`.
    """
    watch = Watch(Budget(seconds=budget.seconds), observer)
    tried = replace(_proof(about, claim, watch, observer, find_lemmas, known), claim=claim)
    if tried.proved:
        return tried
    seconds = watch.left().seconds
    part = Budget(seconds=SECONDS if seconds is None else min(seconds, SECONDS), states=STATES)
    found = in_small_instances(about, claim, part, observer)
    if isinstance(found, Verdict):
        return OwnProof(claim, searched=found)
    return tried if found is None else replace(tried, violation=found)


def _proof(
    about: Uniform,
    claim: Property,
    watch: Watch,
    observer: Observer | None,
    find_lemmas: bool,
    known: Sequence[Lemma],
) -> OwnProof:
    try:
        other = in_other_words(about, claim.name)
    except NotUniformError as reason:
        return OwnProof(claim, reason=str(reason))
    # What the claim names is told apart from the rest, so that the sorts may be others.
    same = other.family.text.sorts == about.family.text.sorts and other.family.orbits == about.family.orbits
    lemmas = known if same else ()
    (said,) = other.family.text.properties
    if said.kind is PropertyKind.LEADS_TO:
        return attempt_ranking(other.family, said, watch, observer, find_lemmas, lemmas)
    tried = attempt(other.family, (said,), watch.left(), observer, find_lemmas, known=lemmas)
    if said.name in tried.proof.proved:
        return OwnProof(claim, proof=tried.proof)
    if said.name in tried.violated:
        return OwnProof(claim, reason="a small instance can perform it")
    return OwnProof(claim, reason=tried.reason or str(tried.proof.failure(said.name) or "it was not tried"))
