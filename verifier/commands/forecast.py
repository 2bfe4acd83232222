"""How much of a search is done, and how fast it goes, from the moments that it reports."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from verifier.engines.trend import shrinking, to_come
from verifier.engines.verdict import Progress

WINDOW = 5.0
"""Seconds over which the rate is measured."""


@dataclass
class Forecast:
    """Takes the moments of a check in order. A new search, or a new pass over its states, begins anew."""

    moments: deque[Progress] = field(default_factory=deque)
    layers: list[tuple[int, int]] = field(default_factory=list)
    """The depths that were seen, each with how many states were waiting when it was."""
    total: float | None = None
    """How many states there will be, as far as can be said."""

    def take(self, moment: Progress) -> None:
        if self.moments and (self.moments[-1].engine != moment.engine or self.moments[-1].states > moment.states):
            self.moments.clear()
            self.layers.clear()
            self.total = None
        self.moments.append(moment)
        while len(self.moments) > 2 and moment.seconds - self.moments[1].seconds >= WINDOW:
            self.moments.popleft()
        if _is_pass(moment):
            self.total = moment.states + moment.waiting
        elif moment.waiting and (not self.layers or self.layers[-1][0] < moment.depth):
            self.layers.append((moment.depth, moment.waiting))
            deeper = to_come(self.layers) if shrinking(self.layers) else None
            self.total = None if deeper is None else moment.states + deeper

    @property
    def rate(self) -> float:
        """States a second that are found, or looked at in a pass."""
        return self._rate(lambda moment: moment.states)

    @property
    def done(self) -> float | None:
        """The part of all states that was taken up; None where there is no telling."""
        if self.total is None:
            return None
        return _taken(self.moments[-1]) / max(self.total, self.moments[-1].states, 1)

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None where there is no telling."""
        rate = self._rate(_taken)
        if self.total is None or rate <= 0:
            return None
        return max(0.0, max(self.total, self.moments[-1].states) - _taken(self.moments[-1])) / rate

    def _rate(self, of: Callable[[Progress], int]) -> float:
        first, last = self.moments[0], self.moments[-1]
        if first is last:
            return of(last) / last.seconds if last.seconds else 0.0
        return (of(last) - of(first)) / (last.seconds - first.seconds) if last.seconds > first.seconds else 0.0


def _is_pass(moment: Progress) -> bool:
    """Whether states are looked at that were all found before."""
    return moment.transitions == 0 and moment.depth == 0 and moment.waiting > 0


def _taken(moment: Progress) -> int:
    return moment.states if _is_pass(moment) else moment.states - moment.waiting
