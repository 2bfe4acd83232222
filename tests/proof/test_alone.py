"""Claims that are proved one by one: that nothing gets stuck, and that a scenario is impossible, for every size."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.proof.specs import opened
from verifier.cli import main
from verifier.engines.verdict import Budget, Outcome
from verifier.evidence.own_proof import OwnProof
from verifier.evidence.proving_alone import attempt_alone, proved_alone, verdict_on

pytestmark = pytest.mark.skipif(find_spec("pysat") is None, reason="python-sat is not installed")

BRINGING = "tests/proof/bringing.flip"


def attempted(variant: str | None, claim: str, seconds: float = 60.0) -> OwnProof:
    found = opened("bringing", variant)
    system = found.systems.at(found.systems.here)
    assert system is not None
    assert claim in [one.name for one in proved_alone(system.properties)]
    return attempt_alone(found, system.property_named(claim), Budget(seconds=seconds))


@pytest.mark.parametrize("claim", ["not_stuck", "too_late"])
def test_they_are_proved_for_every_size(claim: str) -> None:
    verdict = verdict_on(attempted(None, claim), "Page >= 1")

    assert verdict.outcome is Outcome.HOLDS
    assert verdict.method.startswith("proved for every size (Page >= 1)")


def test_what_the_device_does_till_a_step_is_possible_comes_to_an_end() -> None:
    tried = attempted(None, "not_stuck")

    assert tried.ranking == ("here(x0) is false in ever fewer places", "bring is possible for the last time")
    assert tried.assumed == ", sorts being finite"


def test_a_stuck_state_that_two_pages_need_is_found_with_two() -> None:
    """With one page there is none; the state is one of the specification's own instances."""
    violation = attempted("only_one", "not_stuck").violation

    assert violation is not None
    assert violation.settings == (("Page", "2"),)
    assert violation.behaviour.steps == (("ask", ()),)


def test_a_scenario_that_can_be_performed_is_shown_in_the_smallest_instance() -> None:
    violation = attempted("hasty", "too_late").violation

    assert violation is not None
    assert violation.settings == (("Page", "1"),)
    assert [name for name, _ in violation.behaviour.steps] == ["ask", "close", "bring"]


@pytest.mark.parametrize("claim", ["not_stuck", "too_late"])
def test_without_time_nothing_is_known(claim: str) -> None:
    tried = attempted("only_one" if claim == "not_stuck" else "hasty", claim, seconds=0.0)

    assert not tried.proved
    assert verdict_on(tried, "Page >= 1").outcome is not Outcome.HOLDS


def test_a_certificate_says_what_it_leaves_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", BRINGING, "--certificate", str(tmp_path / "c"), "--format", "json"]) == 2
    assert "nothing was proved" in capsys.readouterr().err


def test_one_claim_may_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """What every verdict stands on is asked for as well."""
    assert main(["prove", BRINGING, "--property", "too_late", "--format", "json"]) == 0
    result: Any = json.loads(capsys.readouterr().out)

    assert [verdict["property"] for verdict in result["result"]["verdicts"]] == ["too_late"]


def test_a_claim_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", BRINGING, "--property", "too_lat"]) == 2
    assert "did you mean 'too_late'?" in capsys.readouterr().err
