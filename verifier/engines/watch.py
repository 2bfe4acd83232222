"""What interrupts a search: its budget, and the person at the keyboard."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import inf

from verifier.engines.verdict import Budget, Observer, Progress

INTERVAL = 0.2
"""Seconds between two reports of progress."""

OWN = ("RssAnon:", "RssShmem:", "VmSwap:")
"""What of a process's memory cannot be had back by dropping pages of files."""


class Stopped(Exception):  # noqa: N818  (an end, not an error)
    """A search ended before it was complete; the message is a reason for a verdict."""


def memory_used() -> int:
    """Bytes of memory that this process has for itself, swapped out or not.

    Pages of files that are only mapped do not count: the system writes them back and takes them away when it needs
    memory. Where the system does not say, the most there ever was of both.
    """
    try:
        with open("/proc/self/status") as file:
            found = [int(line.split()[1]) for line in file if line.startswith(OWN)]
    except OSError:
        found = []
    return 1024 * (sum(found) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def memory_resident() -> int:
    """Bytes of this process in memory now, pages of files included; 0 where the system does not say."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Watch:
    """Counts one check's time from its creation and looks after the budget of the searches in it."""

    def __init__(self, budget: Budget, observer: Observer | None = None) -> None:
        self.budget = budget
        self._observer = observer
        self._started = time.monotonic()
        self._reported = self._started

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def left(self, parts: float = 1) -> Budget:
        """One of several parts of the seconds that are left, if they are limited; never less than a moment."""
        if self.budget.seconds is None:
            return Budget()
        return Budget(seconds=round(max(0.1, self.budget.seconds - self.seconds) / parts, 2))

    def look(self, engine: str, states: int, transitions: int, depth: int, waiting: int) -> None:
        """To be called once for every state that a search takes up. Raises Stopped when the budget is used up."""
        self._look(engine, states, transitions, depth, waiting, "")

    def say(self, engine: str, doing: str) -> None:
        """Like `look`, where there are no states to be counted: `doing` says in words what is done."""
        self._look(engine, 0, 0, 0, 0, doing)

    def _look(self, engine: str, states: int, transitions: int, depth: int, waiting: int, doing: str) -> None:
        if self.budget.states is not None and states > self.budget.states:
            raise Stopped(f"the budget of {self.budget.states} states was used up")
        now = time.monotonic()
        if self.budget.seconds is not None and now - self._started > self.budget.seconds:
            raise Stopped(f"the budget of {round(self.budget.seconds, 3):g} seconds was used up")
        if now - self._reported >= INTERVAL:
            self._reported = now
            memory = memory_used()
            if self.budget.memory is not None and memory > self.budget.memory:
                raise Stopped(memory_used_up(self.budget.memory))
            if self._observer is not None:
                seconds = now - self._started
                self._observer(Progress(engine, states, transitions, depth, waiting, seconds, memory, doing))


class Enough(Exception):  # noqa: N818  (an end, not an error)
    """A part of a search has come as far as it should."""


class Part(Watch):
    """The same watch for a part of a search, which keeps nothing on disk and is called `name`, if that is given.

    `look` raises Enough when there are more states or transitions than this.
    """

    def __init__(self, watch: Watch, states: float = inf, transitions: float = inf, name: str = "") -> None:
        super().__init__(replace(watch.budget, keeping=None))
        self._watch = watch
        self._states, self._transitions = states, transitions
        self._name = name

    def look(self, engine: str, states: int, transitions: int, depth: int, waiting: int) -> None:
        self._watch.look(self._name or engine, states, transitions, depth, waiting)
        if states > self._states or transitions > self._transitions:
            raise Enough


def memory_used_up(budget: int) -> str:
    """The reason for a verdict when there is no memory left of so many bytes."""
    return f"the budget of {budget} bytes of memory was used up"


@contextmanager
def interruptible() -> Iterator[None]:
    """Turns an interrupt from the keyboard and the end of memory into Stopped."""
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped("interrupted") from None
    except MemoryError:
        raise Stopped("the process ran out of memory") from None
