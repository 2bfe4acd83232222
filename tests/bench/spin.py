"""SPIN: the generator, gcc, and the verifier that comes of them, depth-first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.bench.answer import Answer, FailedError
from tests.bench.process import Cost, run

GCC = ("gcc", "-O2", "-DSAFETY", "-DMEMLIM=8000", "-w", "-o", "pan", "pan.c")

NUMBER = r"(\d[\d.]*(?:e\+\d+)?)"
"""Pan prints eight digits, and what is larger with an exponent."""


@dataclass(frozen=True)
class Spin:
    """A Promela model with macros, and the size of the hash table as a power of two."""

    model: Path
    macros: tuple[tuple[str, int], ...]
    table: int
    tool: str = "SPIN"

    def run(self, folder: Path, limit: int) -> Answer:
        """As for every job. A depth that does not suffice is a failure, for then the search is not complete."""
        macros = tuple(f"-D{name}={value}" for name, value in self.macros)
        cost = Cost()
        for command in (("spin", "-a", *macros, str(self.model)), GCC, ("./pan", "-m10000", f"-w{self.table}")):
            finished = run(command, folder, limit)
            cost += finished.cost
            if finished.stopped:
                return Answer(0, False, cost, stopped=True)
            if finished.code != 0:
                raise FailedError("SPIN", finished.output)
        return read(finished.output, cost)


def read(printed: str, cost: Cost) -> Answer:
    """The answer in what pan prints."""
    errors = re.search(r"errors: (\d+)", printed)
    states = re.search(rf"{NUMBER} states, stored", printed)
    transitions = re.search(rf"{NUMBER} transitions", printed)
    if errors is None or states is None or transitions is None or "max search depth too small" in printed:
        raise FailedError("SPIN", printed)
    violated = int(errors[1]) > 0
    if "Search not completed" in printed and not violated:
        raise FailedError("SPIN", printed)
    # SPIN counts the initial state as a transition too.
    return Answer(int(float(states[1])), violated, cost, int(float(transitions[1])) - 1)
