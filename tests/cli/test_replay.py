"""`flip replay` performs a saved trace again, and believes nothing that the trace says."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.cli.conftest import HAND
from verifier.cli import main

Capture = pytest.CaptureFixture[str]
FILE = "traces/hand.hasty.safe.json"


@pytest.fixture
def saved(folder: Path, capsys: Capture) -> Path:
    """A trace of the variant in which nobody waits."""
    assert main(["check", "hand.flip", "--instance", "three", "--save-traces", "traces"]) == 0
    capsys.readouterr()
    return folder / FILE


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_trace_is_confirmed(saved: Path, capsys: Capture) -> None:
    """Every step with what it changes, the part that fails, and the judgement; the instance is the trace's."""
    assert main(["replay", FILE]) == 0
    assert capsys.readouterr().out == dedent("""\
        safe is violated in variant hasty after 1 step  hand.flip:18:1
            1  hand  give(page0)  hand.flip:11:1
                 owner(page0): vm1 -> vm2
          always safe: running implies (all p: Page: owner(p) == vm1)
          fails: owner(p) == vm1   for p = page0
                 owner(page0) = vm2
        confirmed: this is a violation of safe, in 1 step

        not performed on the machine: expected the models memory, bus_master and iommu or vtd, found others
        """)


def test_whole_states(saved: Path, capsys: Capture) -> None:
    assert main(["replay", FILE, "--trace", "full"]) == 0
    assert capsys.readouterr().out.count("owner(page2) = vm1") == 2
    assert main(["replay", FILE, "--trace", "off"]) == 0
    assert capsys.readouterr().out.startswith("confirmed: this is a violation of safe, in 1 step\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"property": "midway"}, "of midway it shows 'holds', not 'violated'"),
        ({"property": "finished"}, "there is no property finished"),
        ({"variant": None}, "step 1, give, is not possible where it is taken"),
        ({"instance": "two"}, "its initial state has other cells than the system"),
        ({"steps": []}, "the formula holds where it ends"),
    ],
)
def test_a_trace_that_shows_something_else(saved: Path, capsys: Capture, changes: Any, message: str) -> None:
    """Exit code 1, and the reason."""
    edit(saved, **changes)
    assert main(["replay", FILE]) == 1
    assert capsys.readouterr().out == f"not confirmed: {message}\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 9}, f"{FILE} is not a trace: it has version 9; this Flip reads version 1"),
        ({"steps": [7]}, f"{FILE} is not a trace: steps[0] is not an object"),
        ({"variant": "haste"}, "there is no variant of hand 'haste'; did you mean 'hasty'?"),
        ({"file": "/etc/passwd"}, "the trace names /etc/passwd, which is not beneath here; give --spec SPEC"),
        ({"file": "a/../../b"}, "the trace names a/../../b, which is not beneath here; give --spec SPEC"),
        ({"file": "\x1b"}, r"there is no file \x1b; give --spec SPEC"),
    ],
)
def test_traces_that_are_refused(saved: Path, capsys: Capture, changes: Any, message: str) -> None:
    """Exit code 2. A trace may come from a stranger: it cannot make Flip read any file it likes."""
    edit(saved, **changes)
    assert main(["replay", FILE]) == 2
    assert capsys.readouterr() == ("", f"flip: {message}\n")


def test_a_changed_specification_is_another_one(saved: Path, capsys: Capture) -> None:
    """Even a comment: the hash is of the text."""
    Path("hand.flip").write_text(HAND + "// nothing\n")
    assert main(["replay", FILE]) == 2
    assert capsys.readouterr().err == (
        "flip: hand.flip (or a model that it uses) has changed since the trace was made\n"
    )


def test_the_specification_may_be_elsewhere(saved: Path, capsys: Capture) -> None:
    Path("elsewhere").mkdir()
    Path("hand.flip").rename("elsewhere/hand.flip")
    assert main(["replay", FILE]) == 2
    assert capsys.readouterr().err == "flip: there is no file hand.flip; give --spec SPEC\n"
    assert main(["replay", FILE, "--spec", "elsewhere/hand.flip"]) == 0


def test_settings_are_part_of_the_trace(folder: Path, capsys: Capture) -> None:
    """What was set on the command line is set again."""
    assert main(["check", "hand.flip", "--set", "Page=5", "--save-traces", "traces"]) == 0
    assert main(["replay", FILE, "--trace", "full"]) == 0
    assert "owner(page4) = vm1" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a" * 5000, "elsewhere.flip"], ids=["too long", "a link out of here"])
def test_a_name_that_leads_nowhere_good(saved: Path, capsys: Capture, name: str) -> None:
    """No link leads a trace out of the current directory, and no name is a mistake of the tool."""
    outside = saved.parent.parent.parent / "outside.flip"
    outside.write_text("spec secret\n")
    (saved.parent.parent / "elsewhere.flip").symlink_to(outside)
    edit(saved, file=name)
    assert main(["replay", FILE]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("; give --spec SPEC\n")
