"""`flip profile` and `flip estimate`: tables for people, documents for programs."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from textwrap import dedent
from typing import Any

import jsonschema
import pytest

from verifier.cli import main

Capture = pytest.CaptureFixture[str]
SPECS = Path(__file__).parents[2] / "specs"
ORACLES = Path(__file__).parents[1] / "oracles"


def validated(name: str, printed: str) -> Any:
    schema = json.loads(files("verifier.report").joinpath(f"schema/{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    found = json.loads(printed)
    jsonschema.validate(found, schema)
    return found


def test_a_profile(folder: Path, capsys: Capture) -> None:
    """Actions in their order, then what multiplies the states most."""
    assert main(["profile", "hand.flip", "--no-symmetry"]) == 0
    assert capsys.readouterr() == (
        dedent("""\
            hand (two)  hand.flip
              5 states, 5 transitions, depth 3

              action  possible in  transitions  states first found
              halt              1            1                   1
              give              3            4                   3

              state    cells  contents   states without it
              owner        2    4 of 4  2, 2.5 times fewer
              running      1    2 of 2  4, 1.2 times fewer
            """),
        "",
    )


def test_a_profile_of_representatives(folder: Path, capsys: Capture) -> None:
    """It says that it is one."""
    assert main(["profile", "hand.flip"]) == 0
    out = capsys.readouterr().out
    assert "4 states, 3 transitions, depth 3\n  of representatives: 2 interchangeable Page" in out


def test_a_profile_for_programs(folder: Path, capsys: Capture) -> None:
    """The document has all of the tables, and every cell."""
    assert main(["profile", "hand.flip", "--format", "json", "--variant", "hasty"]) == 0
    found = validated("profile", capsys.readouterr().out)
    assert (found["variant"], found["exact"], found["exit_code"]) == ("hasty", True, 0)
    assert [cell["name"] for cell in found["functions"][0]["cells"]] == ["owner(page0)", "owner(page1)"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--states", "2"], 3, "not all states: the budget of 2 states was used up"),
        (["--sample", "2"], 0, "a sample: 2 of these states were looked at; --sample N for more"),
        (["--instance", "four"], 2, ""),
    ],
)
def test_less_than_everything(folder: Path, capsys: Capture, arguments: list[str], code: int, said: str) -> None:
    """A profile of a part says so, and why."""
    assert main(["profile", "hand.flip", "--no-symmetry", *arguments]) == code
    assert said in capsys.readouterr().out
    assert main(["profile", "hand.flip", "--no-symmetry", "--format", "json", *arguments]) == code
    printed = capsys.readouterr().out
    if printed:
        assert not validated("profile", printed)["exact"]


def test_an_estimate(folder: Path, capsys: Capture) -> None:
    """Of few states it is exact."""
    assert main(["estimate", "hand.flip", "--instance", "three"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = captured.out.splitlines()
    assert lines[:4] == [
        "hand (three)  hand.flip",
        "  at most 16 states: the product of all ranges",
        "  a state has 4 bits, 8 bytes",
        "",
    ]
    assert "  without symmetry: 9 states" in lines
    assert "    all states were searched; 1.4 transitions each" in lines
    assert "  with symmetry: 5 states" in lines
    assert "  Page     1.2   (4 and 5 states, Page = 3)" in lines


def test_an_estimate_for_programs(folder: Path, capsys: Capture) -> None:
    """The same document each time."""
    printed = []
    for _ in range(2):
        assert main(["estimate", "hand.flip", "--set", "Page=40", "--format", "json"]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    found = validated("estimate", printed[0])
    assert found["settings"] == {"Page": "40"}
    assert found["reduced"]["exact"]
    assert found["reduced"]["likely"] == 42
    assert not found["whole"]["exact"]
    assert found["whole"]["likely"] == pytest.approx(2**40, rel=0.2)
    assert found["bound_log10"] == pytest.approx(12.34)


def test_no_time_for_an_estimate(capsys: Capture) -> None:
    """Exit code 3, and nothing on standard output."""
    spec = str(ORACLES / "two_phase_commit.flip")
    assert main(["estimate", spec, "--set", "Manager=9", "--time", "0.001"]) == 3
    assert capsys.readouterr() == ("", "flip: no estimate: the budget of 0.001 seconds was used up\n")


@pytest.mark.slow
@pytest.mark.parametrize("spec", sorted(SPECS.glob("*.flip")), ids=lambda path: path.stem)
def test_every_specification_has_both(spec: Path, capsys: Capture) -> None:
    """In their smallest instances, where the estimate is as exact as the profile, and they agree."""
    assert main(["profile", str(spec), "--format", "json"]) == 0
    profile = validated("profile", capsys.readouterr().out)
    assert main(["estimate", str(spec), "--format", "json"]) == 0
    estimate = validated("estimate", capsys.readouterr().out)
    guess = estimate["whole"] if estimate["reduced"] is None else estimate["reduced"]
    assert guess["low"] <= profile["states"] <= guess["high"]
    assert guess["exact"] == (guess["likely"] == profile["states"])
    assert profile["symmetry"] == estimate["symmetry"]
