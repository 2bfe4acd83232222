"""Counts of 0, 1 and many, and lemmas: where both have an answer for every size, it is the same one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.every_size.families import family
from tests.every_size.test_rules import ALL, LARGER, PAGES
from verifier.engines.every_size import prove
from verifier.engines.proof.family import NotUniformError
from verifier.engines.proof.prover import provable
from verifier.engines.proof.uniform import uniform
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.evidence.proving import attempt
from verifier.language.specification import Specification, open_specification
from verifier.system.family import Family
from verifier.system.system import PropertyKind

ROOT = Path(__file__).parents[2]
MISTAKES = ("no_drain", "still_there", "early", "jumps")

needs_sat = pytest.mark.skipif(find_spec("pysat") is None, reason="python-sat is not installed")


def answers(systems: Family, seconds: float, states: int) -> tuple[dict[str, bool], dict[str, bool]]:
    """By counts and by lemmas: the claims that are proved, and those that some size violates or may violate.

    Counts only suspect what they do not prove; what lemmas find violated is a behaviour of some size.
    """
    here = systems.at(systems.here)
    assert here is not None
    counts = prove(systems, here.properties, Watch(Budget(states=states)))
    assert not counts.cut
    found = uniform(systems)
    claims = provable(found.family.text.properties)
    lemmas = attempt(found.family, claims, Budget(seconds=seconds))
    built_in = {claim.name for claim in here.properties if claim.kind in (PropertyKind.RANGE, PropertyKind.CONFLICT)}
    by_counts = {verdict.property: True for verdict in counts.verdicts if verdict.property not in built_in}
    by_counts |= {suspicion.claim: False for suspicion in counts.suspicions}
    by_lemmas = dict.fromkeys(lemmas.proof.proved, True) | dict.fromkeys(lemmas.violated, False)
    return by_counts, {name: answer for name, answer in by_lemmas.items() if name not in built_in}


def assert_same(systems: Family, seconds: float = 30, states: int = 20_000) -> int:
    """In how many claims both have an answer, which is the same."""
    by_counts, by_lemmas = answers(systems, seconds, states)
    both = by_counts.keys() & by_lemmas.keys()
    assert {name: by_counts[name] for name in both} == {name: by_lemmas[name] for name in both}
    return len(both)


@needs_sat
@pytest.mark.slow
@pytest.mark.parametrize("text", [pytest.param(case.values[0], id=case.id) for case in (*ALL, *LARGER)])
def test_small_families(text: object) -> None:
    """What holds of every size, and what only larger sizes violate, is no different for lemmas."""
    try:
        assert_same(family(PAGES + str(text)))
    except NotUniformError:
        pytest.skip("lemmas do not apply")


def opened(name: str) -> Specification:
    found = open_specification(ROOT / name)
    assert isinstance(found, Specification)
    return found


@needs_sat
@pytest.mark.slow
@pytest.mark.parametrize("variant", [None, *MISTAKES])
def test_pages_that_change_hands(variant: str | None) -> None:
    """Every claim has an answer by both, and it is that of a protocol without and with mistakes."""
    assert assert_same(opened("tests/proof/handover.flip").family(variant)) >= 4


SPECS = {"vfio_pair": 60.0, "ownership_flip_guarded": 120.0, "ownership_flip": 300.0}


@needs_sat
@pytest.mark.long
@pytest.mark.parametrize("name", SPECS)
def test_protocols(name: str) -> None:
    """As written, for every size."""
    assert assert_same(opened(f"specs/{name}.flip").family(), SPECS[name], 400_000) >= 2
