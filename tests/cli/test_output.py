"""Results on standard output: plain where nobody looks, in colour where it is wanted, and the same words in both."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPECIFICATION = "specs/ownership_flip.flip"
LOADED = (
    "import sys, verifier.cli; verifier.cli.main(sys.argv[1:]); print('rich.console' in sys.modules, file=sys.stderr)"
)


def check(monkeypatch: pytest.MonkeyPatch, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-c", LOADED, "check", SPECIFICATION, "--variant", "no_invalidate", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_pipe_gets_what_a_file_gets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the larger part of rich, which takes longer to load than some checks take."""
    file = tmp_path / "report.txt"
    piped = check(monkeypatch, "--all-traces")
    check(monkeypatch, "--all-traces", "--output", str(file))
    assert "dma_confined" in piped.stdout
    assert piped.stdout == file.read_text(encoding="utf-8")
    assert piped.stderr.endswith("False\n")


def test_colour_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As build servers do, whose logs show it. The words are the same."""
    plain = check(monkeypatch, "--all-traces").stdout
    coloured = check(monkeypatch, "--all-traces", FORCE_COLOR="1", TERM="xterm").stdout
    words = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert coloured != words
    assert [line.rstrip() for line in words.splitlines()] == plain.splitlines()
