"""How much work a specification may make; it may come from a stranger who wants it to be endless."""

from __future__ import annotations

from verifier.language.elaborate.problems import Problems
from verifier.system.span import Span

MOST_EFFORT = 1_000_000


class Effort:
    """Work that is left, counted in small steps of a few microseconds."""

    def __init__(self, left: int = MOST_EFFORT) -> None:
        self._left = left

    def spend(self, amount: int, span: Span, problems: Problems) -> bool:
        """Whether there is enough left. The first time there is not, that is an error."""
        if self._left < 0:
            return False
        self._left -= amount
        if self._left >= 0:
            return True
        problems.error(
            "E0214",
            span,
            "the specification is too large, with definitions replaced by what they stand for",
            "too large from here on",
            "choose a smaller instance, or say the same with fewer definitions in definitions",
        )
        return False
