"""Proofs for every size: what is proved, what is not, and what is said then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.proof.specs import claims_of, opened, proof_of, specification
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.prover import VacuousError, prove
from verifier.engines.proof.solver import Answer
from verifier.engines.verdict import Budget, Progress
from verifier.system.expressions import FALSE, Equal, ForAll, Read, Variable
from verifier.system.types import SortType

GOOD = ("in_place", "in_order", "halted", "drained", "at_home", "confined")


def test_claims_hold_for_every_size_with_their_lemmas() -> None:
    proof = proof_of("handover")

    assert proof.proved == GOOD
    assert proof.failures == ()


def test_without_a_lemma_what_rests_on_it_is_not_proved() -> None:
    found = opened("handover")
    claims = [claim for claim in claims_of(found) if claim.name != "drained"]

    proof = prove(found.family, claims)

    failure = proof.failure("in_place")
    assert "in_place" not in proof.proved
    assert failure is not None
    assert (failure.action, failure.answer) == ("move", Answer.SAT)


@pytest.mark.parametrize("variant", [v.name for v in specification("handover").variants])
def test_what_a_variant_violates_is_not_proved(variant: str) -> None:
    """The same lemmas, a protocol with a mistake."""
    expected = next(v.violated for v in specification("handover").variants if v.name == variant)

    proof = proof_of("handover", variant)

    assert not set(expected) & set(proof.proved)


def test_the_answer_does_not_depend_on_the_seed() -> None:
    for seed in (1, 7, 42):
        assert proof_of("handover", seed=seed).proved == GOOD
        assert "in_place" not in proof_of("handover", "no_drain", seed=seed).proved


def test_a_lemma_that_is_false_initially_is_dropped_and_proves_nothing() -> None:
    """From "false" everything follows."""
    proof = proof_of("handover", "no_drain", (Lemma("nonsense", FALSE),))

    failure = proof.failure("nonsense")
    assert failure is not None
    assert failure.action is None
    assert not {"confined", "in_place"} & set(proof.proved)


def test_two_lemmas_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two lemmas are called halted"):
        proof_of("handover", None, (Lemma("halted", FALSE),))


def test_constants_that_contradict_one_another_are_an_error() -> None:
    """Contradictory axioms would prove anything."""
    family = opened("vacuous").family
    cases = dict(family.cases)
    cases["large"] = (*cases["large"], replace(cases["large"][0], value=replace(cases["large"][0].value, value=False)))

    with pytest.raises(VacuousError, match="there is no initial state"):
        prove(replace(family, cases=cases), family.text.properties)


def test_what_takes_too_long_is_undetermined() -> None:
    proof = prove(opened("handover").family, claims_of(opened("handover")), budget=Budget(seconds=0.0001))

    assert proof.proved == ()
    assert "seconds was used up" in proof.reason


def test_a_solver_without_memory_proves_nothing() -> None:
    with pytest.raises(VacuousError, match="it is not known whether"):
        prove(opened("handover").family, claims_of(opened("handover")), budget=Budget(memory=40_000_000))


def test_progress_names_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.engines.watch.INTERVAL", 0)
    seen: list[Progress] = []

    prove(opened("handover").family, claims_of(opened("handover")), observer=seen.append)

    assert seen
    assert all(moment.doing.startswith("question ") for moment in seen)


def test_a_lemma_that_is_always_true_is_kept() -> None:
    family = opened("handover").family
    page = SortType(family.sorts["Page"])
    variable = Variable("p", page)
    vm = SortType(family.sorts["Vm"])
    true = Lemma("same", ForAll(variable, Equal(Read("owner", (variable,), vm), Read("owner", (variable,), vm))))

    assert "same" in {lemma.name for lemma in prove(family, (), (true,)).lemmas}
