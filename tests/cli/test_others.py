"""The small commands: show, export, simulate."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.cli import main

Capture = pytest.CaptureFixture[str]


def test_show(folder: Path, capsys: Capture) -> None:
    """The system of one instance and variant."""
    assert main(["show", "hand.flip", "--instance", "three"]) == 0
    protocol = capsys.readouterr().out
    assert main(["show", "hand.flip", "--instance", "three", "--variant", "hasty"]) == 0
    assert capsys.readouterr().out != protocol
    assert "give" in protocol


def test_export(folder: Path, capsys: Capture) -> None:
    """Printed, or the same text in a file."""
    assert main(["export", "hand.flip", "--to", "murphi"]) == 0
    text = capsys.readouterr().out
    assert "startstate" in text
    assert main(["export", "hand.flip", "--to", "murphi", "--output", "hand.m"]) == 0
    assert Path("hand.m").read_text() == text


def test_simulate_finds_a_violation(folder: Path, capsys: Capture) -> None:
    """With its trace; the variant said that it would be violated."""
    arguments = ["simulate", "hand.flip", "--variant", "hasty", "--walks", "20", "--all-traces"]
    assert main(arguments) == 0
    first = capsys.readouterr().out
    assert "safe is violated in variant hasty" in first
    assert main(arguments) == 0
    assert capsys.readouterr().out == first


def test_simulate_establishes_nothing(folder: Path, capsys: Capture) -> None:
    """What walks do not violate is undetermined; what they reach is reachable; how often each action was taken."""
    assert main(["simulate", "hand.flip", "--walks", "20"]) == 3
    out = capsys.readouterr().out
    assert "  undetermined  safe           not seen in 20 walks\n" in out
    assert "  holds         midway         trace, perhaps not the shortest, " in out
    assert "  give           60         40\n" in out


@pytest.mark.parametrize("command", [["show"], ["simulate"], ["export", "--to", "murphi"]])
def test_what_is_no_specification(folder: Path, capsys: Capture, command: list[str]) -> None:
    """Missing, broken, a model, or without such a variant: exit code 2, no traceback, nothing on standard output."""
    Path("broken.flip").write_text("spec")
    Path("model.flip").write_text("model model\nstate ok: bool\n")
    for arguments in (["none.flip"], ["broken.flip"], ["model.flip"], ["hand.flip", "--variant", "x"], ["."]):
        assert main([*command, *arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err
        assert "Traceback" not in captured.err


@pytest.mark.parametrize("command", [["show"], ["export", "--to", "murphi"], ["simulate"], ["run"], ["replay"]])
def test_a_model_is_refused(command: list[str], folder: Path, capsys: Capture) -> None:
    """With a message: an exit code alone tells nobody what was wrong."""
    Path("disk.flip").write_text("model disk\nstate busy: bool\n")
    arguments = ["disk.flip"]
    if command == ["replay"]:
        main(["check", "hand.flip", "--variant", "hasty", "--save-traces", "traces"])
        arguments = ["traces/hand.hasty.safe.json", "--spec", "disk.flip"]
        capsys.readouterr()
    assert main([*command, *arguments]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "flip: disk.flip is a model, not a specification\n")


def test_the_current_directory_may_be_gone(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A file named by its whole path is then shown by it."""
    (folder / "gone").mkdir()
    monkeypatch.chdir(folder / "gone")
    (folder / "gone").rmdir()
    assert main(["check", str(folder / "hand.flip"), "--variant", "none"]) == 0
    assert f"  {folder}/hand.flip\n" in capsys.readouterr().out
