"""Lemmas that are inferred prove the claims; wrong protocols are refuted by behaviours that replay."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import pytest

from tests.bounded.oracle import search
from tests.proof.inference.protocols import SIZES, TESTS, family, specification
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.inference.infer import Inference, infer
from verifier.engines.proof.instances import instance, members_of_size
from verifier.engines.proof.prover import prove
from verifier.engines.proof.transfer import transfer
from verifier.engines.verdict import Budget, Progress
from verifier.engines.watch import Watch
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.language.show_expression import show_expression
from verifier.system.expressions import Not
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property

slow = pytest.mark.slow
long = pytest.mark.long

FROM_ELSEWHERE = ("lock_service", "two_phase_commit", "german", "sharded_store", "ring_election")
QUICK = ("two_resume", "vfio_pair")


def marks(name: str) -> pytest.MarkDecorator | tuple[()]:
    """How long the tests of a protocol take."""
    return () if name in FROM_ELSEWHERE else slow if name in QUICK else long


ALL = [
    *(pytest.param(name) for name in FROM_ELSEWHERE),
    *(pytest.param(name, marks=marks(name)) for name in SIZES if name not in FROM_ELSEWHERE),
]
WRONG = [
    pytest.param(name, variant.name, variant.violated, marks=marks(name))
    for name in SIZES
    for variant in specification(name).variants
    if variant.name != "too_small"  # its mistake is a size, and these instances choose their sizes
]


@cache
def inferred(name: str, variant: str | None = None, seed: int = 0) -> tuple[Family, tuple[Property, ...], Inference]:
    found, claims = family(name, variant)
    return found, claims, infer(found, claims, Watch(Budget()), seed=seed)


@pytest.mark.parametrize("name", ALL)
def test_every_claim_is_supported(name: str) -> None:
    """No claim of a correct protocol is refuted or left without lemmas."""
    _, claims, result = inferred(name)

    assert result.refuted == ()
    assert result.supported == tuple(claim.name for claim in claims)
    assert result.reason == ""


@pytest.mark.parametrize("name", ALL)
def test_the_lemmas_prove_the_claims_for_every_size(name: str) -> None:
    """An independent path: verification conditions in first-order logic, of which z3 refutes the negations."""
    found, claims, result = inferred(name)
    proof = prove(found, claims, result.lemmas)

    assert [str(failure) for failure in proof.failures] == []
    assert set(proof.proved) == {claim.name for claim in claims}


@pytest.mark.parametrize("name", ["lock_service", "two_phase_commit", pytest.param("sharded_store", marks=slow)])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_lemmas_hold_in_all_reachable_states(name: str, size: int) -> None:
    """As the reference interpreter reaches and evaluates them, at small sizes."""
    found, _, result = inferred(name)
    sizes = [size] * len(found.orbits) if len(found.orbits) == 1 else [1, size, 1, 2]
    system = instance(found, sizes)
    interpreter = Interpreter(system)
    sorts = members_of_size(found, sizes).sorts
    reached = search(system)
    for lemma in result.lemmas:
        formula = transfer(lemma.formula, sorts)
        assert all(interpreter.holds(formula, state) for state in reached.states), show_expression(lemma.formula)


@pytest.mark.parametrize(("name", "variant", "violated"), WRONG)
def test_a_wrong_protocol_is_refuted(name: str, variant: str, violated: tuple[str, ...]) -> None:
    """Every claim of ours that a variant must violate, by a behaviour that the reference interpreter confirms."""
    _, claims, result = inferred(name, variant)
    refuted = {refuted.claim for refuted in result.refuted}

    assert {claim.name for claim in claims} & set(violated) <= refuted
    for one in result.refuted:
        interpreter = Interpreter(one.system)
        claim = one.system.property_named(one.claim)
        confirm(interpreter, claim, replay(interpreter, one.behaviour))


@long
@pytest.mark.parametrize("name", ["two_phase_commit", "lock_service", "ring_election", "ownership_flip"])
def test_the_verdict_does_not_depend_on_the_order_of_the_search(name: str) -> None:
    """Twenty orders: the same claims are supported, whatever the lemmas."""
    for seed in range(1, 21):
        assert inferred(name, seed=seed)[2].supported == inferred(name)[2].supported


@slow
def test_the_same_input_gives_the_same_lemmas() -> None:
    """Whatever the seed of Python's hashes."""
    program = (
        "from tests.proof.inference.test_infer import inferred\n"
        "from verifier.language.show_expression import show_expression\n"
        "for name in ('two_phase_commit', 'german'):\n"
        "    for lemma in inferred(name)[2].lemmas: print(lemma.name, show_expression(lemma.formula))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(TESTS.parent)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(3)
    }

    assert len(said) == 1
    assert "lemma1 " in said.pop()


def test_what_is_cut_short_has_no_lemmas() -> None:
    """When the budget is used up there is a reason, and nothing is supported."""
    found, claims = family("german")
    result = infer(found, claims, Watch(Budget(seconds=0.05)))

    assert result.lemmas == ()
    assert result.supported == ()
    assert "seconds" in result.reason


def test_progress_is_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The observer hears of frames and clauses."""
    monkeypatch.setattr("verifier.engines.watch.INTERVAL", 0)
    seen: list[Progress] = []
    found, claims = family("german")
    watch = Watch(Budget(), seen.append)
    infer(found, claims, watch)

    assert {moment.engine for moment in seen} == {"inference", "lemmas", "circuit"}
    assert all(moment.doing for moment in seen)


def test_user_lemmas_are_taken_and_named() -> None:
    """A hint that is inductive is used under its name; one that is wrong is dropped, and nothing is lost by it."""
    found, claims, result = inferred("two_phase_commit")
    hints = [Lemma("helpful", result.lemmas[0].formula), Lemma("wrong", Not(result.lemmas[1].formula))]
    again = infer(found, claims, Watch(Budget()), hints)

    assert again.supported == result.supported
    assert "helpful" in {lemma.name for lemma in again.lemmas}
    assert "wrong" not in {lemma.name for lemma in again.lemmas}
