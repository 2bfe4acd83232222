"""The protocols of `tests/protocols` and `specs`, as systems and families."""

from __future__ import annotations

from pathlib import Path

from verifier.engines.proof.family import Family, family_of
from verifier.engines.proof.inference.circuit import CLAIMS
from verifier.engines.proof.inference.classes import with_words
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.system import Property, System

TESTS = Path(__file__).parents[2]
PROTOCOLS = TESTS / "protocols"
SPECS = TESTS.parent / "specs"

SIZES: dict[str, dict[str, int]] = {
    "lock_service": {"Client": 3},
    "two_phase_commit": {"Node": 3},
    "german": {"Client": 3, "Data": 4},
    "sharded_store": {"Node": 3, "Key": 2, "Value": 2, "Number": 2},
    "ring_election": {"Node": 3},
    "ownership_flip": {"window": 4, "rest": 3, "own": 3},
    "ownership_flip_guarded": {"window": 4, "rest": 3, "own": 3},
    "flip_rollback": {"window": 4, "rest": 3, "own": 3},
    "ownership_copy": {"window": 4, "target": 4},
    "vfio_pair": {},
    "two_resume": {},
    "vfio_migration": {},
}
"""Instances that are large enough for every pattern to be seen in them."""


def specification(name: str) -> Specification:
    folder = PROTOCOLS if (PROTOCOLS / f"{name}.flip").exists() else SPECS
    opened = open_specification(folder / f"{name}.flip")
    assert isinstance(opened, Specification), opened
    return opened


def protocol(name: str, variant: str | None = None) -> System:
    elaborated = specification(name).elaborate(variant, None, SIZES[name])
    assert isinstance(elaborated, Elaborated), elaborated
    return elaborated.system


def family(name: str, variant: str | None = None) -> tuple[Family, tuple[Property, ...]]:
    """The family of a protocol with words for all classes, and its claims."""
    system = protocol(name, variant)
    names = {claim.name for claim in system.properties if claim.kind in CLAIMS}
    claims = tuple(claim for claim in system.properties if claim.name in names)
    found = family_of(with_words(system, claims), claims)
    return found, tuple(claim for claim in found.text.properties if claim.name in names)
