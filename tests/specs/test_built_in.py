"""What elaboration leaves out because it cannot happen must indeed not happen."""

from __future__ import annotations

import pytest

from tests.specs.answers import SPECS, specification
from verifier.engines.explicit import check
from verifier.engines.verdict import Outcome
from verifier.system.system import Property, PropertyKind

NAMES = sorted(path.stem for path in SPECS.glob("*.flip"))
FORCED = (Property("range", PropertyKind.RANGE), Property("conflict", PropertyKind.CONFLICT))


@pytest.mark.parametrize("name", NAMES)
def test_no_step_breaks_a_rule_that_is_not_checked(name: str) -> None:
    """`in_range` and `single_write` are properties only where elaboration cannot tell; elsewhere they hold anyway."""
    spec = specification(name)
    for variant in (None, *(v.name for v in spec.variants)):
        elaborated = spec.elaborate(variant)
        assert not isinstance(elaborated, tuple)
        declared = {claim.kind for claim in elaborated.system.properties}
        left_out = [claim for claim in FORCED if claim.kind not in declared]

        verdicts = check(elaborated.system, left_out).verdicts

        assert [v.outcome for v in verdicts] == [Outcome.HOLDS] * len(left_out), variant
