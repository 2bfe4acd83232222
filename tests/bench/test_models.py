"""The models of the benchmark are one system each, in every tool's language."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.bench.rows import HERE, ORACLES, pages, pages_in_rumur, pages_in_spin
from tests.bench.rumur import Rumur
from verifier.engines.explicit import check
from verifier.engines.verdict import Outcome
from verifier.language.specification import Elaborated, Specification, open_specification

slow = pytest.mark.slow
LIMIT = 300

SIZES = [
    # instance, pages, how many on their way, states, transitions, states up to swapping pages
    pytest.param("two", 2, 0, 704, 2_248, 432),
    pytest.param("three", 3, 0, 4_504, 17_736, 1_156, marks=slow),
    pytest.param("four_singly", 4, 1, 8_516, 29_504, 972, marks=slow),
    pytest.param("four", 4, 0, 33_680, 159_752, 2_892, marks=slow),
]

LOCKS = [
    # specification, instance, members, states, states up to swapping members
    pytest.param("peterson", "three", 3, 882, 172, marks=slow),
    pytest.param("mcs_lock", "three", 3, 7_597, 1_285, marks=slow),
    pytest.param("two_phase_commit", "four", 4, 1_568, 166, marks=slow),
]


def needs(tool: str) -> None:
    """Skips the test where a tool, or the compiler for what it generates, is absent."""
    if shutil.which(tool) is None or shutil.which("gcc") is None:
        pytest.skip(f"{tool} and gcc are needed (apt-get install {tool} gcc)")


def in_flip(spec: Path, instance: str, symmetry: bool) -> tuple[int, int]:
    """States and transitions; all properties hold."""
    opened = open_specification(spec)
    assert isinstance(opened, Specification), opened
    elaborated = opened.elaborate(instance=instance)
    assert isinstance(elaborated, Elaborated), elaborated
    report = check(elaborated.system, elaborated.system.properties, symmetry=symmetry)
    assert {verdict.outcome for verdict in report.verdicts} == {Outcome.HOLDS}
    return report.states, report.transitions


@pytest.mark.parametrize(("instance", "size", "limit", "states", "transitions", "orbits"), SIZES)
def test_flip_counts_the_pages(
    instance: str, size: int, limit: int, states: int, transitions: int, orbits: int
) -> None:
    """The whole state space has the recorded size, and with symmetry one state of each orbit is left."""
    assert in_flip(HERE / "page_flip.flip", instance, symmetry=False) == (states, transitions)
    assert in_flip(HERE / "page_flip.flip", instance, symmetry=True)[0] == orbits


@pytest.mark.parametrize(("instance", "size", "limit", "states", "transitions", "orbits"), SIZES)
def test_spin_counts_the_same(
    instance: str, size: int, limit: int, states: int, transitions: int, orbits: int, tmp_path: Path
) -> None:
    """The Promela model has the same states and transitions, and no error."""
    needs("spin")
    answer = pages_in_spin(size, limit, table=20).run(tmp_path, LIMIT)

    assert (answer.states, answer.transitions, answer.violated) == (states, transitions, False)


@slow
@pytest.mark.parametrize(("instance", "size", "limit", "states", "transitions", "orbits"), SIZES)
def test_rumur_counts_the_same(
    instance: str, size: int, limit: int, states: int, transitions: int, orbits: int, tmp_path: Path
) -> None:
    """The Murphi model has the same states and transitions, no error, and as many orbits."""
    needs("rumur")
    answer = pages_in_rumur(size, limit).run(tmp_path, LIMIT)
    reduced = pages_in_rumur(size, limit, symmetry="heuristic").run(tmp_path, LIMIT)

    assert (answer.states, answer.transitions, answer.violated) == (states, transitions, False)
    assert (reduced.states, reduced.violated) == (orbits, False)


@pytest.mark.parametrize(("name", "instance", "size", "states", "orbits"), LOCKS)
def test_rumur_counts_the_oracles(
    name: str, instance: str, size: int, states: int, orbits: int, tmp_path: Path
) -> None:
    """The Murphi models of tests/oracles have the states and the orbits that Flip finds."""
    needs("rumur")
    spec, model = ORACLES / f"{name}.flip", HERE / f"{name}.m"

    whole, transitions = in_flip(spec, instance, symmetry=False)
    answer = Rumur(model, (("N", size),)).run(tmp_path, LIMIT)

    assert (whole, answer.states, answer.transitions) == (states, states, transitions)
    assert in_flip(spec, instance, symmetry=True)[0] == orbits
    assert Rumur(model, (("N", size),), "exhaustive").run(tmp_path, LIMIT).states == orbits


def test_the_command_is_read(tmp_path: Path) -> None:
    """What the benchmark reads of `flip check` is what the engine finds."""
    answer = pages("two", "--no-symmetry").run(tmp_path, LIMIT)

    assert (answer.states, answer.transitions, answer.violated) == (704, 2_248, False)


@slow
def test_the_bug_is_a_bug_in_every_language(tmp_path: Path) -> None:
    """A hand-over that does not wait for the invalidations is found out by all three."""
    needs("spin")
    needs("rumur")

    assert pages("three", "--no-symmetry", variant="bug").run(tmp_path, LIMIT).violated
    assert pages_in_spin(3, bug=1, table=20).run(tmp_path, LIMIT).violated
    assert pages_in_rumur(3, bug=1).run(tmp_path, LIMIT).violated
