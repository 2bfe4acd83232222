"""`flip prove` and `flip certify`, as people and programs see them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.proof.specs import HERE
from verifier.cli import main

HANDOVER = str(HERE / "handover.flip")
SCHEMA = json.loads(files("verifier.report").joinpath("schema", "proof.schema.json").read_text(encoding="utf-8"))


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    main(["prove", *arguments, "--format", "json"])
    made = json.loads(capsys.readouterr().out)
    jsonschema.validate(made, SCHEMA)
    return made


def test_what_is_proved_is_said_with_the_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", HANDOVER, "--own-lemmas"]) == 0

    assert "holds         confined   proved for every size (Page >= 1, Device >= 1)" in capsys.readouterr().out


def test_a_step_that_no_lemma_stops_is_shown_as_one_and_is_undetermined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never as a violation: the state may not be reachable."""
    text = (HERE / "handover.flip").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("lemma  drained")]
    (tmp_path / "less.flip").write_text("\n".join(lines) + "\n")

    assert main(["prove", str(tmp_path / "less.flip"), "--own-lemmas"]) == 3
    out = capsys.readouterr().out

    assert "in_place is not inductive: from a state that the lemmas allow, and that may never be reached" in out
    assert "step   move(p)" in out
    assert "violated" not in out


def test_lemmas_that_are_missing_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (HERE / "handover.flip").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("lemma")]
    (tmp_path / "none.flip").write_text("\n".join(lines) + "\n")

    assert main(["prove", str(tmp_path / "none.flip")]) == 0
    assert "in_place   proved for every size" in capsys.readouterr().out


def test_what_a_variant_must_violate_is_found_in_an_instance(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", HANDOVER, "--variant", "no_drain"]) == 0
    assert "as expected   variant no_drain  violated in_place" in capsys.readouterr().out


def test_a_claim_is_explained_by_the_lemmas_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    rests_on = document(capsys, HANDOVER, "--own-lemmas", "--explain", "confined")["rests_on"]

    assert rests_on["needs"][0] == {"goal": "confined", "action": "land", "lemmas": ["in_place"]}
    assert {need["goal"] for need in rests_on["needs"]} == {"confined", "in_place", "drained"}
    assert rests_on["lemmas"] == ["in_place", "halted", "drained", "at_home"]


def test_what_no_claim_needs_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A guard that was added for nothing, and not the one that everything rests on."""
    text = (HERE / "handover.flip").read_text()
    assert "action move(p: Page) { when phase == moving;  owner(p) := vm2 }" in text
    text = text.replace("when phase == moving;  owner(p)", "when phase == moving;  when owner(p) == vm1;  owner(p)")
    (tmp_path / "more.flip").write_text(text)

    spare = document(capsys, str(tmp_path / "more.flip"), "--own-lemmas", "--core")["not_needed"]
    guards = {(part["action"], part["text"]) for part in spare if part["part"] == "guard"}

    assert ("move", "when owner(p) == vm1") in guards
    assert ("move", "when phase == moving") not in guards


def test_an_unknown_claim_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", HANDOVER, "--explain", "confine"]) == 2
    assert "did you mean 'confined'?" in capsys.readouterr().err


def test_a_budget_that_is_used_up_leaves_everything_undetermined(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", HANDOVER, "--time", "0.001"]) == 3
    assert "undetermined  confined   not proved, the budget of" in capsys.readouterr().out


def test_a_folder_that_is_no_certificate_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", str(tmp_path)]) == 2
    assert "manifest.json is missing" in capsys.readouterr().err


@pytest.mark.slow
def test_a_certificate_is_written_and_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "proof")
    assert main(["prove", str(HERE / "tied.flip"), "--own-lemmas", "--certificate", folder]) == 0
    assert main(["certify", folder, "--spec", str(HERE / "tied.flip"), "--time", "3"]) == 0

    out = capsys.readouterr().out
    assert out.count("passed") == 4
