"""What a row is hoped to show, and whether it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.bench.measure import Measured

MB = 1_000_000


class Target(Protocol):
    """A bound on what was measured."""

    @property
    def text(self) -> str:
        """The bound, in words."""

    def met(self, measured: Mapping[str, Measured]) -> bool | None:
        """Whether it is kept, given what was measured by tool; None if it speaks of a tool that was left out."""


@dataclass(frozen=True)
class Ahead:
    """Flip needs at most the given part of another tool's CPU seconds."""

    factor: float
    tool: str

    @property
    def text(self) -> str:
        return f"{self.factor:g}x {self.tool}"

    def met(self, measured: Mapping[str, Measured]) -> bool | None:
        if self.tool not in measured:
            return None
        ratio = ratio_of(measured, self.tool)
        return ratio is not None and ratio >= self.factor


@dataclass(frozen=True)
class Seconds:
    """Flip needs less than so many CPU seconds."""

    most: float

    @property
    def text(self) -> str:
        return f"< {self.most:g} s"

    def met(self, measured: Mapping[str, Measured]) -> bool:
        flip = measured["Flip"]
        return not flip.stopped and flip.cpu < self.most


@dataclass(frozen=True)
class Memory:
    """Flip's whole process needs less than so many MB, at its peak."""

    most: float

    @property
    def text(self) -> str:
        return f"< {self.most:,.0f} MB"

    def met(self, measured: Mapping[str, Measured]) -> bool:
        flip = measured["Flip"]
        return not flip.stopped and flip.peak < self.most * MB


@dataclass(frozen=True)
class BytesPerState:
    """Flip's peak memory, divided by the number of states, is at most so many bytes."""

    most: float

    @property
    def text(self) -> str:
        return f"{self.most:g} B a state"

    def met(self, measured: Mapping[str, Measured]) -> bool:
        flip = measured["Flip"]
        return not flip.stopped and flip.peak <= self.most * flip.states


def ratio_of(measured: Mapping[str, Measured], tool: str) -> float | None:
    """How many times Flip's CPU seconds the other tool needs: at least so many if it was stopped; None if not known."""
    flip, other = measured["Flip"], measured.get(tool)
    return None if other is None or flip.stopped else other.cpu / flip.cpu
