"""Where the states of a search come from: what each action found, and what each piece of the state multiplies.

The search is the one that decides safety properties, with the same states. Then its states are looked at one by one in
Python: all of them, or as many as are asked for, spread evenly over the search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.rows import Positions
from verifier.engines.explicit.search import KINDS
from verifier.engines.explicit.space import Space
from verifier.engines.native.automatic import AutomaticSearch
from verifier.engines.verdict import Budget, Observer
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.layout import Cell, Layout
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import Property, PropertyKind, System
from verifier.system.types import size_of


@dataclass(frozen=True, slots=True)
class ActionProfile:
    """Among the states that were looked at: in how many the action is possible, how many transitions it makes there.

    `first` is how many of the states were first found by it; every state but the initial ones was found by one action.
    """

    name: str
    enabled: int
    fired: int
    first: int


@dataclass(frozen=True, slots=True)
class CellProfile:
    """How many values a cell has among the states that were looked at, and how many its type has."""

    name: str
    values: int
    possible: int


@dataclass(frozen=True, slots=True)
class FunctionProfile:
    """A state function among the states that were looked at.

    `values` is how many different contents all its cells together have, of `possible` ones. `without` is how many
    different states would be left if it were not part of the state: a small number names what makes states many. It is
    None if not all states were looked at, for a sample has too few states that differ in one function only.
    """

    name: str
    values: int
    possible: int
    without: int | None
    cells: tuple[CellProfile, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """`looked` of `states` states were looked at; `initial` of these are initial ones.

    `reason` says why the search or the looking was cut short, if it was. With a `symmetry`, everything is about
    representatives, and transitions are as in a report.
    """

    states: int
    transitions: int
    depth: int
    looked: int
    initial: int
    complete: bool
    reason: str
    symmetry: str
    actions: tuple[ActionProfile, ...]
    functions: tuple[FunctionProfile, ...]

    @property
    def exact(self) -> bool:
        """Whether all that is reachable was looked at."""
        return self.complete and self.looked == self.states


def profile(
    system: System,
    properties: Iterable[Property],
    most: int,
    budget: Budget | None = None,
    observer: Observer | None = None,
    symmetry: bool = True,
) -> Profile:
    """Searches all states within the budget, without looking for violations, and looks at no more than `most`."""
    program = Program(system)
    watch = Watch(budget or Budget(), observer)
    claims = [claim for claim in properties if claim.kind in KINDS or claim.kind is PropertyKind.STUCK]
    found = infer(program.interpreter, claims) if symmetry else Symmetry(())
    search = AutomaticSearch(program, (), watch, found)
    reason = ""
    try:
        search.run(whole=True)
    except Stopped as stopped:
        reason = str(stopped)
    space = search.space
    sample = _spread(len(space.states), most)
    looks = _Looks(space, sample)
    # A budget of memory or time that is used up is no reason not to look at what there is.
    patient = Watch(Budget(), observer)
    try:
        looks.look(patient)
    except Stopped as stopped:
        reason = reason or str(stopped)
    seen = looks.states
    whole = space.complete and len(seen) == len(space.states)
    return Profile(
        len(space.states),
        space.transitions,
        space.depth,
        len(seen),
        looks.initial,
        space.complete,
        reason,
        found.describe(system),
        tuple(
            ActionProfile(a.name, looks.enabled[a.name], looks.fired[a.name], looks.first[a.name])
            for a in system.actions
        ),
        tuple(_functions(program.interpreter.layout, seen, whole)),
    )


def _spread(count: int, most: int) -> Sequence[int]:
    """So many numbers below `count`, at equal distances; all of them if they are no more."""
    return range(count) if count <= most else [index * count // most for index in range(most)]


class _Looks:
    """What is seen in some states of a space."""

    def __init__(self, space: Space, numbers: Sequence[int]) -> None:
        self.states: list[tuple[int, ...] | bytes] = []
        self.initial = 0
        self.enabled: Counter[str] = Counter()
        self.fired: Counter[str] = Counter()
        self.first: Counter[str] = Counter()
        self._space = space
        self._numbers = numbers
        self._moves = space.quotient.moves(space.program.system.actions)

    def look(self, watch: Watch) -> None:
        """Raises Stopped."""
        space = self._space
        seal = space.program.packing.seal
        with interruptible():
            for count, number in enumerate(self._numbers):
                watch.look("profile", count, 0, 0, len(self._numbers) - count)
                view = space.quotient.view(space.states[number])
                here = Counter(action.name for action, _, _ in self._moves(view))
                self.enabled.update(here.keys())
                self.fired.update(here)
                self.states.append(seal(tuple(view.state)))
            # States with one parent follow each other.
            for parent, children in groupby(self._numbers, space.parents.__getitem__):
                self._found(parent, list(children))

    def _found(self, parent: int, children: list[int]) -> None:
        """Counts the states as found by the first action that leads to them from where they were found."""
        if parent < 0:
            self.initial += len(children)
            return
        quotient, states = self._space.quotient, self._space.states
        view = quotient.view(states[parent])
        waiting = {states[child] for child in children}
        for action, _, step in self._moves(view):
            if not waiting:
                return
            key = quotient.after(view, step)
            if key in waiting:
                waiting.remove(key)
                self.first[action.name] += 1


def without(layout: Layout, states: Sequence[Positions]) -> dict[str, int]:
    """For each state function, how many of the states differ if it is left out."""
    left: dict[str, int] = {}
    start = 0
    for name, cells in Counter(cell.function for cell in layout.cells).items():
        stop = start + cells
        left[name] = len({(*state[:start], *state[stop:]) for state in states})
        start = stop
    return left


def _functions(layout: Layout, states: Sequence[Positions], whole: bool) -> Iterator[FunctionProfile]:
    left = without(layout, states) if whole else {}
    start = 0
    for name, group in groupby(layout.cells, lambda cell: cell.function):
        cells: list[Cell] = list(group)
        stop = start + len(cells)
        own = {tuple(state[start:stop]) for state in states}
        yield FunctionProfile(
            name,
            len(own),
            prod(size_of(cell.type) for cell in cells),
            left[name] if whole else None,
            tuple(
                CellProfile(cell.name, len({content[place] for content in own}), size_of(cell.type))
                for place, cell in enumerate(cells)
            ),
        )
        start = stop
