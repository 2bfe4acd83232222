"""Flip: `flip check` as a process of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.answer import Answer, FailedError, NotOfferedError
from tests.bench.process import Cost, run

PROOF = "proved for every size"


@dataclass(frozen=True)
class Flip:
    """`flip check SPEC ARGUMENTS`. With `every_size` all invariants must be proved so; that is counted."""

    spec: Path
    arguments: tuple[str, ...]
    every_size: bool = False
    tool: str = "Flip"

    def run(self, folder: Path, limit: int) -> Answer:
        """As for every job; what Flip adds by itself (stuck states, notes) is done and paid for."""
        command = (sys.executable, "-m", "verifier", "check", str(self.spec), *self.arguments, "--format", "json")
        finished = run((*command, "--output", "report.json"), folder, limit)
        if finished.stopped:
            return Answer(0, False, finished.cost, stopped=True)
        if finished.code != 0:
            raise FailedError("Flip", finished.output)
        (result,) = json.loads((folder / "report.json").read_text())["specs"]
        return self.read(result, finished.cost)

    def read(self, result: Any, cost: Cost) -> Answer:
        """The answer in what the report says of one protocol."""
        verdicts = result["verdicts"]
        outcomes = {verdict["outcome"] for verdict in verdicts}
        # What is left open behind a violation is left open by SPIN, too.
        if "violated" not in outcomes and outcomes != {"holds"}:
            raise FailedError("Flip", f"verdicts are {', '.join(sorted(outcomes))}")
        proved = [verdict for verdict in verdicts if verdict["method"].startswith(PROOF)]
        if self.every_size and any(verdict["kind"] == "always" and verdict not in proved for verdict in verdicts):
            raise NotOfferedError(f"not all invariants are {PROOF}")
        counted = proved if self.every_size else [verdict for verdict in verdicts if verdict not in proved]
        return Answer(
            counted[0]["states"] if self.every_size else result["states"],
            "violated" in outcomes,
            cost,
            max(verdict["transitions"] for verdict in counted),
        )
