"""Words for what a family tells apart: which class a member is of, and which members are of one block.

A lemma about pages of a window has to say so. Where a constant of the specification does (`window.pages`), that is the
word. For other classes, and for "the page behind this address", constants are added to the system: they change nothing
that happens in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from verifier.engines.proof.family import Case, Family, Fixed, Place, Placed, family_of, places_of
from verifier.engines.proof.strata import anchors_of
from verifier.system.expressions import Constant, Equal, Expression, Not, Open, Read, conjunction
from verifier.system.symmetry import Member
from verifier.system.system import Function, Property, System, Table
from verifier.system.types import BOOL, BoolType, OptionalType, SortType, Value

Named = Callable[[str, str], str | None]
"""A word for the members of a sort that are like this one: of `Page` and `0xee20`, `window`. None if there is none."""


@dataclass(frozen=True)
class Words:
    """What a family's constants can say. Terms and formulas are over the family's sorts."""

    family: Family

    def sort_type(self, orbit: int, slot: int) -> SortType:
        return SortType(self.family.sorts[self.family.orbits[orbit][slot].sort])

    def in_class(self, orbit: int, slot: int, term: Expression) -> Expression | None:
        """That a member is in the class; None if there is no word for it."""
        kind = self.sort_type(orbit, slot)
        if sum(c.sort == kind.sort.name for o in self.family.orbits for c in o) == 1:
            return _none_of(term, kind, range(len(kind.sort.members)))
        found = [
            (len(besides), function.name, besides)
            for function in self.family.text.constant_functions
            if function.parameters == (kind,) and isinstance(function.result, BoolType)
            for besides in [self._besides(self.family.cases[function.name], orbit, slot)]
            if besides is not None
        ]
        if not found:
            return None
        _, name, besides = min(found)
        return conjunction(Read(name, (term,), BOOL), _none_of(term, kind, besides))

    def _besides(self, cases: tuple[Case, ...], orbit: int, slot: int) -> tuple[int, ...] | None:
        """The named members of which a predicate is true, if it is of this class and of no other."""
        true = [case.point[0] for case in cases if case.value == Fixed(True)]
        classes = [point for point in true if isinstance(point, Placed)]
        if classes != [Placed(orbit, slot, 0)]:
            return None
        return tuple(int(point.value) for point in true if isinstance(point, Fixed) and point.value is not None)

    def anchor(self, orbit: int) -> int:
        """The slot from which constants lead to the other slots of a block; 0 if there are none."""
        slots = range(len(self.family.orbits[orbit]))
        return next((a for a in slots if all(s == a or self._tie(orbit, a, s) for s in slots)), 0)

    def member(self, orbit: int, slot: int, anchor: Expression) -> Expression | None:
        """The member in that slot of the block with `anchor` in its anchor; None if there is no word for it.

        It is there only where `anchor` is in its class.
        """
        tie = self._tie(orbit, self.anchor(orbit), slot)
        return None if tie is None else Open(Read(tie.name, (anchor,), tie.result), self.sort_type(orbit, slot))

    def _tie(self, orbit: int, start: int, end: int) -> Function | None:
        """The constant that leads from the members in one slot of an orbit to those in another one."""
        first, kind = self.sort_type(orbit, start), OptionalType(self.sort_type(orbit, end))
        for function in self.family.text.constant_functions:
            if function.parameters == (first,) and function.result == kind:
                placed = [case for case in self.family.cases[function.name] if isinstance(case.value, Placed)]
                if placed == [Case((Placed(orbit, start, 0),), Placed(orbit, end, 0))]:
                    return function
        return None


def _none_of(term: Expression, kind: SortType, members: Iterable[int]) -> Expression:
    return conjunction(*(Not(Equal(term, Constant(member, kind))) for member in members))


def with_words(
    system: System,
    claims: Iterable[Property],
    named: Named = lambda _sort, _like: None,
    apart: frozenset[tuple[str, str]] = frozenset(),
) -> System:
    """The system with constants that tell apart what nothing else in it does, so that lemmas can.

    Its family has the same orbits. Raises NotUniformError where `family_of` does, which says what `apart` is.
    """
    claims = tuple(claims)
    family = family_of(system, claims, apart)
    places = places_of(system, claims, apart)
    words = Words(family)
    anchors = anchors_of(family)
    taken = {function.name for function in system.functions}
    added: list[Function] = []
    for number, orbit in enumerate(family.orbits):
        for slot, kind in enumerate(orbit):
            word = named(kind.sort, kind.like) or f"like({kind.like})"
            if words.in_class(number, slot, Constant(0, words.sort_type(number, slot))) is None:
                added.append(_class(system, (number, slot), places, _fresh(f"{word}.{kind.sort.lower()}s", taken)))
            if slot != anchors[number]:
                ends = (number, anchors[number], slot)
                added.append(_tie(system, ends, places, _fresh(f"{word}.{kind.sort.lower()}_of", taken)))
    return replace(system, functions=(*system.functions, *added))


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def _class(system: System, which: tuple[int, int], places: Mapping[Member, Place], name: str) -> Function:
    """The constant that is true of the members in one slot of an orbit."""
    sort = next(
        s for s in system.sorts for (other, _), place in places.items() if (other, place[:2]) == (s.name, which)
    )
    values = tuple(places.get((sort.name, index), (-1, 0, 0))[:2] == which for index in range(len(sort.members)))
    return Function(name, (SortType(sort),), BOOL, Table(values), constant=True)


def _tie(system: System, ends: tuple[int, int, int], places: Mapping[Member, Place], name: str) -> Function:
    """The constant that leads from the members in one slot of an orbit to those in another one."""
    orbit, start, end = ends
    at = {place: member for member, place in places.items()}
    sorts = {sort.name: sort for sort in system.sorts}
    first, second = sorts[at[orbit, start, 0][0]], sorts[at[orbit, end, 0][0]]
    values: list[Value] = []
    for index in range(len(first.members)):
        place = places.get((first.name, index))
        values.append(at[orbit, end, place[2]][1] if place is not None and place[:2] == (orbit, start) else None)
    return Function(name, (SortType(first),), OptionalType(SortType(second)), Table(tuple(values)), constant=True)
