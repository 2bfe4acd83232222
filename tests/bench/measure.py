"""Runs the tools of a row in turn, several times, and takes medians, if the tools agree."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.answer import Answer, Job

Announce = Callable[[str], None]


class RefusedError(Exception):
    """The tools do not agree; the text says in what."""


@dataclass(frozen=True)
class Entry:
    """A job in a row. It is run once if it is `slow`, and each command of it for at most `limit` CPU seconds."""

    job: Job
    slow: bool = False
    limit: int = 1800


@dataclass(frozen=True)
class Measured:
    """Medians over the runs of one tool, its least and most CPU seconds, and the states it counted."""

    states: int
    violated: bool
    cpu: float
    least: float
    most: float
    peak: int
    runs: int
    stopped: bool


def measure(entries: Sequence[Entry], runs: int, slow_runs: int, announce: Announce) -> dict[str, Measured]:
    """What each tool needs, by its name. The runs of the tools alternate.

    Raises RefusedError if two tools disagree, and what their jobs raise.
    """
    answers: dict[str, list[Answer]] = {entry.job.tool: [] for entry in entries}
    for turn in range(max(runs, slow_runs)):
        for entry in entries:
            found = answers[entry.job.tool]
            # A tool that was stopped once would be stopped again.
            if turn >= (slow_runs if entry.slow else runs) or any(answer.stopped for answer in found):
                continue
            with tempfile.TemporaryDirectory() as folder:
                answer = entry.job.run(Path(folder), entry.limit)
            found.append(answer)
            announce(f"{entry.job.tool} {answer.cost.cpu:.2f} s")
        agree(answer for found in answers.values() for answer in found)
    return {tool: _summary(found) for tool, found in answers.items()}


def agree(answers: Iterable[Answer]) -> None:
    """Raises RefusedError unless all that were not stopped found a violation, or all found none and as many states.

    How many states were seen before the first violation says nothing: that depends on the order.
    """
    ended = [answer for answer in answers if not answer.stopped]
    if len({answer.violated for answer in ended}) > 1:
        raise RefusedError("one finds a violation, the other none")
    counts = {answer.states for answer in ended if not answer.violated}
    if len(counts) > 1:
        raise RefusedError(f"the tools count different states: {', '.join(map(str, sorted(counts)))}")


def _summary(answers: list[Answer]) -> Measured:
    seconds = [answer.cost.cpu for answer in answers]
    last = answers[-1]
    return Measured(
        last.states,
        last.violated,
        statistics.median(seconds),
        min(seconds),
        max(seconds),
        int(statistics.median(answer.cost.peak for answer in answers)),
        len(answers),
        last.stopped,
    )
