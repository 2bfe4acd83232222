"""Without a budget for memory there is one all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.cli import main
from verifier.commands import check_run


def test_a_search_without_a_budget_ends_before_the_machine_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A counter up to two milliards is undetermined when the default memory is used up, and the exit code says so."""
    spec = tmp_path / "endless.flip"
    spec.write_text(
        "spec endless\nstate x: 0 .. 2000000000 = 0\nhardware inc { x := x + 1 }\nalways low: x < 2000000000\n"
    )
    monkeypatch.setattr(check_run, "most_memory", lambda: 1)

    assert main(["check", str(spec)]) == 3
    assert "of memory was used up" in capsys.readouterr().out
