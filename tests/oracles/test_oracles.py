"""The explicit engine against state counts that were published, or that Rumur gives for the original models.

The reduced counts are those of exact orbits: CMurphi's `-sym1` for Peterson and the queue lock.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.rumur import needs_rumur, run
from verifier.engines.explicit import check
from verifier.engines.verdict import Outcome
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.report.murphi import export_murphi
from verifier.system.system import System

HERE = Path(__file__).parent

slow = pytest.mark.slow

PLAIN = [
    pytest.param("two_phase_commit", "three", 288),
    pytest.param("two_phase_commit", "four", 1_568),
    pytest.param("two_phase_commit", "five", 8_832),
    pytest.param("two_phase_commit", "six", 50_816, marks=slow),
    pytest.param("two_phase_commit", "seven", 296_448, marks=slow),
    pytest.param("peterson", "two", 47),
    pytest.param("peterson", "three", 882),
    pytest.param("peterson", "four", 22_281, marks=slow),
    pytest.param("peterson", "five", 628_868, marks=slow),
    pytest.param("mcs_lock", "two", 159),
    pytest.param("mcs_lock", "three", 7_597),
    pytest.param("mcs_lock", "four", 554_221, marks=slow),
]

REDUCED = [
    pytest.param("two_phase_commit", "three", 80),
    pytest.param("two_phase_commit", "four", 166),
    pytest.param("two_phase_commit", "five", 314),
    pytest.param("two_phase_commit", "six", 553),
    pytest.param("two_phase_commit", "seven", 920),
    pytest.param("peterson", "two", 25),
    pytest.param("peterson", "three", 172),
    pytest.param("peterson", "four", 1_132),
    pytest.param("peterson", "five", 6_770, marks=slow),
    pytest.param("mcs_lock", "two", 81),
    pytest.param("mcs_lock", "three", 1_285),
    pytest.param("mcs_lock", "four", 23_636, marks=slow),
]

EXPORTED = [
    pytest.param("two_phase_commit", "three", 288),
    pytest.param("two_phase_commit", "five", 8_832),
    pytest.param("peterson", "three", 882),
    pytest.param("mcs_lock", "three", 7_597),
]


def oracle(name: str, instance: str) -> System:
    opened = open_specification(HERE / f"{name}.flip")
    assert isinstance(opened, Specification), opened
    elaborated = opened.elaborate(instance=instance)
    assert isinstance(elaborated, Elaborated), elaborated
    return elaborated.system


def states(system: System, symmetry: bool) -> int:
    """How many states the engine finds; all properties must hold."""
    report = check(system, system.properties, symmetry=symmetry)
    assert [verdict.property for verdict in report.verdicts if verdict.outcome is not Outcome.HOLDS] == []
    return report.states


@pytest.mark.parametrize(("name", "instance", "expected"), PLAIN)
def test_all_states_are_found(name: str, instance: str, expected: int) -> None:
    """Without symmetry the engine finds exactly as many states as other tools, and the protocols are correct."""
    assert states(oracle(name, instance), symmetry=False) == expected


@pytest.mark.parametrize(("name", "instance", "expected"), REDUCED)
def test_symmetry_keeps_one_state_of_each_orbit(name: str, instance: str, expected: int) -> None:
    """With symmetry the engine finds exactly one state for each orbit under swapping processes."""
    assert states(oracle(name, instance), symmetry=True) == expected


@needs_rumur
@slow
@pytest.mark.parametrize(("name", "instance", "expected"), EXPORTED)
def test_rumur_counts_the_same(name: str, instance: str, expected: int, tmp_path: Path) -> None:
    """Exported to Murphi, the protocol has the same states for Rumur, and no error."""
    answer = run(export_murphi(oracle(name, instance)), tmp_path)

    assert (answer.states, answer.error) == (expected, None)
