"""Which values of a variable are enough, where a state has blocks that are equal.

Exchanging two equal blocks leaves the state as it is. So what is said of one value of a variable is true of another, if
the blocks of both are equal and neither holds the value of another variable in scope; and the successors under both are
images of each other. Where n variables in scope hold members of the same orbits, n + 1 blocks of each group of equal
blocks are enough: with values chosen like this from the first variable on, those n + 1 include what the n hold, and one
block that none of them does, if there is one. Every variable in scope must have been chosen like this.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.engines.explicit.source import Code, Scope
from verifier.system.symmetry import Symmetry
from verifier.system.system import System
from verifier.system.types import SortType, Type

WEIGHED = -1
"""Instead of a number of variables in scope: a member for each group, with the number of values that it stands for."""


class Choices:
    """Source for the values that variables take; in it, `r` is a `Representatives`. Without symmetry, there is none."""

    def __init__(self, system: System, symmetry: Symmetry | None = None) -> None:
        self._sorts = [sort.name for sort in system.sorts]
        self._chosen: set[str] = set()
        self._orbits: dict[str, set[int]] = {}
        for number, orbit in enumerate(symmetry.orbits if symmetry else ()):
            for sort, _ in orbit[0]:
                self._orbits.setdefault(sort, set()).add(number)

    def __bool__(self) -> bool:
        return bool(self._orbits)

    def values(self, name: str, kind: Type, scope: Scope) -> str | None:
        """Source for enough values of the variable beside those in scope; None if it has to take every value."""
        rivals = self._rivals(kind, scope)
        if rivals is None:
            return None
        self._chosen.add(name)
        assert isinstance(kind, SortType)
        return f"r[{self._sorts.index(kind.sort.name)}, {len(rivals)}]"

    def weighed(self, name: str, kind: Type, scope: Scope) -> str | None:
        """Source for values and how many each stands for; None if another variable in scope tells them apart."""
        if self._rivals(kind, scope) != []:
            return None
        self._chosen.add(name)
        assert isinstance(kind, SortType)
        return f"r[{self._sorts.index(kind.sort.name)}, {WEIGHED}]"

    def every(self, kind: Type) -> str | None:
        """Source for all values of the type, if it is only known in a state which they are; otherwise None."""
        return None

    def _rivals(self, kind: Type, scope: Scope) -> list[Code] | None:
        """The variables in scope that may hold members of the same orbits; None if nothing may be left out."""
        if not isinstance(kind, SortType) or kind.sort.name not in self._orbits:
            return None
        orbits = self._orbits[kind.sort.name]
        rivals = [
            code
            for code in scope.values()
            if isinstance(code.type, SortType) and orbits & self._orbits.get(code.type.sort.name, set())
        ]
        return rivals if all(code.text in self._chosen for code in rivals) else None


class Members:
    """The members of each sort by the block that they are in, and those that are in none."""

    def __init__(self, system: System, symmetry: Symmetry) -> None:
        role = {
            member: number
            for number, block in enumerate(block for orbit in symmetry.orbits for block in orbit)
            for member in block
        }
        self.fixed: list[list[int]] = []
        self.of: list[dict[int, list[int]]] = []
        for sort in system.sorts:
            fixed: list[int] = []
            of: dict[int, list[int]] = {}
            for index in range(len(sort.members)):
                number = role.get((sort.name, index))
                if number is None:
                    fixed.append(index)
                else:
                    of.setdefault(number, []).append(index)
            self.fixed.append(fixed)
            self.of.append(of)


class Representatives(dict[tuple[int, int], Sequence[object]]):
    """For the number of a sort and of variables in scope, the values to take; made when they are first asked for."""

    __slots__ = ("_groups", "_members")

    def __init__(self, members: Members, groups: Sequence[Sequence[int]]) -> None:
        super().__init__()
        self._members = members
        self._groups = groups

    def __missing__(self, key: tuple[int, int]) -> Sequence[object]:
        sort, variables = key
        fixed, of = self._members.fixed[sort], self._members.of[sort]
        found: Sequence[object]
        if variables == WEIGHED:
            weighed = [(member, len(group)) for group in self._groups for member in of.get(group[0], ())]
            found = sorted([*((member, 1) for member in fixed), *weighed])
        else:
            chosen = [m for group in self._groups for block in group[: variables + 1] for m in of.get(block, ())]
            found = sorted([*fixed, *chosen])
        self[key] = found
        return found
