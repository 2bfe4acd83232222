"""What was elaborated to check a specification is what it gives later."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.language.elaborate.effort import Effort
from verifier.language.specification import Elaborated, Specification, open_specification

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("specs", "tests/oracles") for path in (ROOT / folder).glob("*.flip"))


def opened(path: Path) -> Specification:
    found = open_specification(path)
    assert isinstance(found, Specification)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_instance_is_as_if_elaborated_now(path: Path) -> None:
    """Also the one that is meant when none is named. It is not elaborated again."""
    specification = opened(path)
    for instance in (None, *specification.instances):
        found = specification.elaborate(None, instance)
        assert found == specification.elaborate_within(Effort(), None, instance)
        assert found is specification.elaborate(None, instance)


def test_variants_and_settings_are_not_the_protocol() -> None:
    """What was chosen later is elaborated then; an instance that does not exist is still refused."""
    specification = opened(ROOT / "specs" / "ownership_flip.flip")
    protocol, variant = specification.elaborate(), specification.elaborate("no_invalidate")
    larger = specification.elaborate(settings={"window": 5})
    assert isinstance(protocol, Elaborated)
    assert isinstance(variant, Elaborated)
    assert isinstance(larger, Elaborated)
    assert variant.system != protocol.system
    assert larger.system.sorts != protocol.system.sorts
    assert not isinstance(specification.elaborate(None, ""), Elaborated)
