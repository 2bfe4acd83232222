"""specs/two_resume.flip: who runs the VM when messages are lost and the source loses patience."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.rumur import needs_rumur, run
from tests.specs.answers import answers, specification
from verifier.language.specification import Specification
from verifier.report.murphi import export_murphi

VIOLATED = {
    "trusted_timeout": {"two_runners": 9},
    "trusted_message": {"two_runners": 9},
    "early_ack": {"never_gone": 6, "goes_on": 7},
    "destroyed_early": {"never_gone": 3},
    "retried": {"used_once": 11},
    "no_timeout": {"goes_on": 4, "not_stuck": 4},
    "dead_holder": {"goes_on": 6, "not_stuck": 6},
    "any_token": {"right_hands": 4},
}


@pytest.fixture(scope="module")
def spec() -> Specification:
    return specification("two_resume")


def test_the_protocol_is_correct(spec: Specification) -> None:
    """Everything holds; going on in either place, and after a crash, is possible."""
    found = answers(spec)

    assert (found.states, found.wrong) == (201, frozenset())
    assert found.steps == {
        "handed": 9,
        "taken_back": 5,
        "after_crash": 9,
        "go_lost": 6,
        "ack_lost": 10,
        "go_comes_late": 7,
    }


def test_more_mishaps_change_nothing(spec: Specification) -> None:
    """Everything holds with three losses and three repetitions of each message, and three crashes."""
    found = answers(spec, instance="storm")

    assert (found.states, found.wrong) == (2_538, frozenset())


@needs_rumur
@pytest.mark.slow
@pytest.mark.parametrize(("instance", "states"), [("calm", 201), ("storm", 2_538)])
def test_rumur_agrees(spec: Specification, instance: str, states: int, tmp_path: Path) -> None:
    """Exported to Murphi, the protocol has as many states and no violation."""
    elaborated = spec.elaborate(instance=instance)
    assert not isinstance(elaborated, tuple)

    answer = run(export_murphi(elaborated.system), tmp_path)

    assert (answer.states, answer.error) == (states, None)


def test_every_variant_is_tested(spec: Specification) -> None:
    """The table above names the variants, and what the specification expects of them."""
    assert {v.name: set(v.violated) for v in spec.variants} == {name: set(steps) for name, steps in VIOLATED.items()}


@pytest.mark.parametrize("variant", VIOLATED)
def test_a_variant_is_caught_by_a_shortest_trace(spec: Specification, variant: str) -> None:
    """The named properties are violated, by traces of exactly this many steps."""
    found = answers(spec, variant)

    assert {name: found.steps[name] for name in VIOLATED[variant]} == VIOLATED[variant]
    assert found.wrong >= set(VIOLATED[variant])
