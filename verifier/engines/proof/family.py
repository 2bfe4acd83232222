"""A system at every size: what its instances have in common, found in one of them.

The members that nothing tells apart form *orbits* of *blocks* (`verifier.system.symmetry`): an address of a window and
the page behind it. A family keeps the members that are told apart by name and says of each orbit only what its blocks
look like: one member of the *class* of each *slot*. How many blocks there are is open. Constants and initial values are
kept as cases: for coordinates that are fixed members, or members of classes, of the same block or of different ones,
the value is a fixed one, or the member in a slot of one of these blocks.

That the text of the specification is the same at other sizes is not established here, since a system is one finite
instance: `difference` and `belongs` compare instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from verifier.engines.proof.transfer import (
    Moved,
    NotTransferableError,
    Sorts,
    transfer,
    transfer_type,
    transfer_variable,
)
from verifier.system.interpreter import Interpreter
from verifier.system.layout import points_of
from verifier.system.symmetry import Member, Orbit, infer
from verifier.system.system import Action, Anything, Assertion, Condition, Function, Property, System, Update
from verifier.system.types import OptionalType, Sort, SortType, Type, Value, render

Place = tuple[int, int, int]
"""Orbit, slot and block of a member."""

Named = tuple[str, str]
"""A member by the names of its sort and its own."""


class NotUniformError(Exception):
    """The instance does not say what other sizes look like; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Class:
    """The members in one slot of an orbit's blocks. `like` is the first of them in the instance, for names."""

    sort: str
    like: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is the same at every size; of a free sort, the position among its named members."""

    value: Value


@dataclass(frozen=True, slots=True)
class Placed:
    """The member in slot `slot` of some block of orbit `orbit`; equal `block`s of an orbit are the same block.

    The blocks of one orbit in a case are numbered from 0 as they occur, and different numbers are different blocks.
    """

    orbit: int
    slot: int
    block: int


Coordinate = Fixed | Placed


@dataclass(frozen=True, slots=True)
class Case:
    """What a function is at all points of one pattern."""

    point: tuple[Coordinate, ...]
    value: Coordinate


@dataclass(frozen=True, slots=True)
class Family:
    """A system whose orbits have any number of blocks, from `least` on.

    `text` is the system with sorts that have their named members only; the initial values of its functions are void.
    `cases` has the constants and those state functions that do not start as anything. Sorts that are not `free` have
    all of their members by name. `apart` are members, by sort and name, that are told apart though nothing else would
    do so, with all that are like them: their number is not open.
    """

    text: System
    orbits: tuple[tuple[Class, ...], ...]
    cases: Mapping[str, tuple[Case, ...]]
    least: tuple[int, ...] = ()
    apart: frozenset[Named] = frozenset()

    def __post_init__(self) -> None:
        if not self.least:
            object.__setattr__(self, "least", (1,) * len(self.orbits))

    @property
    def sorts(self) -> Sorts:
        """The sorts, with their named members, by name."""
        return {sort.name: sort for sort in self.text.sorts}

    @property
    def free(self) -> tuple[str, ...]:
        """The sorts whose number of members is open."""
        found = {kind.sort for orbit in self.orbits for kind in orbit}
        return tuple(sort.name for sort in self.text.sorts if sort.name in found)

    def sizes(self, blocks: int) -> tuple[int, ...]:
        """So many blocks of each orbit, or as many as there must be."""
        return tuple(max(blocks, least) for least in self.least)

    def describe(self) -> str:
        """What is free, for reports; empty if nothing is."""
        return "; ".join(
            f"any number (at least {least}) of " + " with ".join(f"{kind.sort} like {kind.like}" for kind in orbit)
            for orbit, least in zip(self.orbits, self.least, strict=True)
        )


def family_of(system: System, claims: Iterable[Property] = (), apart: frozenset[Named] = frozenset()) -> Family:
    """The family that the system is an instance of, as far as the claims cannot see a difference.

    Members that a claim names are told apart, and so are those in `apart` and all that are like them. Raises
    NotUniformError if the instance is too small to tell what other sizes look like, or if its tables follow no pattern.
    """
    interpreter = Interpreter(system)
    orbits = _ordered(system, infer(interpreter, claims).orbits, apart)
    places = _places(orbits)
    sorts = {sort.name: _without_moving(sort, places) for sort in system.sorts}
    shapes = tuple(tuple(Class(s, _named(system, s, i)) for s, i in orbit[0]) for orbit in orbits)
    for function in system.functions:
        _require_room(function, orbits, shapes)
    seen = _Seen(interpreter, sorts, places)
    cases = {f.name: seen.cases(f) for f in system.functions if not isinstance(f.initial, Anything)}
    return Family(transfer_system(system, sorts), shapes, cases, apart=apart)


def _named(system: System, sort: str, index: int) -> str:
    return next(s.members[index] for s in system.sorts if s.name == sort)


def _ordered(system: System, orbits: tuple[Orbit, ...], apart: frozenset[Named]) -> tuple[Orbit, ...]:
    """The orbits but for those of members that are told apart.

    They, their blocks and their slots are in the order of the declarations: the same at every size.
    """
    rank = {sort.name: number for number, sort in enumerate(system.sorts)}

    def key(member: Member) -> tuple[int, int]:
        return rank[member[0]], member[1]

    made = []
    for orbit in orbits:
        if any((sort, _named(system, sort, index)) in apart for block in orbit for sort, index in block):
            continue
        columns = sorted(zip(*orbit, strict=True), key=lambda column: min(map(key, column)))
        made.append(tuple(sorted(zip(*columns, strict=True), key=lambda block: key(block[0]))))
    return tuple(sorted(made, key=lambda orbit: key(orbit[0][0])))


def places_of(system: System, claims: Iterable[Property], apart: frozenset[Named] = frozenset()) -> dict[Member, Place]:
    """Where in the system's family its members are that have no name there."""
    return _places(_ordered(system, infer(Interpreter(system), claims).orbits, apart))


