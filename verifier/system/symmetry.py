"""Which members of a system's sorts are interchangeable.

An *orbit* is a tuple of *blocks*; a block is a tuple of members, of different sorts or kinds, that only move together:
an address of a window and the page behind it. Exchanging two blocks of an orbit, member by member, is an automorphism:
it maps initial states to initial states and transitions to transitions, and changes the truth of no given property.

A member moves only if its sort is declared interchangeable, no `Number` is taken of the sort, and no action, property
or `final` names it. What the tables of constants and initial values distinguish is found by colour refinement, and
every generating exchange is then checked against every row of them, so a flaw in the guesswork can cost reduction only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

from verifier.system.expressions import Constant, Expression, Number, walk
from verifier.system.interpreter import Interpreter
from verifier.system.layout import points_of
from verifier.system.system import Action, Anything, Check, Perform, Property, System
from verifier.system.types import OptionalType, SortType, Type, Value

Member = tuple[str, int]
"""A sort's name and the index of a member."""

Block = tuple[Member, ...]
Orbit = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Symmetry:
    """The orbits found in one system for one set of properties."""

    orbits: tuple[Orbit, ...]

    @property
    def sorts(self) -> tuple[str, ...]:
        """The names of the sorts with members that move."""
        return tuple(dict.fromkeys(sort for orbit in self.orbits for sort, _ in orbit[0]))

    def describe(self, system: System) -> str:
        """Prose for reports; empty if nothing is interchangeable."""
        names = {sort.name: sort.members for sort in system.sorts}

        def block(members: Block) -> str:
            return "/".join(names[sort][index] for sort, index in members)

        lines = []
        for orbit in self.orbits:
            kinds = " with ".join(sort for sort, _ in orbit[0])
            shown = [block(b) for b in orbit] if len(orbit) <= 4 else [block(orbit[0]), "...", block(orbit[-1])]
            lines.append(f"{len(orbit)} interchangeable {kinds}: {', '.join(shown)}")
        return "; ".join(lines)


NO_SYMMETRY = Symmetry(())


def infer(interpreter: Interpreter, claims: Iterable[Property]) -> Symmetry:
    """The symmetry of the interpreter's system that none of the claims can see."""
    structure = _Structure(interpreter, _movable(interpreter.system, tuple(claims)))
    return Symmetry(structure.orbits())


def _base(kind: Type) -> Type:
    return kind.base if isinstance(kind, OptionalType) else kind


def _movable(system: System, claims: tuple[Property, ...]) -> tuple[Member, ...]:
    """The members that no expression tells from the others of their sort."""
    named: set[Member] = set()
    numbered: set[str] = set()
    for expression in _expressions(system, claims):
        for node in walk(expression):
            match node:
                case Constant(value, kind) if value is not None and isinstance(base := _base(kind), SortType):
                    named.add((base.sort.name, value))
                case Number(operand, _) if isinstance(operand.type, SortType):
                    numbered.add(operand.type.sort.name)
    for claim in claims:
        for happening in claim.scenario.happenings if claim.scenario else ():
            if isinstance(happening, Perform):
                named.update(_performed(system.action(happening.action), happening))
    return tuple(
        (sort.name, index)
        for sort in system.sorts
        if sort.interchangeable and sort.name not in numbered
        for index in range(len(sort.members))
        if (sort.name, index) not in named
    )


def _performed(action: Action, happening: Perform) -> Iterator[Member]:
    for parameter, argument in zip(action.parameters, happening.arguments, strict=True):
        if argument is not None and isinstance(parameter.type, SortType):
            yield parameter.type.sort.name, argument


def _expressions(system: System, claims: tuple[Property, ...]) -> Iterator[Expression]:
    """Everything that is evaluated in a state. Initial values and constants are compared as tables instead."""
    yield system.final
    for action in system.actions:
        yield action.guard
        for assertion in action.assertions:
            yield assertion.formula
        for update in action.updates:
            yield from (*update.arguments, update.value, update.condition)
    for claim in claims:
        yield from (claim.formula, claim.trigger)
        for happening in claim.scenario.happenings if claim.scenario else ():
            if isinstance(happening, Check):
                yield happening.formula


Blocks = list[tuple[int, ...]]
"""The blocks of an orbit to be, as items."""

Row = tuple[int, ...]
"""A table's number, the items of a point, and the item of the value there. Items from 0 up are movable members."""


