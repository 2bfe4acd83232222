"""Specifications as families, for the tests of proofs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.prover import Proof, provable, prove
from verifier.engines.proof.uniform import Uniform, uniform
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.system import Property

HERE = Path(__file__).parent
SPECS = HERE.parent.parent / "specs"


@lru_cache(maxsize=8)
def specification(name: str) -> Specification:
    """A file beside the tests, or among the specifications."""
    path = HERE / f"{name}.flip"
    found = open_specification(path if path.exists() else SPECS / f"{name}.flip")
    assert isinstance(found, Specification), found
    return found


@lru_cache(maxsize=32)
def opened(name: str, variant: str | None = None, instance: str | None = None) -> Uniform:
    spec = specification(name)
    assert isinstance(spec.elaborate(variant, instance), Elaborated)
    return uniform(spec.family(variant, instance))


def claims_of(found: Uniform) -> tuple[Property, ...]:
    return provable(found.family.text.properties)


def proof_of(name: str, variant: str | None = None, lemmas: tuple[Lemma, ...] = (), seed: int = 0) -> Proof:
    """What the claims of a specification, and these lemmas, prove."""
    found = opened(name, variant)
    return prove(found.family, claims_of(found), lemmas, seed=seed)
