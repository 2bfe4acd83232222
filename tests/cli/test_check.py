"""`flip check` from files to exit code, each pinned to what it prints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.cli.conftest import HAND
from tests.report.test_json import VALIDATOR
from verifier.cli import main

Capture = pytest.CaptureFixture[str]
BY_SYMMETRY = "exhaustive for this instance (4 states), reduced by symmetry of Page"
EVERY_SIZE = "proved for every size of Page (10 abstract states)"


def change(folder: Path, old: str, new: str) -> None:
    """Edit the specification."""
    assert old in HAND
    (folder / "hand.flip").write_text(HAND.replace(old, new))


def test_all_is_as_expected(folder: Path, capsys: Capture) -> None:
    """Every property of the protocol, one line for each variant, a line about everything."""
    assert main(["check", "hand.flip"]) == 0
    assert capsys.readouterr() == (
        dedent(f"""\
        hand (two)  hand.flip
          holds         safe           {EVERY_SIZE}
          holds         midway         trace, 2 steps
          holds         finished       exhaustive for this instance (5 states)
          holds         stopped_first  {EVERY_SIZE}
          holds         not_stuck      {BY_SYMMETRY}
          4 states, 3 transitions, depth 3; 2 interchangeable Page: page0, page1
          as expected   variant hasty        violated safe, 1 step; violated stopped_first, 1 step
          as expected   variant patient_one  holds

        1 protocol, 2 variants: all as expected
        """),
        "",
    )


LATE = """\
spec late
sort Page size 2
state done(Page): bool
action finish(p: Page) { when not done(p);  done(p) := true }
never three: (count p: Page: done(p)) == 3
instance two { Page = 2 }
"""


def test_a_violation_at_another_size(folder: Path, capsys: Capture) -> None:
    """It is a result of its own, with a trace that can be replayed; who asked for the instance is told, and no more."""
    (folder / "late.flip").write_text(LATE)
    assert main(["check", "late.flip", "--save-traces", "traces"]) == 1
    shown = capsys.readouterr().out
    assert "late (two)  late.flip\n  holds         three      exhaustive for this instance (3 states)" in shown
    assert "late (two, Page = 3)  late.flip\n  violated      three  trace, 3 steps\n" in shown
    assert shown.endswith("\n1 protocol, 0 variants: 1 not as expected\n"), "another size is no other protocol"
    (trace,) = (folder / "traces").iterdir()
    assert main(["replay", str(trace)]) == 0
    capsys.readouterr()
    for asked in (["--instance", "two"], ["--set", "Page=2"]):
        assert main(["check", "late.flip", *asked]) == 0
        assert "violated      three  trace, 3 steps\n" in capsys.readouterr().out


def test_sizes_are_proved_within_the_time_that_there_is(folder: Path, capsys: Capture) -> None:
    """A time limit gives all sizes a part of it, and without symmetry there are none."""
    assert main(["check", "hand.flip", "--variant", "none", "--time", "60"]) == 0
    assert f"safe           {EVERY_SIZE}\n" in capsys.readouterr().out
    assert main(["check", "hand.flip", "--variant", "none", "--no-symmetry"]) == 0
    assert "proved" not in capsys.readouterr().out


def test_a_weakened_protocol(folder: Path, capsys: Capture) -> None:
    """Exit code 1, and how it comes to that."""
    change(folder, "const patient: bool = true", "const patient: bool = false")
    assert main(["check", "hand.flip", "--variant", "none", "--property", "safe"]) == 1
    assert capsys.readouterr().out == dedent("""\
        hand (two)  hand.flip
          violated      safe  trace, 1 step
          3 states, 2 transitions, depth 0; 2 interchangeable Page: page0, page1

        safe is violated after 1 step  hand.flip:18:1
            1  hand  give(page0)  hand.flip:11:1
                 owner(page0): vm1 -> vm2
          always safe: running implies (all p: Page: owner(p) == vm1)
          fails: owner(p) == vm1   for p = page0
                 owner(page0) = vm2

        1 protocol, 0 variants: 1 not as expected
        """)


def test_a_variant_that_holds_although_it_must_not(folder: Path, capsys: Capture) -> None:
    """The specification has lost its teeth."""
    change(folder, "set patient = false", "set patient = true")
    assert main(["check", "hand.flip", "--variant", "hasty"]) == 1
    out = capsys.readouterr().out
    assert "  not expected  variant hasty  safe holds, but is expected to be violated\n" in out
    assert out.endswith("0 protocols, 1 variant: 2 not as expected\n")


def test_another_number_of_states(folder: Path, capsys: Capture) -> None:
    """A change of the size is a change of the protocol."""
    change(folder, "expect 4 states", "expect 5 states")
    assert main(["check", "hand.flip"]) == 1
    assert "  not expected  4 states were reached, but 5 are expected\n" in capsys.readouterr().out


def test_a_budget_leaves_things_undetermined(folder: Path, capsys: Capture) -> None:
    assert main(["check", "hand.flip", "--states", "1", "--variant", "none"]) == 3
    assert "the budget of 1 states was used up" in capsys.readouterr().out


def test_instances_and_settings(folder: Path, capsys: Capture) -> None:
    """The header says which system it was."""
    assert main(["check", "hand.flip", "--variant", "none", "--instance", "three"]) == 0
    assert capsys.readouterr().out.startswith("hand (three)  hand.flip\n")
    assert main(["check", "hand.flip", "--variant", "none", "--set", "Page=4"]) == 0
    assert capsys.readouterr().out.startswith("hand (two, Page = 4)  hand.flip\n")


def test_the_bounded_engine(folder: Path, capsys: Capture) -> None:
    """Finds what there is to find, and does not say that anything holds."""
    bounded = ["check", "hand.flip", "--engine", "bounded", "--depth", "2", "--property", "safe"]
    assert main([*bounded, "--variant", "hasty"]) == 0
    assert main([*bounded, "--variant", "none"]) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.flip"], "no such file or folder: nothing.flip"),
        (["empty"], "no .flip files in folder empty"),
        (["model.flip"], "no specifications in model.flip"),
        (["hand.flip", "--variant", "hastly"], "there is no variant of hand 'hastly'; did you mean 'hasty'?"),
        (["hand.flip", "--instance", "tow"], "there is no instance of hand 'tow'; did you mean 'two'?"),
        (["hand.flip", "--property", "saef"], "there is no property of hand 'saef'; did you mean 'safe'?"),
        (["hand.flip", "--depth", "3"], "--depth is for --engine bounded"),
        (["hand.flip", "--engine", "bounded", "--states", "3"], "--no-symmetry and --states are for --engine explicit"),
        (["hand.flip", "--engine", "bounded", "--threads", "2"], "--threads is for --engine explicit"),
        (["hand.flip", "--set", "Page=2", "--set", "Page=3"], "--set Page is given twice"),
        (["hand.flip", "--output", "no/where"], "cannot write no/where: no such file or directory"),
    ],
)
def test_commands_that_cannot_be_obeyed(folder: Path, capsys: Capture, arguments: list[str], message: str) -> None:
    """One message on standard error, exit code 2."""
    (folder / "empty").mkdir()
    (folder / "model.flip").write_text("model model\nstate on_: bool\n")
    assert main(["check", *arguments]) == 2
    assert capsys.readouterr().err == f"flip: {message}\n"


def test_a_setting_that_means_nothing(folder: Path, capsys: Capture) -> None:
    """The front end says so, with a code, and once for the protocol and all its variants."""
    assert main(["check", "hand.flip", "--set", "Pge=2"]) == 2
    assert capsys.readouterr().err.count("<command line>") == 1


@pytest.mark.parametrize("size", ["\uff12", "\u0662", "0b10", "0o2", "+2", "2.0", "1e1", "9" * 5000])
def test_numbers_are_those_of_specifications(folder: Path, capsys: Capture, size: str) -> None:
    """Digits of other scripts, and what only Python takes for a whole number, are none."""
    assert main(["check", "hand.flip", "--set", f"Page={size}"]) == 2
    assert "the size of `Page` must be a number from 1 to 65536" in capsys.readouterr().err


@pytest.mark.parametrize("size", ["2", "0x2", "0_2", "02"])
def test_other_ways_to_write_a_size(folder: Path, size: str) -> None:
    assert main(["check", "hand.flip", "--variant", "none", "--set", f"Page={size}"]) == 0


def test_a_size_that_the_specification_is_not_about(folder: Path, capsys: Capture) -> None:
    (folder / "hand.flip").write_text(HAND + "for any Page >= 2\n")
    assert main(["check", "hand.flip", "--variant", "none"]) == 0
    assert "proved for every size of Page >= 2 (" in capsys.readouterr().out
    assert main(["check", "hand.flip", "--variant", "none", "--set", "Page=1"]) == 2
    assert "error[E0414]: `Page = 1` is smaller than what the specification is about" in capsys.readouterr().err


def test_a_folder_with_a_broken_file(folder: Path, capsys: Capture) -> None:
    """What can be checked is checked, and the result is that a specification is wrong."""
    (folder / "broken.flip").write_text("spec broken\nalways: nonsense here\n")
    (folder / "model.flip").write_text("model model\nstate on_ bool\n")
    assert main(["check", "."]) == 2
    captured = capsys.readouterr()
    assert "--> broken.flip:2:" in captured.err
    assert "--> model.flip:2:" in captured.err
    assert "1 protocol, 2 variants: 2 errors in specifications\n" in captured.out


def report(capsys: Capture) -> Any:
    document = json.loads(capsys.readouterr().out)
    VALIDATOR.validate(document)
    return document


def test_json(folder: Path, capsys: Capture) -> None:
    """One entry for the protocol and one for each variant; traces are inside."""
    assert main(["check", "hand.flip", "--format", "json"]) == 0
    document = report(capsys)
    assert [(spec["variant"], spec["instance"]) for spec in document["specs"]] == [
        (None, "two"),
        ("hasty", "two"),
        ("patient_one", "two"),
    ]
    hasty = {verdict["property"]: verdict for verdict in document["specs"][1]["verdicts"]}
    assert hasty["safe"]["as_expected"] is True
    assert hasty["safe"]["trace"]["variant"] == "hasty"
    assert hasty["midway"]["expected"] is None


def test_json_of_what_is_refused(folder: Path, capsys: Capture) -> None:
    """The diagnostics are data too, and nothing is said on standard error."""
    (folder / "hand.flip").write_text("spec hand\nalways: nonsense here\n")
    assert main(["check", "hand.flip", "--format", "json"]) == 2
    document = report(capsys)
    assert document["specs"] == []
    assert document["exit_code"] == 2
    assert document["diagnostics"][0]["span"]["line"] == 2
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_output_to_a_file(folder: Path, capsys: Capture, form: str) -> None:
    """The same to the byte as what is printed, apart from times."""
    arguments = ["check", "hand.flip", "--format", form, "--variant", "none"]
    assert main([*arguments, "--output", "report"]) == 0
    assert capsys.readouterr().out == ""
    main(arguments)
    printed = [line for line in capsys.readouterr().out.splitlines() if '"seconds"' not in line]
    written = [line for line in (folder / "report").read_text().splitlines() if '"seconds"' not in line]
    assert printed == written


def test_saved_traces(folder: Path) -> None:
    """One file for each counterexample, named after it, fit for the schema."""
    assert main(["check", "hand.flip", "--save-traces", "deep/traces"]) == 0
    assert sorted(os.listdir("deep/traces")) == ["hand.hasty.safe.json", "hand.hasty.stopped_first.json"]
    schema = json.loads(files("verifier.report").joinpath("schema/trace.schema.json").read_text(encoding="utf-8"))
    assert schema["properties"].keys() == json.loads(Path("deep/traces/hand.hasty.safe.json").read_text()).keys()


def test_saved_traces_of_specifications_of_one_name(folder: Path) -> None:
    """None replaces another."""
    (folder / "other.flip").write_text(HAND)
    assert main(["check", ".", "--variant", "hasty", "--property", "safe", "--save-traces", "traces"]) == 0
    assert sorted(os.listdir("traces")) == ["hand.hasty.safe-2.json", "hand.hasty.safe.json"]


def test_no_colour_where_there_is_no_terminal(folder: Path) -> None:
    """Not in a pipe; the output is the same to the byte in every run."""
    command = [sys.executable, "-m", "verifier", "check", "hand.flip"]
    first, second = (subprocess.run(command, capture_output=True, timeout=60).stdout for _ in range(2))
    assert first == second
    assert b"\x1b" not in first


LARGE = HAND.replace("instance two { Page = 2 } expect 4 states", "instance large { Page = 400 }")


@pytest.mark.slow
@pytest.mark.parametrize("options", [["--no-symmetry"], ["--engine", "bounded", "--depth", "900"]])
def test_an_interrupt_ends_everything(folder: Path, options: list[str]) -> None:
    """Ctrl-C: exit code 3, one line, no traceback, nothing half-written; the variants are not begun."""
    (folder / "hand.flip").write_text(LARGE)
    command = [sys.executable, "-m", "verifier", "check", "hand.flip", "--output", "report", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, "")
    assert err == "flip: interrupted; what was not printed is undetermined\n"
    assert os.listdir(folder) == ["hand.flip"]


def test_the_first_violation_is_enough_where_it_is_asked_for(capsys: Capture) -> None:
    """A deep one is found by going down, and the report says that there may be a shorter trace."""
    spec = str(Path(__file__).parents[1] / "bench" / "page_flip.flip")

    code = main(["check", spec, "--variant", "bug", "--set", "Page=6", "--no-symmetry", "--first"])

    assert code == 0
    assert "violated old_confined, 32 steps (perhaps not the fewest)" in capsys.readouterr().out


def test_without_a_violation_the_first_one_is_no_verdict(capsys: Capture) -> None:
    """Then the check is the usual one, to its end."""
    spec = str(Path(__file__).parents[1] / "bench" / "page_flip.flip")

    code = main(["check", spec, "--variant", "none", "--set", "Page=2", "--first"])

    assert code == 0
    assert "exhaustive for this instance (432 states)" in capsys.readouterr().out
