"""Signs of life on standard error while a search runs: a status line on a terminal, else a line now and then."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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

    def __call__(self, moment: Progress) -> None:
        if moment.seconds < PATIENCE:
            return
        from rich.console import Console
        from rich.markup import escape

        text = escape(_line(self.subject, moment))
        if self.status is None:
            self.status = self.stack.enter_context(Console(stderr=True).status(text))
        else:
            self.status.update(text)


@dataclass
class _InLog:
    subject: str
    due: float = field(default=PAUSE)

    def __call__(self, moment: Progress) -> None:
        if moment.seconds >= self.due:
            self.due = moment.seconds + PAUSE
            print(_line(self.subject, moment), file=sys.stderr, flush=True)


def _line(subject: str, moment: Progress) -> str:
    return (
        f"{subject}: {moment.engine}, {moment.states} states, {moment.transitions} transitions, "
        f"depth {moment.depth}, {moment.waiting} waiting, {moment.seconds:.0f} s"
    )
