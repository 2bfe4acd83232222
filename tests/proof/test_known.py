"""Lemmas that are known already need not be found again, but they are proved again."""

from __future__ import annotations

from unittest.mock import patch

from tests.proof.specs import claims_of, opened
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.inference.infer import infer
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.evidence import proving_progress
from verifier.evidence.proving import attempt
from verifier.system.expressions import FALSE, TRUE, Not

FOUND = opened("handover")
FAMILY = FOUND.family
CLAIMS = tuple(claim for claim in claims_of(FOUND) if not claim.lemma)
LEMMAS = tuple(Lemma(claim.name, claim.formula) for claim in claims_of(FOUND) if claim.lemma)
NAMES = {claim.name for claim in CLAIMS}


def test_known_lemmas_are_used_where_none_are_searched_for() -> None:
    without = attempt(FAMILY, CLAIMS, Budget(), find_lemmas=False)
    helped = attempt(FAMILY, CLAIMS, Budget(), find_lemmas=False, known=LEMMAS)

    assert not set(without.proof.proved) >= NAMES
    assert set(helped.proof.proved) >= NAMES


def test_the_search_begins_with_known_lemmas_and_numbers_others_apart() -> None:
    """Half of what is known, under the names that new lemmas would have."""
    known = tuple(Lemma(f"lemma{number}", lemma.formula) for number, lemma in enumerate(LEMMAS[:2], 1))
    found = infer(FAMILY, CLAIMS, Watch(Budget()), known)
    with patch("verifier.engines.proof.inference.infer.infer", wraps=infer) as search:
        tried = attempt(FAMILY, CLAIMS, Budget(), known=known)

    names = [lemma.name for lemma in found.lemmas]
    assert len(set(names)) == len(names)
    assert {lemma.formula for lemma in known} & {lemma.formula for lemma in found.lemmas}
    for lemma in known:
        assert lemma.name not in names or lemma in found.lemmas
    assert search.call_args_list[0].args[3] == known
    assert set(tried.proof.proved) >= NAMES


def test_what_is_not_so_helps_nobody() -> None:
    wrong = (Lemma("wrong", FALSE), Lemma("also_wrong", Not(LEMMAS[0].formula)))
    tried = attempt(FAMILY, CLAIMS, Budget(), find_lemmas=False, known=wrong)

    assert set(tried.proof.proved) == set(attempt(FAMILY, CLAIMS, Budget(), find_lemmas=False).proof.proved)


def test_progress_begins_with_what_is_known() -> None:
    """What the claims on states needed is handed on to the obligations of a ranking."""
    family = opened("two_resume").family
    claim = family.text.property_named("goes_on")
    with patch.object(proving_progress, "attempt", wraps=attempt) as asked:
        proving_progress.attempt_progress(family, claim, Budget(seconds=60), None, False, LEMMAS[:0])
        proving_progress.attempt_progress(family, claim, Budget(seconds=60), None, False, (Lemma("so", TRUE),))

    assert [call.kwargs["known"] for call in asked.call_args_list] == [(), (Lemma("so", TRUE),)]
