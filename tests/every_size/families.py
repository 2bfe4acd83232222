"""Families of systems for tests, and what of their states a proof for every size has to contain, by plain means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from tests.language.elaborating import specification
from verifier.engines.every_size.counts import AllSizes
from verifier.engines.every_size.frame import Builder, Frame
from verifier.engines.every_size.search import KINDS, Search
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.system.expressions import TRUE, Constant, Count
from verifier.system.family import Family, Size
from verifier.system.interpreter import Interpreter
from verifier.system.layout import Layout, State, points_of
from verifier.system.symmetry import Orbit
from verifier.system.system import Anything, Function, Property, PropertyKind, System, Table
from verifier.system.types import IntType, OptionalType, Sort, SortType, Type, Value, render

COUNTED = 2**31
"""The range of a `count` in a system that nothing is simplified in."""

HARMLESS = Property("harmless", PropertyKind.ALWAYS, TRUE)
"""A claim that keeps a search going to its end."""

Names = frozenset[tuple[str, str]]
"""A block, by the names of its members with those of their sorts."""


def family(text: str, variant: str | None = None, instance: str | None = None) -> Family:
    """The family of a specification without mistakes; its header may be left out."""
    return specification(text).family(variant, instance)


class NotGrowingError(Exception):
    """The blocks of an orbit are too few to say what more of them would be like."""


def family_of_orbit(system: System, orbit: Orbit, here: int) -> Family:
    """The system with any number of blocks in the orbit. Raises NotGrowingError."""
    size = Size(("blocks",), here, 40)
    larger = cache(lambda numbers: grown(system, orbit, numbers[0]))
    larger((20,))
    return Family((size,), larger)


def grown(system: System, orbit: Orbit, blocks: int) -> System:
    """The system with so many blocks in the orbit, which are like those that it has. Raises NotGrowingError."""
    old = {sort.name: sort.members for sort in system.sorts}
    gone = {(sort, old[sort][index]) for block in orbit[blocks:] for sort, index in block}
    made = [tuple((sort, f"{sort}+{number}.{slot}") for slot, (sort, _) in enumerate(orbit[0]))
            for number in range(len(orbit), blocks)]  # fmt: skip
    named = [tuple((sort, old[sort][index]) for sort, index in block) for block in orbit]
    sorts = {
        sort.name: replace(
            sort,
            members=(
                *(member for member in sort.members if (sort.name, member) not in gone),
                *(name for block in made for s, name in block if s == sort.name),
            ),
        )
        for sort in system.sorts
    }
    tables = Interpreter(system)
    plain = tuple(
        function if isinstance(function.initial, Anything) else replace(function, initial=Table(tables.table(function)))
        for function in system.functions
    )
    asked = tuple(claim for claim in system.properties if claim.kind in KINDS)
    retyped: System = _retyped(replace(system, functions=plain, properties=asked), sorts)
    present = [*named, *made][:blocks] if blocks >= len(named) else named[:blocks]
    functions = tuple(
        after
        if isinstance(before.initial, Anything)
        else replace(after, initial=Table(tuple(_values(before, after, named, present, tables))))
        for before, after in zip(plain, retyped.functions, strict=True)
    )
    return replace(retyped, functions=functions, properties=(*retyped.properties, HARMLESS))


def _retyped(part: Any, sorts: Mapping[str, Sort]) -> Any:
    match part:
        case Sort():
            return sorts[part.name]
        case Constant(value, kind):
            into = _retyped(kind, sorts)
            return Constant(_by_name(value, kind, into), into)
        case Count(variable, body, _):
            return Count(_retyped(variable, sorts), _retyped(body, sorts), IntType(0, COUNTED))
        case Table():
            return part
        case tuple():
            return tuple(_retyped(inner, sorts) for inner in part)
    if is_dataclass(part) and not isinstance(part, type):
        return type(part)(**{f.name: _retyped(getattr(part, f.name), sorts) for f in fields(part)})
    return part


def _by_name(value: Value, kind: Type, into: Type) -> Value:
    base, target = (kind.base, into.base) if isinstance(kind, OptionalType) else (kind, into)  # type: ignore[union-attr]
    if value is None or not isinstance(base, SortType):
        return value
    assert isinstance(target, SortType)
    return target.sort.members.index(base.sort.members[value])


def _values(
    before: Function,
    after: Function,
    named: list[tuple[tuple[str, str], ...]],
    present: list[tuple[tuple[str, str], ...]],
    tables: Interpreter,
) -> Iterator[Value]:
    """The table of a function, a new block standing where an old one does that is not at the point."""
    table = dict(zip(points_of(before.parameters), tables.table(before), strict=True))
    place = {member: (block, slot) for block in present for slot, member in enumerate(block)}
    for point in points_of(after.parameters):
        members = [_member(kind, value) for kind, value in zip(after.parameters, point, strict=True)]
        blocks = list(dict.fromkeys(place[m][0] for m in members if m in place))
        free = [block for block in named if block not in blocks]
        stand: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}
        for block in blocks:
            if block not in named and not free:
                raise NotGrowingError
            stand[block] = block if block in named else free.pop(0)
        old_point = tuple(
            _index(old, stand[place[m][0]][place[m][1]] if m in place else m, value)
            for old, m, value in zip(before.parameters, members, point, strict=True)
        )
        held = _member(before.result, table[old_point])
        back = {old: new for new, old in stand.items()}
        owner = next(((b, b.index(held)) for b in named if held in b), None) if held is not None else None
        if owner is not None:
            if owner[0] not in back:
                raise NotGrowingError
            held = back[owner[0]][owner[1]]
        yield _index(after.result, held, table[old_point])


def _member(kind: Type, value: Value) -> tuple[str, str] | None:
    base = kind.base if isinstance(kind, OptionalType) else kind
    return None if value is None or not isinstance(base, SortType) else (base.sort.name, base.sort.members[value])


def _index(kind: Type, member: tuple[str, str] | None, value: Value) -> Value:
    base = kind.base if isinstance(kind, OptionalType) else kind
    return value if member is None or not isinstance(base, SortType) else base.sort.members.index(member[1])


# What a state is, whatever the names of its blocks

Description = tuple[frozenset[object], frozenset[object]]


def described(
    system: System,
    state: State,
    blocks: list[list[Names]],
    many: tuple[int, ...],
    gone: frozenset[tuple[str, str]] = frozenset(),
) -> Description:
    """What is outside of the blocks, and of each orbit how many blocks are alike, at most `many` of them.

    Cells of the members in `gone` are left out.
    """
    owner = {member: (orbit, n) for orbit, found in enumerate(blocks) for n, b in enumerate(found) for member in b}
    rest: set[object] = set()
    rows: dict[tuple[int, int], set[object]] = {
        (o, n): set() for o, found in enumerate(blocks) for n in range(len(found))
    }
    for cell, value in zip(Layout(system).cells, state, strict=True):
        kinds = system.function(cell.function).parameters
        members = [_member(kind, index) for kind, index in zip(kinds, cell.point, strict=True)]
        if not gone.isdisjoint(m for m in members if m is not None):
            continue
        of = {owner[m] for m in members if m in owner}
        pattern = tuple(("own", m[0]) if m in owner else (m or v) for m, v in zip(members, cell.point, strict=True))
        held = _member(cell.type, value)
        mark = owner.get(held) if held is not None else None
        if of:
            (block,) = of
            assert mark in (None, block)
            rows[block].add((cell.function, pattern, ("own", held[0]) if mark and held else render(cell.type, value)))
        elif mark is not None and held is not None:
            rest.add((cell.name, "moving"))
            rows[mark].add((cell.name, "holds", held[0]))
        else:
            rest.add((cell.name, render(cell.type, value)))
    counts = Counter((orbit, frozenset(row)) for (orbit, _), row in rows.items())
    return frozenset(rest), frozenset((orbit, row, min(n, many[orbit])) for (orbit, row), n in counts.items())


def names_of(system: System, orbit: Orbit) -> list[Names]:
    members = {sort.name: sort.members for sort in system.sorts}
    return [frozenset((sort, members[sort][index]) for sort, index in block) for block in orbit]


class Searched:
    """A complete search of all sizes."""

    def __init__(self, family: Family, claims: tuple[str, ...] = (), many: int = 0, states: int = 20_000) -> None:
        builder = Builder(family, (*claims, HARMLESS.name))
        self.frame: Frame = builder.build()
        builder.confirm(self.frame)
        self.many = tuple(max(many, number) for number in self.frame.many)
        program = self.frame.program
        self.blocks = [names_of(program.system, orbit) for orbit in self.frame.symmetry.orbits]
        self._all = AllSizes(program, self.frame.symmetry, self.many, self.frame.least)
        watched = (*(c for c in self.frame.claims if c.kind in KINDS and c.name != HARMLESS.name), HARMLESS)
        self.search = Search(program, self._all, watched, Watch(Budget(seconds=120, states=states)))
        self.search.run()

    def descriptions(self) -> set[Description]:
        """All that was found."""
        program = self.frame.program
        found = set()
        for key in self.search.states:
            counted = self._all.view(key).counted
            alive = {block for group in counted.groups for block in group}
            numbered = [names for orbit in self.blocks for names in orbit]
            live = [[n for n in orbit if numbered.index(n) in alive] for orbit in self.blocks]
            gone = frozenset(m for number, names in enumerate(numbered) if number not in alive for m in names)
            state = program.packing.unpack(tuple(counted.state))
            found.add(described(program.system, state, live, self.many, gone))
        return found

    def exact(self, system: System, states: Iterator[State]) -> Iterator[Description]:
        """What states of one of the family's systems are counted as."""
        there = {(sort.name, member) for sort in system.sorts for member in sort.members}
        blocks = [[names for names in orbit if names <= there] for orbit in self.blocks]
        for state in states:
            yield described(system, state, blocks, self.many)
