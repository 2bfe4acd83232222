"""How many of a group of equal blocks have to be looked at one by one, and which values variables take.

As in `explicit.representatives`: where n variables in scope hold members of the same orbits, another takes n + 1 blocks
of each group. So where at most V variables over an orbit are in scope at once, V blocks of a group, its first ones,
stand for themselves, and one more, if there are more, for all the others: the *remainder*. No variable of an action,
and none of a quantifier, ever has to take a remainder, since it is none of the first V that are enough.

That is different where blocks are no longer alike that were: under the binder of an update, which goes over all blocks,
and in a two-state formula, where a step has changed some of them. There variables take every block, and the remainder
stands for one of its blocks: another that is like it is among the first V, which the other variables cannot exhaust.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.engines.native.terms import Term
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.system.symmetry import Symmetry
from verifier.system.system import System
from verifier.system.types import SortType, Type


@dataclass(frozen=True, slots=True)
class Ranged(Term):
    """The value of a variable over a sort with members that move; `chosen` if it has only representative values."""

    chosen: bool = True


@dataclass(frozen=True, slots=True)
class Values:
    """A list of values: the members of a sort that are in no block, and those in the first `most` + 1 blocks of each
    group; in all blocks, remainders included, if `most` is None.
    """

    sort: str
    most: int | None


class Variables:
    """The variables of one system, and the lists of values that they take, in the order in which they were asked for.

    `first[orbit]` is how many blocks of a group stand for themselves; it grows with what is asked for.
    """

    def __init__(self, system: System, symmetry: Symmetry) -> None:
        self.lists: list[Values] = []
        self._orbits: dict[str, frozenset[int]] = {}
        for number, orbit in enumerate(symmetry.orbits):
            for sort, _ in orbit[0]:
                self._orbits[sort] = self._orbits.get(sort, frozenset()) | {number}
        self.first = [0] * len(symmetry.orbits)
        self._written = max((sum(self.moving(p.type) for p in a.parameters) for a in system.actions), default=0)
        """The most blocks that a step may change one by one."""
        for action in system.actions:
            if any(sum(self.moving(binder.type) for binder in update.binders) > 1 for update in action.updates):
                raise NativeUnavailable(f"{action.name} updates all pairs of interchangeable members")

    def moving(self, kind: Type) -> bool:
        """Whether a variable of the type takes its values from a list."""
        return isinstance(kind, SortType) and kind.sort.name in self._orbits

    def values(
        self, kind: Type, scope: Mapping[str, Term], everything: bool, stepped: bool = False
    ) -> tuple[int, bool]:
        """The number of the list for a variable beside those in scope, and whether it has representatives only.

        It has not where it is asked for `everything`, as it must be in a two-state formula (`stepped`), nor where
        another variable in scope has not.
        """
        assert isinstance(kind, SortType)
        rivals = self.rivals(kind, scope)
        chosen = not everything and all(rival.chosen for rival in rivals)
        for orbit in self._orbits[kind.sort.name]:
            self.first[orbit] = max(self.first[orbit], 1 + len(rivals) + (self._written if stepped else 0))
        wanted = Values(kind.sort.name, len(rivals) if chosen else None)
        if wanted not in self.lists:
            self.lists.append(wanted)
        return self.lists.index(wanted), chosen

    def rivals(self, kind: SortType, scope: Mapping[str, Term]) -> list[Ranged]:
        """The variables in scope that may hold members of the same orbits."""
        orbits = self._orbits[kind.sort.name]
        return [
            term
            for term in scope.values()
            if isinstance(term, Ranged)
            and isinstance(term.type, SortType)
            and orbits & self._orbits[term.type.sort.name]
        ]
