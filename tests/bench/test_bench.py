"""What the benchmark makes of the answers of its tools."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bench import rumur, spin, table
from tests.bench.answer import Answer, FailedError, NotOfferedError
from tests.bench.flip import Flip
from tests.bench.measure import Entry, Measured, RefusedError, agree, measure
from tests.bench.process import Cost, run
from tests.bench.rows import ROWS, Row
from tests.bench.rumur import Rumur
from tests.bench.targets import Ahead, BytesPerState, Memory, Seconds, Target

NO_COST = Cost()


def answer(states: int = 5, violated: bool = False, cpu: float = 1.0, stopped: bool = False) -> Answer:
    return Answer(states, violated, Cost(cpu, 0), stopped=stopped)


def measured(cpu: float = 1.0, states: int = 5, peak: int = 0, stopped: bool = False) -> Measured:
    return Measured(states, False, cpu, cpu, cpu, peak, 3, stopped)


@dataclass
class Canned:
    """A tool that gives the answers it was made with, one after the other, and notes when it was asked."""

    tool: str
    answers: list[Answer]
    log: list[str] = field(default_factory=list)
    given: Iterator[Answer] = field(init=False)

    def __post_init__(self) -> None:
        self.given = iter(self.answers)

    def run(self, folder: Path, limit: int) -> Answer:
        assert list(folder.iterdir()) == []
        self.log.append(self.tool)
        return next(self.given)


def ignore(text: str) -> None:
    """For nobody to read."""


def test_different_counts_are_refused() -> None:
    """Two tools that count different states do not do the same work."""
    with pytest.raises(RefusedError, match="4, 5"):
        agree([answer(5), answer(4)])
    agree([answer(5), answer(5)])


def test_a_violation_that_only_one_finds_is_refused() -> None:
    """Of a violation only that it is there must be common: how much was seen before it depends on the order."""
    with pytest.raises(RefusedError):
        agree([answer(5, violated=True), answer(5)])
    agree([answer(5, violated=True), answer(4, violated=True)])


def test_a_tool_that_was_stopped_has_no_say() -> None:
    agree([answer(5), answer(0, stopped=True)])


def test_runs_alternate_and_the_median_counts() -> None:
    """The tools take turns, a slow one only once; the figures are the median, the least and the most."""
    log: list[str] = []
    fast = Canned("Flip", [answer(cpu=cpu) for cpu in (9.0, 1.0, 2.0)], log)
    slow = Canned("SPIN", [answer(cpu=30.0)], log)

    found = measure([Entry(fast), Entry(slow, slow=True)], 3, 1, ignore)

    assert log == ["Flip", "SPIN", "Flip", "Flip"]
    assert (found["Flip"].cpu, found["Flip"].least, found["Flip"].most, found["Flip"].runs) == (2.0, 1.0, 9.0, 3)
    assert (found["SPIN"].cpu, found["SPIN"].runs) == (30.0, 1)


def test_a_tool_that_was_stopped_is_not_asked_again() -> None:
    tool = Canned("Flip", [answer(0, cpu=60.0, stopped=True)])

    assert measure([Entry(tool)], 3, 1, ignore)["Flip"].stopped


def test_a_later_run_that_disagrees_is_refused() -> None:
    """Every run counts, not only the last."""
    with pytest.raises(RefusedError):
        measure([Entry(Canned("Flip", [answer(5), answer(4), answer(5)]))], 3, 1, ignore)


def verdict(kind: str, method: str, states: int) -> dict[str, object]:
    return {"kind": kind, "method": method, "states": states, "transitions": 2 * states, "outcome": "holds"}


def test_a_search_of_one_size_is_no_proof_for_every_size() -> None:
    """Where it is asked about, it is counted, and without it there are no figures; elsewhere it is passed over."""
    proof = verdict("always", "proved for every size of Page (9 abstract states)", 9)
    search = verdict("always", "exhaustive for this instance (5 states)", 5)
    stuck = verdict("stuck", "exhaustive for this instance (5 states)", 5)
    every, one = Flip(Path(), (), every_size=True), Flip(Path(), ())

    assert every.read({"states": 5, "verdicts": [proof, stuck]}, NO_COST) == Answer(9, False, NO_COST, 18)
    assert one.read({"states": 5, "verdicts": [proof, stuck]}, NO_COST) == Answer(5, False, NO_COST, 10)
    with pytest.raises(NotOfferedError):
        every.read({"states": 5, "verdicts": [proof, search]}, NO_COST)


def test_what_flip_does_not_decide_is_no_answer() -> None:
    """But where a violation was asked for, and found, nothing else need be decided."""
    undetermined = verdict("always", "", 5) | {"outcome": "undetermined"}
    violated = verdict("always", "trace", 5) | {"outcome": "violated"}

    assert Flip(Path(), ()).read({"states": 5, "verdicts": [violated, undetermined]}, NO_COST).violated
    with pytest.raises(FailedError):
        Flip(Path(), ()).read({"states": 5, "verdicts": [undetermined]}, NO_COST)


def test_the_cost_is_that_of_children_too(tmp_path: Path) -> None:
    """A shell that has a child work pays for it."""
    work = "sum(range(20_000_000))"

    cost = run(("sh", "-c", f"{sys.executable} -c '{work}'; true"), tmp_path, 60).cost

    assert cost.cpu > 0.05
    assert cost.peak > 5_000_000


def test_a_command_is_stopped_when_it_takes_too_long(tmp_path: Path) -> None:
    finished = run(("sh", "-c", "while :; do :; done"), tmp_path, 1)

    assert finished.stopped
    assert finished.cost.cpu > 0.9


def test_nothing_goes_on_in_the_background(tmp_path: Path) -> None:
    """What a command leaves behind would be paid for by the next one."""
    finished = run(("sh", "-c", "(sleep 1; touch late) &"), tmp_path, 60)
    time.sleep(1.5)

    assert not finished.stopped
    assert not (tmp_path / "late").exists()


def test_costs_add_up() -> None:
    """Seconds one after the other; memory at its highest."""
    assert Cost(1.0, 5) + Cost(2.0, 3) == Cost(3.0, 5)


SPIN = "State-vector 28 byte, depth reached 44, errors: 0\n      704 states, stored\n     2249 transitions (= stored)\n"


def test_what_spin_prints() -> None:
    """Its counts, without the transition to the initial state."""
    large = SPIN.replace("2249", "1.2066811e+08")

    assert spin.read(SPIN, NO_COST) == Answer(704, False, NO_COST, 2_248)
    assert spin.read(large, NO_COST) == Answer(704, False, NO_COST, 120_668_109)


@pytest.mark.parametrize("trouble", ["error: max search depth too small\n", "Warning: Search not completed\n"])
def test_an_incomplete_search_of_spin_is_no_answer(trouble: str) -> None:
    with pytest.raises(FailedError):
        spin.read(trouble + SPIN, NO_COST)


def test_what_rumur_prints() -> None:
    """The last count is the final one."""
    printed = "No error found.\n\t501 states, 600 rules fired in 0s.\n\t704 states, 2248 rules fired in 1s."

    assert rumur.read(printed, 0, NO_COST) == Answer(704, False, NO_COST, 2248)
    with pytest.raises(FailedError):
        rumur.read(printed, 1, NO_COST)


def test_constants_of_a_murphi_model(tmp_path: Path) -> None:
    """They are set where they are declared, and one that is not declared is an error."""
    model = tmp_path / "model.m"
    model.write_text("const N: 2;      -- pages\nconst NN: 3;\n")

    assert Rumur(model, (("N", 7),)).text() == "const N: 7;      -- pages\nconst NN: 3;\n"
    with pytest.raises(FailedError):
        Rumur(model, (("M", 7),)).text()


@pytest.mark.parametrize(
    ("target", "met", "missed"),
    [
        (Ahead(10, "SPIN"), measured(cpu=2.0), measured(cpu=2.1)),
        (Seconds(2), measured(cpu=1.9), measured(cpu=2.0)),
        (Seconds(2), measured(cpu=1.9), measured(cpu=1.0, stopped=True)),
        (Memory(1500), measured(peak=1_400_000_000), measured(peak=1_500_000_000)),
        (BytesPerState(32), measured(states=10, peak=320), measured(states=10, peak=321)),
    ],
)
def test_targets(target: Target, met: Measured, missed: Measured) -> None:
    """Each is met on its side of the bound only."""
    spin = measured(cpu=20.0)

    assert target.met({"Flip": met, "SPIN": spin})
    assert not target.met({"Flip": missed, "SPIN": spin})


def test_a_target_about_a_tool_that_was_left_out_is_open() -> None:
    """It is neither met nor missed. A Flip that was stopped has missed it."""
    assert Ahead(10, "SPIN").met({"Flip": measured()}) is None
    assert Ahead(10, "SPIN").met({"Flip": measured(stopped=True), "SPIN": measured()}) is False


def test_a_line_of_the_table() -> None:
    """Medians, ratios, memory for each state of many, and whether the targets are met."""
    row = Row("r", "a row", (), (Ahead(10, "SPIN"), Seconds(1)))
    flip = measured(cpu=2.0, states=20_000_000, peak=600_000_000)
    other = measured(cpu=30.0, states=20_000_000, peak=2_000_000_000)

    line = table.line(row, {"Flip": flip, "SPIN": other, "Rumur": measured(cpu=60.0, stopped=True)})

    assert line == (
        "| a row | 20,000,000 | 2.00 s (2.00-2.00), 600 MB, 30 B | 30.00 s (30.00-30.00), 2,000 MB, 100 B "
        "| stopped at 60 s, 0 MB | 15.0 | > 30.0 | 10x SPIN: met; < 1 s: **missed** |"
    )
    assert line.count("|") == table.head().splitlines()[0].count("|") == table.without(row, "no").count("|")


def test_memory_of_a_small_search_is_not_divided() -> None:
    """Among few states most of the memory is the process's own."""
    line = table.line(Row("r", "a row", ()), {"Flip": measured(states=9_999_999, peak=50_000_000)})

    assert "50 MB |" in line


def test_every_row_has_one_name_and_each_tool_once() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    for row in ROWS:
        tools = [entry.job.tool for entry in row.entries]
        assert "Flip" in tools
        assert len(set(tools)) == len(tools)
