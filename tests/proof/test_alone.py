"""Claims that are proved one by one: that nothing gets stuck, and that a scenario is impossible, for every size."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree
from typing import Any

import jsonschema
import pytest

from tests.proof.specs import opened
from verifier.cli import main
from verifier.engines.verdict import Budget, Outcome
from verifier.evidence.certificate_check import Check, interpreted, translated_again
from verifier.evidence.certificate_files import read_certificate
from verifier.evidence.own_proof import OwnProof
from verifier.evidence.proving import Violation
from verifier.evidence.proving_alone import attempt_alone, proved_alone, verdict_on
from verifier.evidence.small_instances import in_small_instances

pytestmark = pytest.mark.skipif(find_spec("pysat") is None, reason="python-sat is not installed")

BRINGING = "tests/proof/bringing.flip"
SCHEMA = json.loads(Path("verifier/report/schema/certificate.schema.json").read_text())


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


def test_sizes_that_a_proof_is_not_about_are_not_looked_at() -> None:
    """What only one page violates says nothing of two and more."""
    about = replace(opened("bringing", "hasty"), least=((opened("bringing").least[0][0], 2),))
    system = about.systems.at((2,))
    assert system is not None
    found = in_small_instances(about, system.property_named("too_late"), Budget(states=1000))

    assert isinstance(found, Violation)
    assert found.settings == (("Page", "2"),)


@pytest.mark.parametrize("claim", ["not_stuck", "too_late"])
def test_without_time_nothing_is_known(claim: str) -> None:
    tried = attempted("only_one" if claim == "not_stuck" else "hasty", claim, seconds=0.0)

    assert not tried.proved
    assert verdict_on(tried, "Page >= 1").outcome is not Outcome.HOLDS


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proof") / "bringing"
    assert main(["prove", BRINGING, "--certificate", str(folder)]) == 0
    return folder


def test_they_are_certified(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both solvers, the translation made again, and the interpreter in small instances."""
    assert main(["certify", str(written), "--spec", BRINGING, "--time", "1"]) == 0
    out = capsys.readouterr().out

    assert out.count("passed") == 4
    assert "proved for Page >= 1: too_late, not_stuck" in out
    jsonschema.validate(json.loads((written / "manifest.json").read_text()), SCHEMA)


EDITED: dict[str, tuple[int, dict[str, Any]]] = {
    "the specification claims no everything that would be said in other words": (0, {"rephrased": "everything"}),
    "lemma lemma1: a part of a formula is not": (0, {"rephrased": None}),
    "the ranking of not_stuck: its part 2 is nothing": (1, {"rephrased": "too_late"}),
    "it claims something else than its parts do": (0, {"claims": [], "conditions": []}),
}


@pytest.mark.parametrize("reason", EDITED)
def test_what_is_edited_is_refused(reason: str, written: Path, tmp_path: Path) -> None:
    """A part that says it is of another claim, or of none, is not what the specification gives."""
    folder = tmp_path / "copy"
    copytree(written, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    part, change = EDITED[reason]
    for condition in manifest["parts"][part]["conditions"] if "conditions" in change else ():
        (folder / condition["file"]).unlink()
    manifest["parts"][part].update(change)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    finding = translated_again(read_certificate(folder), opened("bringing"))

    assert finding.check is Check.FAILED
    assert reason in finding.detail


@pytest.mark.parametrize("variant", ["no_timeout", "dead_holder", "any_token"])
def test_what_gets_stuck_in_a_specification_is_not_proved(variant: str) -> None:
    found = opened("two_resume", variant)
    system = found.systems.at(found.systems.here)
    assert system is not None
    tried = attempt_alone(found, system.property_named("not_stuck"), Budget(seconds=60))

    assert not tried.proved
    assert tried.violation is not None


@pytest.mark.parametrize(("variant", "claim"), [("hasty", "too_late"), ("only_one", "not_stuck")])
def test_the_claim_is_searched_for_as_it_was_written(variant: str, claim: str, written: Path) -> None:
    """Whatever the certificate says in other words: here it is held against a protocol that violates the claim."""
    stated = read_certificate(written)
    about = tuple(part for part in stated.parts if part.rephrased == claim)
    finding = interpreted(replace(stated, parts=about), opened("bringing", variant), 1)

    assert (finding.check, finding.detail) == (Check.FAILED, f"{claim} is violated")


def test_one_claim_may_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """What every verdict stands on is asked for as well."""
    assert main(["prove", BRINGING, "--property", "too_late", "--format", "json"]) == 0
    result: Any = json.loads(capsys.readouterr().out)

    assert [verdict["property"] for verdict in result["result"]["verdicts"]] == ["too_late"]


def test_a_claim_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", BRINGING, "--property", "too_lat"]) == 2
    assert "did you mean 'too_late'?" in capsys.readouterr().err
