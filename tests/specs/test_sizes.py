"""The specifications say the sizes that they are about."""

from __future__ import annotations

import pytest

from tests.specs.answers import SPECS, specification
from verifier.engines.explicit import check
from verifier.engines.verdict import Outcome
from verifier.language.elaborate.effort import Effort
from verifier.language.specification import Elaborated
from verifier.system.system import PropertyKind

FLIP = ["window >= 2", "rest = own", "Data >= 2"]
SIZES = {
    "flip_rollback": FLIP,
    "ownership_copy": ["window = target", "Data >= 2"],
    "ownership_flip": FLIP,
    "ownership_flip_guarded": FLIP,
    "two_resume": [],
    "vfio_migration": [],
    "vfio_pair": ["Device >= 2"],
}


@pytest.mark.parametrize("name", sorted(path.stem for path in SPECS.glob("*.flip")))
def test_every_size_that_is_free_is_named(name: str) -> None:
    """Nothing is left to be guessed: what `for any` does not name has no size to choose."""
    family = specification(name).family()

    assert [size.described() for size in family.sizes] == SIZES[name]
    assert not family.kept


@pytest.mark.parametrize(
    ("name", "size", "claim"), [("vfio_pair", {"Device": 1}, "works"), ("ownership_flip", {"window": 1}, "midway")]
)
def test_a_smaller_size_would_be_wrong(name: str, size: dict[str, int], claim: str) -> None:
    """A device that writes to others waits for ever if there are none; one page is not half of the window."""
    made = specification(name).elaborate_within(Effort(), settings=size, any_size=True)
    assert isinstance(made, Elaborated)
    asked = made.system.property_named(claim)
    (verdict,) = check(made.system, (asked,)).verdicts
    assert asked.kind in (PropertyKind.EVENTUALLY, PropertyKind.REACHABLE)
    assert verdict.outcome is Outcome.VIOLATED
