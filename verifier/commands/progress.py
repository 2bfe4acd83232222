"""Signs of life on standard error while a search runs: a status line on a terminal, else a line now and then."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from verifier.commands.forecast import Forecast
from verifier.engines.verdict import Observer, Progress

if TYPE_CHECKING:
    from rich.status import Status

PATIENCE = 1.0
"""Seconds before anything is shown on a terminal."""
PAUSE = 10.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def progress(subject: str) -> Iterator[Observer]:
    """An observer to hand to an engine that searches `subject`; what it shows is gone when the search ends."""
    with ExitStack() as stack:
        yield _OnTerminal(subject, stack) if sys.stderr.isatty() else _InLog(subject)


@dataclass
class _OnTerminal:
    subject: str
    stack: ExitStack
    status: Status | None = None
    forecast: Forecast = field(default_factory=Forecast)

    def __call__(self, moment: Progress) -> None:
        self.forecast.take(moment)
        if moment.seconds < PATIENCE:
            return
        from rich.console import Console
        from rich.markup import escape

        text = escape(_line(self.subject, moment, self.forecast))
        if self.status is None:
            self.status = self.stack.enter_context(Console(stderr=True).status(text))
        else:
            self.status.update(text)


@dataclass
class _InLog:
    subject: str
    due: float = field(default=PAUSE)
    forecast: Forecast = field(default_factory=Forecast)

    def __call__(self, moment: Progress) -> None:
        self.forecast.take(moment)
        if moment.seconds >= self.due:
            self.due = moment.seconds + PAUSE
            print(_line(self.subject, moment, self.forecast), file=sys.stderr, flush=True)


def _line(subject: str, moment: Progress, forecast: Forecast) -> str:
    """All of it in one line: how much, how fast, and how long it may still take."""
    taken = [*([f"{_short(moment.memory)}B"] if moment.memory else []), f"{moment.seconds:.0f} s"]
    if moment.doing:
        return f"{subject}: {', '.join((moment.engine, moment.doing, *taken))}"
    parts = [
        f"{moment.engine}, {moment.states:,} states",
        f"{_short(forecast.rate)}/s",
        f"depth {moment.depth}",
        f"{moment.waiting:,} waiting",
        *taken,
    ]
    return f"{subject}: {', '.join(parts)}; {_left(forecast)}"


def _left(forecast: Forecast) -> str:
    done, left = forecast.done, forecast.seconds_left
    if done is None:
        return "no end in sight"
    return f"about {100 * min(done, 0.99):.0f} % done" + ("" if left is None else f", {_duration(left)} left")


def _short(number: float) -> str:
    """Three digits and a unit: `734`, `1.2 M`."""
    units = ["", " k", " M", " G"]
    while number >= 999.5 and len(units) > 1:
        number /= 1000
        del units[0]
    return f"{number:.0f}{units[0]}" if number >= 99.5 or not units[0] else f"{number:.1f}{units[0]}"


def _duration(seconds: float) -> str:
    """In the largest units that make sense of a guess."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.0f} h"
