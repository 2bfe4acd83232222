"""`flip fmt` changes files in place, all or nothing, and can only look."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from verifier.cli import main

UNTIDY = "spec   a\n\n\n\nstate ok:bool\nalways fine:ok\n"


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    path = tmp_path / "a.flip"
    path.write_text(UNTIDY)
    return path


def test_checking_changes_nothing(untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "--check", str(untidy)]) == 1
    assert capsys.readouterr().out == f"would change {untidy}\n"
    assert untidy.read_text() == UNTIDY


def test_formatting_comes_to_rest(untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A formatted file is named once, and is then as it should be."""
    assert main(["fmt", str(untidy.parent)]) == 0
    assert capsys.readouterr().out == f"changed {untidy}\n"
    assert main(["fmt", "--check", str(untidy)]) == 0
    assert main(["fmt", str(untidy)]) == 0
    assert capsys.readouterr().out == ""


def test_what_is_no_specification_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The mistake is shown, the file is left alone, and the others are still laid out."""
    broken = tmp_path / "a.flip"
    broken.write_text("spec a {")
    (tmp_path / "b.flip").write_text(UNTIDY)
    assert main(["fmt", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert f"--> {broken}:1:" in captured.err
    assert captured.out == f"changed {tmp_path / 'b.flip'}\n"
    assert broken.read_text() == "spec a {"


@pytest.mark.parametrize(("text", "code"), [(UNTIDY.encode(), 0), (b"spec a {", 2), (b"\xff", 2)])
def test_standard_input(text: bytes, code: int) -> None:
    """From standard input to standard output, for editors."""
    process = subprocess.run([sys.executable, "-m", "verifier", "fmt", "-"], input=text, capture_output=True)
    assert process.returncode == code
    assert process.stdout.startswith(b"spec a\n") if code == 0 else process.stdout == b""
    assert b"Traceback" not in process.stderr


def test_standard_input_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "-", "a.flip"]) == 2
    assert capsys.readouterr().err == "flip: - (standard input) stands alone\n"


def test_standard_output_is_utf_8_whatever_the_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As standard input is."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    text = 'spec a\n"""Übergabe → 2"""\n'.encode()
    process = subprocess.run([sys.executable, "-m", "verifier", "fmt", "-"], input=text, capture_output=True)
    assert (process.returncode, process.stdout) == (0, text)


def test_names_of_files_are_harmless(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a\x1b[2J.flip").write_text(UNTIDY)
    assert main(["fmt", "--check", str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"would change {tmp_path}/a\\x1b[2J.flip\n"
