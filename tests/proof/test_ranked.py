"""Certificates, explanations and cores where something is proved to come to pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from verifier.cli import main
from verifier.commands.families import in_all_sizes
from verifier.evidence.certificate_check import Check, Finding, translated_again
from verifier.evidence.certificate_files import read_certificate
from verifier.language.specification import Specification, open_specification

QUEUE = """\
spec queue
sort Guest size 3
state asked(Guest): bool
state served(Guest): bool
state closed: bool

fair action ask(g: Guest) { when not asked(g);  when not closed;  asked(g) := true }
fair action serve(g: Guest) { when asked(g) and not served(g);  served(g) := true }
action tidy(g: Guest) { when served(g);  when asked(g);  served(g) := true }

always     in_turn:    all g: Guest: served(g) implies asked(g)
lemma      open:       not closed
eventually all_served: all g: Guest: served(g)
"""


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spec") / "queue.flip"
    path.write_text(QUEUE)
    return path


@pytest.fixture
def certificate(queue: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "proof"
    assert main(["prove", str(queue), "--certificate", str(folder)]) == 0
    return folder


def translated(folder: Path, queue: Path) -> Finding:
    spec = open_specification(queue)
    assert isinstance(spec, Specification)
    found = in_all_sizes(spec, None, None, ())
    return translated_again(read_certificate(folder), found)


def edit(folder: Path, change: Callable[[Any], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.slow
def test_what_comes_to_pass_is_certified(certificate: Path, queue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", str(certificate), "--spec", str(queue), "--time", "1"]) == 0
    out = capsys.readouterr().out

    assert out.count("passed") == 4
    assert "proved for Guest >= 1: in_turn, open, all_served" in out
    assert "served(x0) is false in ever fewer places" in (certificate / "lemmas.txt").read_text()


EDITED: dict[str, Callable[[Any], object]] = {
    "it does not show of the ranking that all_served, ": lambda part: part["claims"].pop(0),
    "the specification has no claim all_served, 1: no step": lambda part: part["ranked"]["ranking"].reverse(),
    "it does not show of the ranking that all_served, 5: ": lambda part: part["ranked"].update(
        ranking=[*part["ranked"]["ranking"], part["ranked"]["ranking"][0]]
    ),
    "its part 1 is nothing that can come to rest": lambda part: part["ranked"]["ranking"][0].append("soon"),
    "the specification does not claim that in_turn comes to pass": lambda part: part["ranked"].update(claim="in_turn"),
    "the specification does not claim that peace comes to pass": lambda part: part["ranked"].update(claim="peace"),
}


@pytest.mark.parametrize("reason", EDITED)
def test_an_edited_ranking_is_refused(certificate: Path, queue: Path, reason: str) -> None:
    assert translated(certificate, queue).check is Check.PASSED
    edit(certificate, lambda manifest: EDITED[reason](manifest["parts"][1]))

    finding = translated(certificate, queue)

    assert finding.check is Check.FAILED
    assert reason in finding.detail


def test_a_claim_without_the_part_that_shows_it_is_refused(certificate: Path, queue: Path) -> None:
    """The files of the part are gone as well."""
    manifest = json.loads((certificate / "manifest.json").read_text())
    for condition in manifest["parts"][-1]["conditions"]:
        (certificate / condition["file"]).unlink()
    edit(certificate, lambda manifest: manifest["parts"].pop())

    assert "it claims something else than its parts do" in translated(certificate, queue).detail


@pytest.mark.parametrize("kind", ["ask", "serve"])
def test_a_ranking_without_a_condition_is_refused(certificate: Path, queue: Path, kind: str) -> None:
    def change(manifest: Any) -> None:
        part = manifest["parts"][1]
        for condition in [c for c in part["conditions"] if c["action"] == kind]:
            part["conditions"].remove(condition)
            (certificate / condition["file"]).unlink()

    edit(certificate, change)

    assert f"nothing in it shows that {kind} does not break" in translated(certificate, queue).detail


def document(queue: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    main(["prove", str(queue), *arguments, "--format", "json"])
    return json.loads(capsys.readouterr().out)


def test_what_comes_to_pass_is_explained_by_its_ranking(queue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rests_on = document(queue, capsys, "--explain", "all_served")["rests_on"]

    assert rests_on["claim"] == "all_served"
    assert all(need["goal"] not in ("in_turn", "open") for need in rests_on["needs"])


def test_a_guard_that_only_a_ranking_needs_is_no_spare_one(queue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without `asked(g) := true` nothing goes wrong, and nothing comes to pass."""
    spare = {(part["action"], part["text"]) for part in document(queue, capsys, "--core")["not_needed"]}

    assert ("tidy", "served(g) := true") in spare
    assert ("tidy", "when asked(g)") in spare
    assert ("ask", "asked(g) := true") not in spare
    assert ("serve", "served(g) := true") not in spare


REACHES = QUEUE.replace("eventually all_served: all", "reachable all_served: all")


def test_what_something_is_reached_by_is_no_spare_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing happens nothing goes wrong: that is no reason to leave it out."""
    path = tmp_path / "reaches.flip"
    path.write_text(REACHES)
    spare = {(part["action"], part["text"]) for part in document(path, capsys, "--core")["not_needed"]}

    assert ("serve", "served(g) := true") not in spare
    assert ("ask", "asked(g) := true") not in spare
    assert ("ask", "when not closed") in spare


STEPS = """\
spec steps
state told: bool
state noted: bool
state moved: bool

protocol {
  process hv {
    tell: await not told;  told := true
    note: await not noted;  noted := true
    move: await told;  moved := true
  }
}

always    only_then: moved implies told
reachable there:     moved
"""


def test_a_step_that_nothing_needs_is_named_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "steps.flip"
    path.write_text(STEPS)
    parts = document(path, capsys, "--core")["not_needed"]

    assert [part["action"] for part in parts if part["part"] == "step"] == ["hv.note"]
    assert not any(part["action"] == "hv.move" and part["part"] == "update" for part in parts)
