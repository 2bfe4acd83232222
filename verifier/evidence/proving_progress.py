"""Proving for every size that something comes to pass: by a ranking, whose obligations are proved as other claims are.

A ranking that does not work proves nothing, but neither does it show that the claim is wrong. So where one is missing
or fails, a behaviour that waits for ever is looked for in small instances. Where no size is free, there is only one,
and if all of it is searched, that answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.progress.graph import TooManyStatesError
from verifier.engines.proof.progress.obligations import obligations
from verifier.engines.proof.progress.ranking import Unranked, described
from verifier.engines.proof.progress.search import find_lasso, find_ranking
from verifier.engines.proof.progress.units import units
from verifier.engines.verdict import Budget, Observer, Verdict
from verifier.engines.watch import Stopped, Watch
from verifier.evidence.own_proof import OwnProof
from verifier.evidence.proving import Attempted, Violation, attempt
from verifier.system.system import Property

LASSO_SECONDS, LASSO_STATES = 20.0, 200_000
"""How long a behaviour that waits for ever is looked for in each instance."""


def attempt_progress(
    family: Family,
    claim: Property,
    budget: Budget,
    observer: Observer | None = None,
    find_lemmas: bool = True,
    known: Sequence[Lemma] = (),
) -> OwnProof:
    """Prove the claim, an EVENTUALLY or LEADS_TO over the family's sorts, or find out why not. Raises VacuousError.

    Lemmas that are `known` of the family may help, as for `attempt`.
    """
    watch = Watch(Budget(seconds=budget.seconds), observer)
    tried = attempt_ranking(family, claim, watch, observer, find_lemmas, known)
    if tried.proved:
        return tried
    seconds = watch.left().seconds
    part = Budget(seconds=LASSO_SECONDS if seconds is None else min(seconds, LASSO_SECONDS), states=LASSO_STATES)
    found = find_lasso(family, claim, part, observer)
    if isinstance(found, Verdict):
        return OwnProof(claim, searched=found)
    return tried if found is None else replace(tried, violation=Violation(found.system, found.behaviour, fewest=True))


def attempt_ranking(
    family: Family,
    claim: Property,
    watch: Watch,
    observer: Observer | None = None,
    find_lemmas: bool = True,
    known: Sequence[Lemma] = (),
) -> OwnProof:
    """The same, but what is not proved is not looked at any further."""
    try:
        found = find_ranking(family, claim, watch)
    except (Stopped, TooManyStatesError) as end:
        return OwnProof(claim, reason=f"no ranking was found: {end}")
    if isinstance(found, Unranked):
        return OwnProof(claim, reason=f"no ranking was found: {found}")
    words = described(found, units(family.text))
    wider = obligations(family, claim, found)
    tried = attempt(wider, wider.text.properties, watch.left(), observer, find_lemmas, known=known)
    gap = _gap(wider, tried)
    return OwnProof(claim, words, parts=found, proof=tried.proof) if not gap else OwnProof(claim, words, reason=gap)


def _gap(wider: Family, tried: Attempted) -> str:
    """The first of the obligations that is not proved, and why; empty if all are."""
    for needed in wider.text.properties:
        if needed.name in tried.violated:
            return f"the ranking is none at other sizes: {needed.name}, fails"
        if needed.name not in tried.proof.proved:
            failure = tried.proof.failure(needed.name)
            why = tried.reason or ("it was not tried" if failure is None else str(failure))
            return f"the ranking is not proved: {why}"
    return ""
