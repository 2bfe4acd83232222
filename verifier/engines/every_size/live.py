"""Values of variables in a state that has only some of its system's blocks.

A state here counts its blocks up to a limit, so most blocks of the system it is evaluated in are in no group. They are
not part of the state: no variable takes their members, and no update writes to them.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.engines.explicit.representatives import Choices, Representatives
from verifier.engines.explicit.source import Scope
from verifier.system.types import SortType, Type

ALL, EACH = -2, -3
"""Instead of a number of variables in scope: all members in the state, and these with the weight 1 each."""


class LiveChoices(Choices):
    """Representatives where these are enough, otherwise every member that is in the state."""

    def values(self, name: str, kind: Type, scope: Scope) -> str | None:
        return super().values(name, kind, scope) or self.every(kind)

    def weighed(self, name: str, kind: Type, scope: Scope) -> str | None:
        return super().weighed(name, kind, scope) or self._source(kind, EACH)

    def every(self, kind: Type) -> str | None:
        return self._source(kind, ALL)

    def _source(self, kind: Type, which: int) -> str | None:
        if not isinstance(kind, SortType) or kind.sort.name not in self._orbits:
            return None
        return f"r[{self._sorts.index(kind.sort.name)}, {which}]"


class AllChoices(LiveChoices):
    """Every member that is in the state: what is equal before a step need not be equal after it."""

    def values(self, name: str, kind: Type, scope: Scope) -> str | None:
        return self.every(kind)

    def weighed(self, name: str, kind: Type, scope: Scope) -> str | None:
        return self._source(kind, EACH)


class LiveMembers(Representatives):
    """Representatives, and all members that are in the state."""

    __slots__ = ()

    def __missing__(self, key: tuple[int, int]) -> Sequence[object]:
        sort, which = key
        if which not in (ALL, EACH):
            return super().__missing__(key)
        fixed, of = self._members.fixed[sort], self._members.of[sort]
        members = sorted([*fixed, *(m for group in self._groups for block in group for m in of.get(block, ()))])
        found: Sequence[object] = members if which == ALL else [(member, 1) for member in members]
        self[key] = found
        return found
