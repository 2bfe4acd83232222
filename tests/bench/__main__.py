"""Times exhaustive search of the oracles without symmetry: `flip check` against Rumur on the exported model.

CPU seconds of the whole process tree, start-up, code generation and compilation included; the median of three runs.
Both must find the same number of states, or there is no row.
"""

from __future__ import annotations

import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ORACLES = Path(__file__).parents[1] / "oracles"
FLIP = (sys.executable, "-m", "verifier")
RUNS = 3


@dataclass(frozen=True)
class Case:
    """An instance of a specification of tests/oracles."""

    spec: str
    instance: str

    @property
    def chosen(self) -> tuple[str, ...]:
        """The arguments that name it on the command line."""
        return (str(ORACLES / f"{self.spec}.flip"), "--instance", self.instance)


CASES = (
    Case("two_phase_commit", "six"),
    Case("two_phase_commit", "seven"),
    Case("peterson", "four"),
    Case("peterson", "five"),
    Case("mcs_lock", "four"),
)


def flip(case: Case, _: Path) -> int:
    """The states that `flip check` counts."""
    command = (*FLIP, "check", *case.chosen, "--variant", "none", "--no-symmetry", "--format", "json")
    answer = json.loads(_output(*command))
    return max(int(spec["states"]) for spec in answer["specs"])


def rumur(case: Case, folder: Path) -> int:
    """The states that Rumur counts, from the model in the folder."""
    options = ("--symmetry-reduction=off", "--deadlock-detection=off", "--threads", "1", "--colour", "off")
    _output("rumur", *options, "-o", str(folder / "model.c"), str(folder / "model.m"))
    gcc = ("gcc", "-std=c11", "-O3", "-march=native", "-mcx16", "-lpthread", "-lm")
    _output(*gcc[:5], str(folder / "model.c"), "-o", str(folder / "model"), *gcc[5:])
    counted = [line for line in _output(str(folder / "model")).splitlines() if "states" in line][-1]
    return int(counted.split(" states")[0].split()[-1])


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def measure(run: Callable[[Case, Path], int], case: Case, folder: Path) -> tuple[int, float]:
    """The states counted and the median CPU seconds."""
    times, states = [], 0
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        states = run(case, folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return states, statistics.median(times)


def main() -> int:
    if shutil.which("rumur") is None or shutil.which("gcc") is None:
        print("rumur and gcc are needed (apt-get install rumur gcc)", file=sys.stderr)
        return 2
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, CPU seconds\n")
    print(f"{'model':28}{'states':>10}{'flip':>9}{'rumur':>9}{'ratio':>8}")
    for case in CASES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            model = _output(*FLIP, "export", *case.chosen, "--to", "murphi")
            (folder / "model.m").write_text(model)
            states, ours = measure(flip, case, folder)
            others, theirs = measure(rumur, case, folder)
        if states != others:
            print(f"{case.spec} {case.instance}: flip counts {states} states, rumur {others}", file=sys.stderr)
            return 1
        print(
            f"{case.spec + ' ' + case.instance:28}{states:10,}{ours:9.2f}{theirs:9.2f}{theirs / ours:8.1f}", flush=True
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