class _Structure:
    """The tables of constants and initial values as relations between movable members."""

    def __init__(self, interpreter: Interpreter, movable: tuple[Member, ...]) -> None:
        self.movable = movable
        self.item: dict[object, int] = {member: number for number, member in enumerate(movable)}
        self.value: dict[Row, int] = {}
        for number, function in enumerate(interpreter.system.functions):
            if isinstance(function.initial, Anything):
                continue
            for point, value in zip(points_of(function.parameters), interpreter.table(function), strict=True):
                items = tuple(self._item(kind, v) for kind, v in zip(function.parameters, point, strict=True))
                self.value[number, *items] = self._item(function.result, value)
        self.rows = [(*key, value) for key, value in self.value.items() if any(i >= 0 for i in (*key[1:], value))]
        self.rows_of: dict[int, list[Row]] = defaultdict(list)
        for row in self.rows:
            for item in set(row[1:]):
                self.rows_of[item].append(row)

    def _item(self, kind: Type, value: Value) -> int:
        """Movable members have numbers from 0 up; everything else has its own negative number."""
        base = _base(kind)
        key: object = value
        if isinstance(base, SortType) and value is not None:
            key = (base.sort.name, value)
        elif value is not None:
            key = ("", int(value))
        return self.item.setdefault(key, len(self.movable) - len(self.item) - 1)

    def orbits(self) -> tuple[Orbit, ...]:
        colours = self._refined()
        classes: dict[int, list[int]] = defaultdict(list)
        for item, colour in enumerate(colours):
            classes[colour].append(item)
        waiting = [tuple(members) for members in classes.values() if len(members) > 1]
        found: list[Blocks] = []
        tied: list[tuple[int, ...]] = []
        for members in waiting:
            blocks: Blocks = [(member,) for member in members]
            if self._symmetric(blocks):
                found.append(blocks)
            else:
                tied.append(members)
        found += [blocks for blocks in self._joined(tied, colours) if self._symmetric(blocks)]
        return tuple(tuple(tuple(self.movable[item] for item in block) for block in blocks) for blocks in found)

    def _refined(self) -> list[int]:
        """Colours such that members of one colour have equally coloured surroundings in all tables."""
        sorts = list(dict.fromkeys(sort for sort, _ in self.movable))
        colours = [sorts.index(sort) for sort, _ in self.movable]
        count = 0
        while len(set(colours)) != count:
            count = len(set(colours))
            seen: list[list[Row]] = [[] for _ in self.movable]
            for row in self.rows:
                coloured = self._coloured(row, colours)
                for position, item in enumerate(row[1:]):
                    if item >= 0:
                        seen[item].append((position, *coloured))
            keys = [(colour, tuple(sorted(rows))) for colour, rows in zip(colours, seen, strict=True)]
            rank = {key: i for i, key in enumerate(sorted(set(keys)))}
            colours = [rank[key] for key in keys]
        return colours

    @staticmethod
    def _coloured(row: Row, colours: list[int]) -> Row:
        return (row[0], *(colours[item] if item >= 0 else item for item in row[1:]))

    def _joined(self, classes: list[tuple[int, ...]], colours: list[int]) -> list[Blocks]:
        """Classes of one size tied by the tables one to one, as blocks; classes without a tie stay as they are."""
        size = {colours[members[0]]: len(members) for members in classes}
        pairs: dict[Row, list[tuple[int, int]]] = defaultdict(list)
        for row in self.rows:
            for (i, a), (j, b) in product(enumerate(row[1:]), repeat=2):
                if i < j and min(a, b) >= 0 and colours[a] != colours[b]:
                    n = size.get(colours[a])
                    if n is not None and n == size.get(colours[b]):
                        pairs[(i, j, *self._coloured(row, colours))].append((a, b))
        partner: dict[tuple[int, int], dict[int, int]] = {}
        for found in pairs.values():
            ab = dict(found)
            ba = {b: a for a, b in found}
            first, second = colours[found[0][0]], colours[found[0][1]]
            if len(found) == len(ab) == len(ba) == size[first] and (first, second) not in partner:
                partner[first, second], partner[second, first] = ab, ba
        return self._blocks(classes, colours, partner)

    @staticmethod
    def _blocks(
        classes: list[tuple[int, ...]], colours: list[int], partner: Mapping[tuple[int, int], Mapping[int, int]]
    ) -> list[Blocks]:
        joined: list[Blocks] = []
        done: set[int] = set()
        for members in classes:
            if colours[members[0]] in done:
                continue
            columns = {colours[members[0]]: list(members)}
            queue = list(columns)
            for colour in queue:
                for (first, second), mapping in partner.items():
                    if first == colour and second not in columns:
                        columns[second] = [mapping[item] for item in columns[colour]]
                        queue.append(second)
            done.update(columns)
            joined.append(list(zip(*columns.values(), strict=True)))
        return joined

    def _symmetric(self, blocks: Blocks) -> bool:
        """Whether exchanging any two of the blocks maps every table to itself."""
        return all(self._preserved(dict(zip((*a, *b), (*b, *a), strict=True))) for a, b in pairwise(blocks))

    def _preserved(self, exchange: Mapping[int, int]) -> bool:
        for item in exchange:
            for row in self.rows_of[item]:
                number, *rest = row
                *point, value = (exchange.get(i, i) for i in rest)
                if self.value[number, *point] != value:
                    return False
        return True
