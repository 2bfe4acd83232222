"""`flip run` and the machine's part of `flip replay`: what they print and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from verifier.cli import main

Capture = pytest.CaptureFixture[str]
SPECS = Path(__file__).parents[2] / "specs"
FLIP = str(SPECS / "ownership_flip.flip")
SMALL = ("--set", "window=10", "--set", "rest=2", "--set", "own=2")


def test_a_run_prints_timeline_audit_and_blackout(capsys: Capture) -> None:
    """In the order in which things happened, with what moved and how long the device stood still."""
    assert main(["run", FLIP, *SMALL]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("ownership_flip (window = 10, rest = 2, own = 2)  window of 10 pages, gpa 0x1f .. 0x28")
    labels = [line[32:48].strip() for line in lines[2:] if line[:16].strip().replace(",", "").isdigit()]
    steps = [label for label in labels if label]
    assert steps == [
        "hv1.notify", "vm1.pause", "vm1.drain", "vm1.save", "hv1.flip",
        "hv2.remap", "hv2.hand", "vm2.restore", "vm2.run",
    ]  # fmt: skip
    assert "  DMA audit   8 reads, 4 writes, 0 blocked; each in a page of the device's driver" in lines
    assert "  moved       10 pages from vm1 to vm2: hpa 0xee1f .. 0xee28" in lines
    assert "  output      4 buffers, 16,384 bytes: equal to those of an undisturbed run" in lines
    assert any(line.startswith("  blackout") and "this protocol" in line for line in lines)


def test_the_facts_of_a_run_are_there_as_json(capsys: Capture) -> None:
    """The same facts; flipping a window of 225 pages is shorter than copying it, and both than attaching anew."""
    assert main(["run", FLIP, *SMALL, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert (found["finished"], found["output_equal"], found["violations"]) == (True, True, [])
    assert all(step["differences"] == {} and step["refused"] == "" for step in found["steps"])
    assert set(found["machine_blackout"]) == {"flip", "copy", "reattach"}


def protocol_alone(folder: Path, **changes: tuple[str, str]) -> str:
    """The flip without variants, scenarios and instances, with some of its text replaced."""
    text = (SPECS / "ownership_flip.flip").read_text()
    text = text[: text.index("scenario handover")]
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    file = folder / "changed.flip"
    file.write_text(text)
    return str(file)


def test_a_run_that_goes_wrong_exits_with_one(tmp_path: Path, capsys: Capture) -> None:
    """Without the restore the machine refuses to start a blank device: that is said, and no success."""
    spec = protocol_alone(tmp_path, restore=("await moved;  restore nic", "await moved"))

    assert main(["run", spec, *SMALL]) == 1
    assert "refused     vm2.run: nic: cannot start: expected a ring, found none set up" in capsys.readouterr().out


def test_the_window_is_the_region_with_the_saved_context(tmp_path: Path, capsys: Capture) -> None:
    """Wherever it stands in the text."""
    spec = protocol_alone(
        tmp_path,
        first=("  region window {", "  region other { gpa 0x400;  hpa 0x4000;  owner vm1 }\n  region window {"),
    )

    assert main(["run", spec, *SMALL]) == 0
    assert "window of 10 pages, gpa 0x1f .. 0x28" in capsys.readouterr().out


def test_a_variant_shows_its_damage(capsys: Capture) -> None:
    """The trace, then the bytes of the device in a page of somebody else."""
    assert main(["run", FLIP, "--variant", "no_invalidate"]) == 0
    out = capsys.readouterr().out

    assert "dma_confined is violated in variant no_invalidate after 20 steps" in out
    assert "damage      nic (driver vm2) wrote to hpa 0xee00, a page of vm1" in out
    assert "unsolicited DMA" in out


def test_a_variant_that_holds_is_run_like_the_protocol(capsys: Capture) -> None:
    """The guarded order is not disturbed by a driver that lies."""
    arguments = [str(SPECS / "ownership_flip_guarded.flip"), "--variant", "lying_driver", *SMALL]

    assert main(["run", *arguments]) == 0
    assert "equal to those of an undisturbed run" in capsys.readouterr().out


def test_a_saved_counterexample_is_performed_on_the_machine(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`replay` confirms it on the interpreter and then shows the same damage."""
    monkeypatch.chdir(SPECS.parent)
    traces = tmp_path / "traces"
    assert main(["check", "specs/ownership_flip.flip", "--variant", "no_invalidate", "--save-traces", str(traces)]) == 0
    capsys.readouterr()

    assert main(["replay", str(traces / "ownership_flip.no_invalidate.dma_confined.json")]) == 0
    out = capsys.readouterr().out
    assert "confirmed: this is a violation of dma_confined, in 20 steps" in out
    assert out.index("confirmed") < out.index("on the machine, 20 steps") < out.index("damage      nic")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([str(SPECS / "two_resume.flip")], "expected a region that holds a device's save_page"),
        ([FLIP, "--set", "window=3"], "expected 4 pages"),
        ([FLIP, "--variant", "no_such"], "there is no variant"),
        ([str(SPECS / "nothing.flip")], "nothing.flip"),
    ],
)
def test_what_cannot_be_executed_is_refused(arguments: list[str], message: str, capsys: Capture) -> None:
    """One sentence and exit code 2."""
    assert main(["run", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_replay_and_a_simulation_are_there_as_json(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trace as it happened now with the machine's part; the counts of each action with the verdicts."""
    monkeypatch.chdir(SPECS.parent)
    traces = tmp_path / "traces"
    assert main(["check", "specs/ownership_flip.flip", "--variant", "no_invalidate", "--save-traces", str(traces)]) == 0
    capsys.readouterr()

    assert main(["replay", str(traces / "ownership_flip.no_invalidate.dma_confined.json"), "--format", "json"]) == 0
    replayed = json.loads(capsys.readouterr().out)
    assert (replayed["confirmed"], replayed["trace"]["property"]) == (True, "dma_confined")
    assert [record["owner"] for record in replayed["machine"]["violations"]] == ["vm1"]

    assert main(["simulate", FLIP, "--walks", "5", "--format", "json"]) == 3
    walked = json.loads(capsys.readouterr().out)
    assert walked["walks"]["walks"] == 5
    assert walked["walks"]["actions"]["hv1.notify"]["taken"] == 5


def test_codes_are_there_as_json(capsys: Capture) -> None:
    """One, or all of them."""
    assert main(["explain", "e0201", "--format", "json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["E0201"]) == {"title", "explanation", "wrong", "right"}
    assert main(["explain", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) > 100
