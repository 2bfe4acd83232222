"""What is proved here, no search refutes: random systems, and protocols with a mistake in a guard or an update."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.proof.inference.protocols import SIZES
from tests.proof.inference.protocols import family as protocol_family
from tests.proof.specs import claims_of, opened, specification
from tests.strategies import systems
from verifier.engines import explicit
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family, NotUniformError, family_of
from verifier.engines.proof.instances import instance
from verifier.engines.proof.prover import Proof, conditions_of, provable, prove
from verifier.engines.proof.transfer import NotTransferableError, transfer
from verifier.engines.verdict import Budget, Outcome
from verifier.evidence.proving import attempt
from verifier.system.expressions import TRUE, And, Expression, Not, Read, Some
from verifier.system.system import Action, Property, PropertyKind, System
from verifier.system.types import BoolType, OptionalType

QUICK = ("lock_service", "two_phase_commit")


def refuted(system: System, claims: tuple[Property, ...]) -> set[str]:
    """The claims that an exhaustive search of the instance refutes."""
    found = explicit.check(system, claims, Budget(states=3000)).verdicts
    return {verdict.property for verdict in found if verdict.outcome is Outcome.VIOLATED}


def check_agreement(family: Family, proof: Proof, most: int) -> None:
    """Neither a claim that was proved nor a lemma that was kept is violated at small sizes."""
    lemmas = tuple(Property(f"{lemma.name} (lemma)", PropertyKind.ALWAYS, lemma.formula) for lemma in proof.lemmas)
    text = replace(family.text, properties=(*family.text.properties, *lemmas))
    for sizes in product(range(1, most + 1), repeat=len(family.orbits)):
        small = instance(replace(family, text=text), sizes)
        names = {*proof.proved, *(lemma.name for lemma in lemmas)}
        claims = tuple(claim for claim in small.properties if claim.name in names)

        assert not refuted(small, claims), sizes


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(systems())
def test_random_systems(system: System) -> None:
    """At sizes 1 to 3, for the claims of the system and a lemma that says nothing of interest."""
    try:
        family = family_of(system, system.properties)
    except NotUniformError:
        assume(False)
    claims = provable(family.text.properties)

    proof = prove(family, claims, (Lemma("true", TRUE),), Budget(seconds=20))

    check_agreement(family, proof, 3 if len(family.orbits) < 2 else 2)


def mutants(system: System) -> Iterator[tuple[str, System]]:
    """The system with one change: a condition less in a guard, an update less, or another value written."""
    for number, action in enumerate(system.actions):
        for what, changed in changed_actions(action):
            actions = (*system.actions[:number], changed, *system.actions[number + 1 :])
            yield f"{action.name}: {what}", replace(system, actions=actions)


def changed_actions(action: Action) -> Iterator[tuple[str, Action]]:
    parts = action.guard.operands if isinstance(action.guard, And) else (action.guard,)
    for index, part in enumerate(parts):
        rest = (*parts[:index], *parts[index + 1 :])
        if not opens(part):
            yield f"no condition {index}", replace(action, guard=And(rest))
            yield f"condition {index} negated", replace(action, guard=And((*rest, Not(part))))
    for index, update in enumerate(action.updates):
        others = (*action.updates[:index], *action.updates[index + 1 :])
        yield f"no update {index}", replace(action, updates=others)
        if isinstance(update.value.type, BoolType):
            yield (
                f"update {index} negated",
                replace(action, updates=(*others, replace(update, value=Not(update.value)))),
            )


def opens(part: Expression) -> bool:
    """Whether what comes after a condition may rest on it: an optional that it has found to be there."""
    return "IsSome" in repr(part) and isinstance(part.type, BoolType) and not isinstance(part, Not | Read | Some)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["handover", "tied"])
def test_no_mutant_that_a_search_refutes_is_proved(name: str) -> None:
    """The lemmas are those of the unchanged protocol. Most mutants must be refuted, or this shows nothing."""
    found = opened(name)
    claims = claims_of(found)
    assert prove(found.family, claims).proved == tuple(claim.name for claim in claims)
    caught = total = 0
    for what, text in mutants(found.family.text):
        family = replace(found.family, text=text)
        proof = prove(family, claims)
        broken = set[str]()
        for sizes in product((1, 2), repeat=len(family.orbits)):
            small = instance(family, sizes)
            broken |= refuted(small, provable(small.properties))
        total += 1
        caught += bool(broken)

        assert not broken & set(proof.proved), what
    assert caught >= total // 4, (caught, total)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("lock_service", marks=pytest.mark.slow),
        pytest.param("two_phase_commit", marks=pytest.mark.slow),
        *(pytest.param(name, marks=pytest.mark.long) for name in SIZES if name not in QUICK),
    ],
)
def test_no_mutant_of_a_protocol_that_a_search_refutes_is_proved(name: str) -> None:
    """At sizes 1 to 3, with all the lemmas that were found for the protocol itself."""
    found, claims = protocol_family(name)
    good = attempt(found, claims, Budget(seconds=300)).proof
    assert good.proved == tuple(claim.name for claim in claims)
    lemmas = [lemma for lemma in good.lemmas if lemma.name not in good.proved]
    caught = total = 0
    for what, text in mutants(found.text):
        family = replace(found, text=text)
        proof = prove(family, claims, lemmas, Budget(seconds=60))
        broken = set[str]()
        for size in (1, 2, 3):
            small = instance(family, family.sizes(size))
            broken |= refuted(small, tuple(c for c in small.properties if c.name in good.proved))
        total += 1
        caught += bool(broken)

        assert not broken & set(proof.proved), what
    assert caught >= total // 6, (caught, total)


def test_optionals_are_what_the_filter_looks_for() -> None:
    """The filter of mutants knows what may not be left out."""
    land = opened("handover").family.text.action("land")
    assert opens(land.guard)
    assert isinstance(opened("handover").family.text.function("write").result, OptionalType)


@pytest.mark.long
@pytest.mark.parametrize("name", ["two_resume", "vfio_pair"])
def test_lemmas_of_a_protocol_do_not_prove_what_its_variants_violate(name: str) -> None:
    """The lemmas are those that were found for the protocol itself, as far as a variant has words for them."""
    found = opened(name)
    claims = claims_of(found)
    good = attempt(found.family, claims, Budget(seconds=300)).proof
    assert good.proved == tuple(claim.name for claim in claims)
    lemmas = [lemma for lemma in good.lemmas if lemma.name not in good.proved]
    for variant in specification(name).variants:
        family = opened(name, variant.name).family

        proof = prove(family, provable(family.text.properties), list(transferred(lemmas, family)))

        assert not set(variant.violated) & set(proof.proved), variant.name


def transferred(lemmas: Sequence[Lemma], family: Family) -> Iterator[Lemma]:
    for lemma in lemmas:
        with suppress(NotTransferableError):
            yield Lemma(lemma.name, transfer(lemma.formula, family.sorts))


def test_a_lemma_that_is_not_assumed_must_be_shown_of_every_step() -> None:
    """That a step does not touch what it speaks of is enough only where it is known to hold before."""
    family = opened("handover").family
    halted = next(c for c in family.text.properties if c.name == "halted")
    lemma = Lemma(halted.name, halted.formula)
    issue = family.text.action("issue")

    assert conditions_of(family).step(issue, (lemma,), (lemma,), ()).goals == ()
    assert conditions_of(family).step(issue, (), (lemma,), ()).goals != ()
