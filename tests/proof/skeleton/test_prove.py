"""What `flip prove` says of counterexamples, to people and to programs."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.proof.inference.protocols import PROTOCOLS
from tests.proof.specs import HERE
from verifier.cli import main

SCHEMA = json.loads(files("verifier.report").joinpath("schema", "proof.schema.json").read_text(encoding="utf-8"))
LOCK = str(PROTOCOLS / "lock_service.flip")


def test_the_smallest_sizes_are_said_and_that_no_smaller_ones_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", LOCK, "--variant", "keeps_it"]) == 0
    out = capsys.readouterr().out

    assert "violated exclusive, 8 steps\n" in out
    assert "  exclusive violated with Client = 2, and with no smaller sizes by these steps or some of them\n" in out


def test_that_there_are_no_smaller_sizes_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    main(["prove", str(HERE / "handover.flip"), "--variant", "early"])

    assert (
        "confined violated with Page = 1, Device = 1, the smallest sizes that this is about\n"
        in capsys.readouterr().out
    )


def test_what_is_not_known_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.evidence.smallest.SECONDS", 0.0)
    main(["prove", LOCK, "--variant", "keeps_it"])
    out = capsys.readouterr().out

    assert "steps (perhaps not the fewest)\n" in out
    assert "with Client = 2; whether with smaller ones is not known: the budget of 0 seconds was used up\n" in out


def test_a_trace_is_one_of_the_specification_at_these_sizes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In the same form as those of a check, and `flip replay` confirms it."""
    main(["prove", LOCK, "--variant", "keeps_it", "--format", "json"])
    made = json.loads(capsys.readouterr().out)
    jsonschema.validate(made, SCHEMA)
    trace = next(one["trace"] for one in made["result"]["verdicts"] if one["property"] == "exclusive")
    (tmp_path / "trace.json").write_text(json.dumps(trace))

    assert made["smallest"] == [{"claim": "exclusive", "sizes": {"Client": 2}, "known": True, "reason": ""}]
    assert trace["settings"] == {"Client": "2"}
    assert main(["replay", str(tmp_path / "trace.json"), "--spec", LOCK]) == 0
    assert "confirmed: this is a violation of exclusive, in 8 steps" in capsys.readouterr().out


def test_a_claim_that_no_instance_violates_is_not_said_to_be_violated(capsys: pytest.CaptureFixture[str]) -> None:
    """Only with more pages than addresses it would be, and there are always as many."""
    assert main(["prove", str(Path(__file__).parent / "together.flip")]) == 1
    out = capsys.readouterr().out

    assert "undetermined  unequal    not proved, it is violated with 2 Page, 1 Address, " in out
    assert "violated      taken      trace, " in out
