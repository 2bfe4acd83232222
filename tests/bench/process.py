"""Running one command, and what it cost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """CPU seconds (user and system) and peak memory in bytes, of a process with all its children."""

    cpu: float = 0.0
    peak: int = 0

    def __add__(self, other: Cost) -> Cost:
        """One after the other."""
        return Cost(self.cpu + other.cpu, max(self.peak, other.peak))


@dataclass(frozen=True)
class Finished:
    """How a command ended; `stopped` if it took too long."""

    output: str
    code: int
    cost: Cost
    stopped: bool = False


def run(command: tuple[str, ...], folder: Path, limit: int) -> Finished:
    """Runs a command in a folder, for at most so many CPU seconds. Its output includes stderr.

    The cost is that of the process and of all the children it has waited for, as wait4 gives it. What it leaves behind
    is ended.
    """

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))

    printed = folder / "printed"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            preexec_fn=bound,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    cost = Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
    return Finished(
        printed.read_text(errors="replace"), process.returncode, cost, process.returncode == -signal.SIGXCPU
    )
