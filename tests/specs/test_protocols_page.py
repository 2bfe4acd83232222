"""docs/protocols.md names what is in specs/, and nothing else."""

from __future__ import annotations

import re

from tests.specs.answers import SPECS, specification

PAGE = (SPECS.parent / "docs" / "protocols.md").read_text()
CLASSES = re.findall(r"^\| ([^|`]+) \| (`\w+/\w+`.*) \|$", PAGE, re.MULTILINE)


def test_every_specification_is_on_the_page() -> None:
    """One row for each file."""
    assert set(re.findall(r"`specs/(\w+)\.flip`", PAGE)) == {path.stem for path in SPECS.glob("*.flip")}


def test_the_variants_named_are_there_and_must_fail() -> None:
    """A class of bug is shown by a variant that is expected to violate something."""
    named = [tuple(name.split("/")) for _, variants in CLASSES for name in re.findall(r"`(\w+/\w+)`", variants)]
    for spec, variant in named:
        (found,) = (v for v in specification(spec).variants if v.name == variant)
        assert found.violated


def test_most_known_classes_of_bug_have_a_variant() -> None:
    """At least 16 of the 28 classes that are known from real systems."""
    assert len(CLASSES) >= 16
