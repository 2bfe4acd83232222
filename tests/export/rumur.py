"""Runs Rumur on a Murphi model, for tests."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_rumur = pytest.mark.skipif(
    shutil.which("rumur") is None or shutil.which("gcc") is None,
    reason="rumur and gcc are needed to check the Murphi export (apt-get install rumur gcc)",
)


@dataclass(frozen=True)
class Answer:
    """What Rumur says of a model."""

    states: int
    error: str | None
    """The complaint, or None if there was none."""


def run(model: str, directory: Path) -> Answer:
    """Generate, compile and run the checker of a model; without symmetry, deadlocks are no errors.

    By itself Rumur computes in the narrowest type that holds what is declared, and 0 - 1 may not fit into it.
    """
    source, program, executable = (directory / name for name in ("model.m", "model.c", "model"))
    source.write_text(model)
    options = ("--symmetry-reduction=off", "--deadlock-detection=off", "--threads", "1", "--colour", "off",
               "--value-type", "int32_t")  # fmt: skip
    _call("rumur", *options, "-o", program, source)
    _call("gcc", "-std=c11", "-O0", "-march=native", "-mcx16", program, "-o", executable, "-lpthread", "-lm")
    finished = subprocess.run([executable], capture_output=True, text=True, timeout=300, check=False)
    states = re.findall(r"(\d+) states", finished.stdout)  # lines of progress come before the final count
    assert states, finished.stdout + finished.stderr
    failed = re.search(r"error trace for the error:\s*(.*)", finished.stdout)
    clean = "No error found" in finished.stdout
    assert clean is (finished.returncode == 0) is (failed is None), finished.stdout
    return Answer(int(states[-1]), None if failed is None else failed[1])


def _call(*command: str | Path) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
