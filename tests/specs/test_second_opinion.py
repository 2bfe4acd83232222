"""z3 on the same systems: it must agree with the exhaustive search on every specification and variant, to its depth."""

from __future__ import annotations

import pytest

from tests.specs.answers import SPECS, specification
from verifier.engines import bounded, explicit
from verifier.engines.verdict import Budget, Outcome
from verifier.system.system import PropertyKind

DEPTH = 8
KINDS = frozenset({PropertyKind.ALWAYS, PropertyKind.STEP, PropertyKind.ASSERTION, PropertyKind.REACHABLE,
                   PropertyKind.RANGE, PropertyKind.CONFLICT})  # fmt: skip
NAMES = sorted(path.stem for path in SPECS.glob("*.flip"))
CASES = [(name, variant) for name in NAMES for variant in (None, *(v.name for v in specification(name).variants))]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant"), CASES)
def test_bounded_search_agrees_to_its_depth(name: str, variant: str | None) -> None:
    """What one engine shows within the depth the other shows with the same number of steps, and nothing else."""
    elaborated = specification(name).elaborate(variant)
    assert not isinstance(elaborated, tuple)
    claims = [claim for claim in elaborated.system.properties if claim.kind in KINDS]

    exhaustive = explicit.check(elaborated.system, claims, symmetry=False).verdicts
    second = bounded.check(elaborated.system, claims, DEPTH, Budget())

    for one, other in zip(exhaustive, second, strict=True):
        if one.behaviour is not None and len(one.behaviour.steps) <= DEPTH:
            assert other.behaviour is not None, one
            assert (one.outcome, len(one.behaviour.steps)) == (other.outcome, len(other.behaviour.steps))
        else:
            assert (other.outcome, other.depth) == (Outcome.UNDETERMINED, DEPTH), other.reason