def _places(orbits: tuple[Orbit, ...]) -> dict[Member, Place]:
    return {
        member: (o, slot, b)
        for o, orbit in enumerate(orbits)
        for b, block in enumerate(orbit)
        for slot, member in enumerate(block)
    }


def _without_moving(sort: Sort, places: Mapping[Member, Place]) -> Sort:
    """The sort with its named members; one that has no others is as it was."""
    members = tuple(m for index, m in enumerate(sort.members) if (sort.name, index) not in places)
    return sort if len(members) == len(sort.members) else Sort(sort.name, members, sort.interchangeable)


def _require_room(function: Function, orbits: tuple[Orbit, ...], shapes: tuple[tuple[Class, ...], ...]) -> None:
    """Every pattern that points of the function can have must occur in the instance."""
    for orbit, shape in zip(orbits, shapes, strict=True):
        needed = sum(isinstance(p, SortType) and any(p.sort.name == c.sort for c in shape) for p in function.parameters)
        if len(orbit) < needed:
            raise NotUniformError(
                f"{function.name} needs an instance with {needed} interchangeable members like {shape[0].like}, "
                f"this one has {len(orbit)}"
            )


@dataclass(frozen=True)
class _Seen:
    """The tables of an instance, read as cases."""

    interpreter: Interpreter
    sorts: Sorts
    places: Mapping[Member, Place]

    def cases(self, function: Function) -> tuple[Case, ...]:
        """One case for each pattern. Raises NotUniformError if points of one pattern have different values."""
        found: dict[tuple[Coordinate, ...], Coordinate] = {}
        table = self.interpreter.table(function)
        for point, value in zip(points_of(function.parameters), table, strict=True):
            blocks: dict[tuple[int, int], int] = {}
            pattern = tuple(self._coordinate(k, v, blocks) for k, v in zip(function.parameters, point, strict=True))
            known = len(blocks)
            result = self._coordinate(function.result, value, blocks)
            if len(blocks) > known or found.setdefault(pattern, result) != result:
                where = ", ".join(render(k, v) for k, v in zip(function.parameters, point, strict=True))
                raise NotUniformError(f"{function.name}({where}) is {render(function.result, value)} for no reason "
                                      "that would say what it is at other sizes")  # fmt: skip
        return tuple(Case(point, value) for point, value in found.items())

    def _coordinate(self, kind: Type, value: Value, blocks: dict[tuple[int, int], int]) -> Coordinate:
        base = kind.base if isinstance(kind, OptionalType) else kind
        if value is None or not isinstance(base, SortType):
            return Fixed(value)
        name = base.sort.name
        place = self.places.get((name, value))
        if place is None:
            return Fixed(self.sorts[name].members.index(base.sort.members[value]))
        orbit, slot, block = place
        earlier = sum(o == orbit for o, _ in blocks)
        return Placed(orbit, slot, blocks.setdefault((orbit, block), earlier))


def transfer_system(system: System, sorts: Sorts) -> System:
    """The system over the other sorts, with void initial values and without what it does on the machine."""
    moved: Moved = {}
    return replace(
        system,
        sorts=tuple(sorts[sort.name] for sort in system.sorts),
        functions=tuple(
            replace(
                f,
                parameters=tuple(transfer_type(p, sorts) for p in f.parameters),
                result=transfer_type(f.result, sorts),
                initial=Anything(),
            )
            for f in system.functions
        ),
        actions=tuple(_transfer_action(action, sorts) for action in system.actions),
        properties=tuple(transfer_property(claim, sorts, moved) for claim in system.properties),
        final=transfer(system.final, sorts),
    )


def transfer_property(claim: Property, sorts: Sorts, moved: Moved) -> Property:
    """The claim over the other sorts. A scenario keeps its old members: it says nothing about other sizes."""
    formula, trigger = transfer(claim.formula, sorts, moved), transfer(claim.trigger, sorts, moved)
    return replace(claim, formula=formula, trigger=trigger, scenario=None)


def _transfer_conditions(action: Action, sorts: Sorts) -> Iterator[Condition]:
    """Those that can be: one that a constant makes idle may name members that nothing else tells apart."""
    for condition in action.conditions:
        with suppress(NotTransferableError):
            yield Condition(transfer(condition.formula, sorts), condition.span)


def _transfer_action(action: Action, sorts: Sorts) -> Action:
    return replace(
        action,
        parameters=tuple(transfer_variable(p, sorts) for p in action.parameters),
        guard=transfer(action.guard, sorts),
        updates=tuple(
            Update(
                u.function,
                tuple(transfer(a, sorts) for a in u.arguments),
                transfer(u.value, sorts),
                tuple(transfer_variable(b, sorts) for b in u.binders),
                transfer(u.condition, sorts),
                u.span,
            )
            for u in action.updates
        ),
        assertions=tuple(
            Assertion(
                a.property, transfer(a.formula, sorts), tuple(transfer_variable(b, sorts) for b in a.binders), a.span
            )
            for a in action.assertions
        ),
        calls=(),
        conditions=tuple(_transfer_conditions(action, sorts)),
    )  # fmt: skip
