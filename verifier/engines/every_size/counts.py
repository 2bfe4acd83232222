"""States of all sizes at once: counts of equal blocks, of which the greatest means "so many or more".

A state here stands for all states that have its counts, where a count of `many` of an orbit stands for every number
from there on. It is evaluated as the state with just so many blocks, which nothing that the specification says tells
from those with more (see `many`). A step takes some blocks out of such a group; what is left of "many or more" is every
number from the few that are left of `many` up to "many or more" again, and each is a successor.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from verifier.engines.every_size.live import AllChoices, LiveChoices, LiveMembers
from verifier.engines.every_size.many import NotForEverySize
from verifier.engines.explicit.compiler import Main, Program
from verifier.engines.explicit.representatives import Members
from verifier.engines.explicit.rows import Changes, Counted, Rows
from verifier.system.expressions import Expression
from verifier.system.symmetry import Symmetry

Key = bytes


class TooFewBlocks(Exception):  # noqa: N818  (an end, not an error)
    """A state needs more blocks of an orbit, the number of which is the argument, than the system has."""


class View:
    """A state to evaluate in: its blocks by their rows, and the values that variables take."""

    __slots__ = ("counted", "members")

    def __init__(self, counted: Counted, members: LiveMembers) -> None:
        self.counted = counted
        self.members = members


class AllSizes:
    """The states of all sizes of one system, as far as these are the numbers of blocks of the orbits of a symmetry.

    `many` says of each orbit how many equal blocks stand for any larger number, and `least` how few blocks it may have
    altogether. A state must not need more blocks than the system has.
    """

    def __init__(self, program: Program, symmetry: Symmetry, many: tuple[int, ...], least: tuple[int, ...]) -> None:
        system = program.system
        self._program = program
        self._rows = Rows(system, program.interpreter.layout, program.packing, symmetry)
        self._members = Members(system, symmetry)
        self._many = many
        self._least = least
        self._blocks = [len(orbit) for orbit in symmetry.orbits]
        self._expand: Main = program.expansion(system.actions, False, LiveChoices(system, symmetry))
        self._claim_choices = LiveChoices(system, symmetry)
        self._step_choices = AllChoices(system, symmetry)
        if any(blocks < number for blocks, number in zip(self._blocks, many, strict=True)):
            raise TooFewBlocks(next(i for i, number in enumerate(many) if self._blocks[i] < number))

    def initial(self) -> Iterator[tuple[Key, tuple[int, ...]]]:
        """Every initial state, with how many blocks each orbit has in it; few come first."""
        for state in self._program.initial_states():
            counted = self._rows.counted(state)
            rows = {} if counted is None else {self._rows.orbit_of(row): row for row in counted.counts}
            if counted is None or len(rows) < len(counted.counts):
                raise NotForEverySize("they are not alike at first")
            for counts in product(*(range(low, top + 1) for low, top in zip(self._least, self._many, strict=True))):
                present = {rows[orbit]: count for orbit, count in enumerate(counts) if count}
                yield self._rows.key(counted.rest, present), counts

    def view(self, key: Key) -> View:
        counted = self._rows.restored(key)
        return View(counted, LiveMembers(self._members, counted.groups))

    def expand(self, view: View, out: list[Changes], bad: list[int]) -> None:
        """Adds every step to `out`, up to exchanges of equal blocks, and the code of every failure to `bad`."""
        self._expand(view.counted.state, view.members, out.append, bad.append)

    def predicate(self, formula: Expression) -> Main:
        """holds(state, members): whether a closed formula holds."""
        return self._program.formula(("s",), formula, self._claim_choices)

    def relation(self, formula: Expression) -> Main:
        """holds(state, next state, members): whether a closed two-state formula holds of a step."""
        return self._program.formula(("s", "t"), formula, self._step_choices)

    def after(self, view: View, step: Changes) -> list[Key]:
        """The states that a step leads to. Raises NotForEverySize, TooFewBlocks."""
        before = view.counted
        moved = self._rows.moved(before, step)
        if moved is None:
            raise NotForEverySize("one of them refers to another one")
        changed, rest = moved
        if not changed:
            return [self._rows.key(rest, before.counts)]
        counts = before.counts.copy()
        arriving: dict[int, int] = {}
        staying: dict[int, range] = {}
        by_row: dict[int, list[int]] = {}
        for block, row in changed.items():
            by_row.setdefault(before.rows[block], []).append(row)
        for old, new_rows in by_row.items():
            many = self._many[self._rows.orbit_of(old)]
            if counts[old] < many:
                counts[old] -= len(new_rows)
                leaving = new_rows
            else:
                del counts[old]
                row, leaving = self._left(before, changed, old, new_rows)
                others = staying.get(row, range(1))
                staying[row] = range(others.start + many - len(leaving), others.stop + many)
            for row in leaving:
                arriving[row] = arriving.get(row, 0) + 1
        for row, count in arriving.items():
            counts[row] = counts.get(row, 0) + count
        ways = product(*staying.values())
        return [self._key(rest, counts, dict(zip(staying, numbers, strict=True))) for numbers in ways]

    def _left(self, before: Counted, changed: dict[int, int], old: int, new_rows: list[int]) -> tuple[int, list[int]]:
        """Of a group of many, where those go that no parameter holds, and where others go.

        Parameters take representatives, the first blocks of the group, and there are fewer of them than blocks: the
        last one is what all the others are like, those that are not in the state too.
        """
        group = next(group for group in before.groups if before.rows[group[0]] == old)
        common = changed.get(group[-1], old)
        apart = [row for row in new_rows if row != common]
        if common != old:
            apart += [old] * (len(group) - len(new_rows))
        return common, apart

    def _key(self, rest: int, counts: dict[int, int], staying: dict[int, int]) -> Key:
        counts = counts.copy()
        for row, number in staying.items():
            counts[row] = counts.get(row, 0) + number
        total = [0] * len(self._blocks)
        present = {}
        for row, count in counts.items():
            if count:
                orbit = self._rows.orbit_of(row)
                present[row] = count = min(count, self._many[orbit])
                total[orbit] += count
        for orbit, blocks in enumerate(self._blocks):
            if total[orbit] > blocks:
                raise TooFewBlocks(orbit)
        return self._rows.key(rest, present)
