"""Rumur: the generator, gcc, and the checker that comes of them, breadth-first with one thread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.bench.answer import Answer, FailedError
from tests.bench.process import Cost, run

GCC = ("gcc", "-std=c11", "-O3", "-march=native", "-mcx16", "-w", "checker.c", "-o", "checker", "-lpthread", "-lm")


@dataclass(frozen=True)
class Rumur:
    """A Murphi model, with other values for some of its constants, and the kind of symmetry reduction."""

    model: Path
    constants: tuple[tuple[str, int], ...]
    symmetry: str = "off"
    tool: str = "Rumur"

    def run(self, folder: Path, limit: int) -> Answer:
        """As for every job."""
        (folder / "model.m").write_text(self.text())
        options = (f"--symmetry-reduction={self.symmetry}", "--scalarset-schedules", "off", "--threads", "1")
        generate = ("rumur", *options, "--deadlock-detection", "off", "-o", "checker.c", "model.m")
        cost = Cost()
        for command in (generate, GCC, ("./checker",)):
            finished = run(command, folder, limit)
            cost += finished.cost
            if finished.stopped:
                return Answer(0, False, cost, stopped=True)
            if finished.code != 0 and command != ("./checker",):
                raise FailedError("Rumur", finished.output)
        return read(finished.output, finished.code, cost)

    def text(self) -> str:
        """The model with its constants set."""
        text = self.model.read_text()
        for name, value in self.constants:
            text, found = re.subn(rf"(?m)^(const {name}:) \d+;", rf"\1 {value};", text)
            if found != 1:
                raise FailedError("Rumur", f"{self.model} has no constant {name}")
        return text


def read(printed: str, code: int, cost: Cost) -> Answer:
    """The answer in what the checker prints; lines of progress come before the final count."""
    counts = re.findall(r"(\d+) states, (\d+) rules fired", printed)
    clean = "No error found" in printed
    if not counts or clean is not (code == 0):
        raise FailedError("Rumur", printed)
    states, transitions = counts[-1]
    return Answer(int(states), not clean, cost, int(transitions))
