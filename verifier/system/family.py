"""One specification in all its sizes: what a proof for every size is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from verifier.system.system import System


@dataclass(frozen=True, slots=True)
class Size:
    """A number that an instance chooses; `names` are what it is the size of, which have one size together.

    `here` is what the instance in question chooses, `most` the largest that can be chosen. Claims are about sizes from
    `least` on; smaller ones can be chosen too.
    """

    names: tuple[str, ...]
    here: int
    most: int
    least: int = 1

    def __str__(self) -> str:
        return " = ".join(self.names)

    def described(self) -> str:
        """Which sizes claims are about: `window`, or `Device >= 2` if not from 1 on."""
        return str(self) if self.least == 1 else f"{self} >= {self.least}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A size that stays what the instance chooses, and why."""

    names: tuple[str, ...]
    here: int
    reason: str

    def __str__(self) -> str:
        return f"{' = '.join(self.names)} = {self.here}"


@dataclass(frozen=True)
class Family:
    """The systems that one specification gives for all choices of `sizes`, everything else as in one instance.

    `at` gives the system for a number for each of `sizes`, or None if there is none. In these systems nothing is
    simplified because of how many members a sort happens to have; apart from that, `at(here)` is the instance.
    """

    sizes: tuple[Size, ...]
    at: Callable[[tuple[int, ...]], System | None]
    kept: tuple[Kept, ...] = ()

    @property
    def here(self) -> tuple[int, ...]:
        return tuple(size.here for size in self.sizes)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A claim that some choice of sizes may violate, or none: a search of all sizes at once cannot tell.

    What it found begins with the sizes in `first`; those in `growing` may be larger, by no more than `most`.
    """

    claim: str
    first: tuple[tuple[str, int], ...]
    growing: frozenset[str]
    most: int

    def sizes(self) -> Iterator[Mapping[str, int]]:
        """The choices that may show a violation, the smallest first."""
        for more in range(self.most + 1 if self.growing else 1):
            yield {name: number + more * (name in self.growing) for name, number in self.first}
