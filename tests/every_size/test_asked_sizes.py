"""Sizes that a specification names with `for any`: those are counted, from the least on, and no others."""

from __future__ import annotations

import pytest

from tests.every_size.families import family
from verifier.engines.every_size import EverySize, prove
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.system.system import Property

PAGES = """\
sort Page size 4
sort Device size 2
state held(Page): bool
state running(Device): bool = true
action hold(p: Page) { when some q: Page where q != p: not held(q);  held(p) := true }
action free(p: Page) { held(p) := false }
hardware stop(d: Device) { running(d) := false }
always others: all p: Page: some q: Page: q != p
always three: some p, q, r: Page: p != q and q != r and p != r
always two: (count d: Device: running(d)) <= 2
always unheld: no p: Page: held(p)
"""


def found(line: str) -> EverySize:
    systems = family(PAGES + line)
    here = systems.at(systems.here)
    assert here is not None
    claims: tuple[Property, ...] = here.properties
    return prove(systems, claims, Watch(Budget()), machine_code=False)


@pytest.mark.parametrize(
    ("line", "proved", "method"),
    [
        ("for any Page, Device", set(), ""),
        ("for any Page >= 2", {"others", "two"}, "proved for every size of Page >= 2 with Device = 2 ("),
        ("for any Page >= 3", {"others", "three", "two"}, "proved for every size of Page >= 3 with Device = 2 ("),
        ("for any Page >= 4", {"others", "three", "two"}, "proved for every size of Page >= 4 with Device = 2 ("),
        ("for any Page >= 2, Device", {"others"}, "proved for every size of Page >= 2, Device ("),
        ("for any Device", {"others", "three"}, "proved for every size of Device with Page = 4 ("),
    ],
)
def test_claims_are_about_the_sizes_that_are_named(line: str, proved: set[str], method: str) -> None:
    """A size that is not named stays what it is: then two devices are two. What is wrong is proved of none."""
    result = found(line)

    assert {v.property for v in result.verdicts} & {"others", "three", "two", "unheld"} == proved
    assert all(verdict.method.startswith(method) for verdict in result.verdicts)


@pytest.mark.parametrize(
    ("least", "wrong"), [(1, {"others", "three", "unheld"}), (2, {"three", "unheld"}), (3, {"unheld"}), (4, {"unheld"})]
)
def test_a_suspicion_is_of_no_smaller_size(least: int, wrong: set[str]) -> None:
    suspicions = {s.claim: dict(s.first) for s in found(f"for any Page >= {least}").suspicions}

    assert suspicions.keys() == wrong
    assert all(first["Page"] >= least for first in suspicions.values())


def test_more_than_many_is_many() -> None:
    """A least size that counts cannot tell from a smaller one is no reason to give up."""
    result = found("for any Page >= 4")

    assert not result.reason
    assert result.sizes == ("Page",)
