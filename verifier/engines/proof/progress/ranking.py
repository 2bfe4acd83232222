"""Rankings: what comes to rest one after the other while a behaviour waits, and what fairness then rules out.

All candidates are tried again and again. One that is accepted stays acceptable whatever is accepted after it, since
fewer and fewer states and steps are left: so the order does not matter, and if no ranking of these candidates exists,
none is found. In the end what is not needed is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from verifier.engines.proof.progress.graph import Waiting
from verifier.engines.proof.progress.measures import Measure
from verifier.engines.proof.progress.units import Unit
from verifier.engines.watch import Watch
from verifier.system.layout import Layout
from verifier.system.system import System


@dataclass(frozen=True, slots=True)
class Rest:
    """The unit with this number is not enabled any more, from some time on."""

    unit: int
    strong: bool


Part = Measure | Rest

Ranking = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Unranked:
    """No ranking was found: behaviours may wait for ever, as far as it can be told, by steps of these actions."""

    states: int
    actions: tuple[str, ...]

    def __str__(self) -> str:
        if not self.actions:
            return f"in {self.states} states no step helps"
        return f"nothing that was tried ends the steps {', '.join(self.actions)} in {self.states} states"


@dataclass
class _Left:
    """States and steps that a behaviour may visit and take again and again, by their numbers."""

    states: set[int]
    edges: set[int]


class Search:
    """Looks for a ranking on the waiting states of an instance."""

    def __init__(
        self, system: System, waiting: Waiting, measures: Iterable[Measure], units: Sequence[Unit], watch: Watch
    ) -> None:
        self._waiting = waiting
        self._watch = watch
        self._enlarged: dict[Part, set[int]] = {}
        self._changed: dict[Part, set[int]] = {}
        self._note_changes(system, tuple(measures))
        self._touching: list[list[int]] = [[] for _ in waiting.states]
        for number, edge in enumerate(waiting.edges):
            self._touching[edge.source].append(number)
            self._touching[edge.target].append(number)
        self._taken: dict[int, set[int]] = {number: set() for number in range(len(units))}
        self._unstable: dict[int, set[int]] = {number: set() for number in range(len(units))}
        self._enabling: dict[int, set[int]] = {number: set() for number in range(len(units))}
        self._note_units()
        self._candidates: tuple[Part, ...] = (
            *self._enlarged,
            *(Rest(number, True) for number, unit in enumerate(units) if unit.strong),
            *(Rest(number, False) for number, unit in enumerate(units) if unit.weak),
        )

    def _look(self) -> None:
        self._watch.look("ranking", len(self._waiting.states), len(self._waiting.edges), 0, 0)

    def _note_changes(self, system: System, measures: Sequence[Measure]) -> None:
        """Which steps enlarge or change each measure."""
        cells = [cell.function for cell in Layout(system).cells]
        of: dict[str, list[Measure]] = {}
        for measure in measures:
            self._enlarged[measure], self._changed[measure] = set(), set()
            of.setdefault(measure.function.name, []).append(measure)
        for number, edge in enumerate(self._waiting.edges):
            self._look()
            before, after = self._waiting.states[edge.source], self._waiting.states[edge.target]
            for function, old, new in zip(cells, before, after, strict=True):
                if old != new:
                    for measure in of.get(function, ()):
                        was, now = measure.holds(old), measure.holds(new)
                        if was != now:
                            self._changed[measure].add(number)
                            if now:
                                self._enlarged[measure].add(number)

    def _note_units(self) -> None:
        """Where each unit is enabled, and which steps take it, or one of its instances out of reach."""
        enabled = self._waiting.enabled
        for state, here in enumerate(enabled):
            for unit, _ in here:
                self._enabling[unit].add(state)
        for number, edge in enumerate(self._waiting.edges):
            if edge.unit is not None:
                self._taken[edge.unit].add(number)
            for unit, _ in enabled[edge.source] - enabled[edge.target]:
                self._unstable[unit].add(number)

    # One part

    def _is_acceptable(self, part: Part, left: _Left) -> bool:
        if isinstance(part, Measure):
            return left.edges.isdisjoint(self._enlarged[part])
        if not left.edges.isdisjoint(self._taken[part.unit]):
            return False
        return part.strong or left.edges.isdisjoint(self._unstable[part.unit])

    def _is_useful(self, part: Part, left: _Left) -> bool:
        if isinstance(part, Measure):
            return not left.edges.isdisjoint(self._changed[part])
        return not left.states.isdisjoint(self._enabling[part.unit])

    def _accept(self, part: Part, left: _Left) -> None:
        if isinstance(part, Measure):
            left.edges -= self._changed[part]
            return
        gone = left.states & self._enabling[part.unit]
        left.states -= gone
        for state in gone:
            left.edges.difference_update(self._touching[state])

    # All parts

    def run(self) -> Ranking | Unranked:
        """A ranking of as few parts as can easily be found, or what is left where there is none. Raises Stopped."""
        left = self._everything()
        found = list(self._accepted(left))
        if left.states:
            return Unranked(len(left.states), self._active(left))
        for part in tuple(found):
            self._look()
            without = [other for other in found if other != part]
            if self.is_ranking(without):
                found = without
        return tuple(found)

    def _everything(self) -> _Left:
        return _Left(set(range(len(self._waiting.states))), set(range(len(self._waiting.edges))))

    def _accepted(self, left: _Left) -> Iterator[Part]:
        """Accepts what can be, until nothing new can."""
        found = True
        while found:
            found = False
            for part in self._candidates:
                self._look()
                if self._is_useful(part, left) and self._is_acceptable(part, left):
                    self._accept(part, left)
                    found = True
                    yield part

    def is_ranking(self, parts: Sequence[Part]) -> bool:
        """Whether the parts, in this order, show that nothing waits for ever in the instance."""
        left = self._everything()
        for part in parts:
            if not self._is_acceptable(part, left):
                return False
            self._accept(part, left)
        return not left.states

    def _active(self, left: _Left) -> tuple[str, ...]:
        """The actions of the steps that are left, in the order of their names."""
        return tuple(sorted({self._waiting.edges[number].action for number in left.edges}))


def described(ranking: Ranking, units: Sequence[Unit]) -> tuple[str, ...]:
    """Each part of the ranking in words."""
    return tuple(
        f"{part} in ever fewer places"
        if isinstance(part, Measure) and part.variables
        else f"{part} for the last time"
        if isinstance(part, Measure)
        else f"{units[part.unit].name} is possible for the last time"
        for part in ranking
    )
