"""The sizes that a specification lets one choose, beside the blocks that its family has then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from verifier.engines.proof.uniform import Uniform
from verifier.system.system import System

Numbers = tuple[int, ...]
"""A number for each size."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The smallest numbers there may be are `least`, with `fewest` blocks of each orbit.

    One more of a size is `grows[size][orbit]` blocks more of each orbit. `system` gives the system of some sizes, or
    None if there is none.
    """

    least: Numbers
    fewest: tuple[int, ...]
    grows: tuple[tuple[int, ...], ...]
    system: Callable[[Numbers], System | None]

    def blocks(self, numbers: Numbers) -> tuple[int, ...]:
        """How many blocks of each orbit there are at these sizes."""
        more = [number - least for number, least in zip(numbers, self.least, strict=True)]
        return tuple(
            few + sum(extra * grown[orbit] for extra, grown in zip(more, self.grows, strict=True))
            for orbit, few in enumerate(self.fewest)
        )

    def numbers(self, blocks: tuple[int, ...]) -> Numbers:
        """Sizes with so many blocks of each orbit, or more where they cannot be had alone."""
        numbers = list(self.least)
        for orbit, wanted in enumerate(blocks):
            size = next(index for index, grown in enumerate(self.grows) if grown[orbit])
            numbers[size] += max(0, wanted - self.blocks(tuple(numbers))[orbit])
        return tuple(numbers)


def scale_of(uniform: Uniform) -> Scale:
    """The sizes of the specification that are free."""
    return Scale(tuple(least for _, least in uniform.least), uniform.family.least, uniform.grows, uniform.instance)
