"""Every violation of every specification comes with a trace, and every trace is confirmed when it is replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from verifier.cli import main

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
@pytest.mark.parametrize("spec", sorted(path.name for path in (ROOT / "specs").glob("*.flip")))
def test_every_trace_is_confirmed(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `flip check --save-traces` and `flip replay` do it: a file for each violated verdict, none for another.

    What is confirmed is the violation that the file is about, and not one that happens to be on the way.
    """
    monkeypatch.chdir(ROOT)
    assert main(["check", f"specs/{spec}", "--format", "json", "--save-traces", str(tmp_path)]) == 0
    report = json.loads(capsys.readouterr().out)
    violated = {
        ".".join(filter(None, (result["spec"], result["variant"], verdict["property"]))): verdict
        for result in report["specs"]
        for verdict in result["verdicts"]
        if verdict["outcome"] == "violated" and verdict["trace"] is not None
    }
    without_a_run = [
        verdict["property"]
        for result in report["specs"]
        for verdict in result["verdicts"]
        if verdict["outcome"] == "violated" and verdict["trace"] is None and not sought(verdict)
    ]
    assert without_a_run == []
    assert {path.stem for path in tmp_path.iterdir()} == violated.keys()
    for name, verdict in violated.items():
        assert main(["replay", str(tmp_path / f"{name}.json")]) == 0, name
        printed = capsys.readouterr().out
        assert f"confirmed: this is a violation of {verdict['property']}, in " in printed


def sought(verdict: dict[str, object]) -> bool:
    """Whether a violation is that something cannot happen, which no run shows."""
    return verdict["kind"] in ("reachable", "scenario")
