"""How the parts of one check share its seconds, so that no part leaves nothing for the others."""

from __future__ import annotations

from verifier.engines.watch import Stopped, Watch


class Share(Watch):
    """A part's fraction of the seconds that are left of a whole when the part begins; without a budget, no limit."""

    def __init__(self, whole: Watch, fraction: float) -> None:
        super().__init__(whole.budget)
        self._whole = whole
        seconds = whole.budget.seconds
        self._end = None if seconds is None else whole.seconds + fraction * (seconds - whole.seconds)

    @property
    def seconds(self) -> float:
        return self._whole.seconds

    def look(self, engine: str, states: int, transitions: int, depth: int, waiting: int) -> None:
        self._whole.look(engine, states, transitions, depth, waiting)
        if self._end is not None and self._whole.seconds > self._end:
            raise Stopped(f"its share of the budget of {self._whole.budget.seconds:g} seconds was used up")
