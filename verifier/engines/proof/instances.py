"""Instances of a family: one of each size made of it, and other instances compared with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType

from verifier.engines.proof.family import (
    Coordinate,
    Family,
    Fixed,
    NotUniformError,
    Place,
    Placed,
    family_of,
    places_of,
    transfer_system,
)
from verifier.engines.proof.transfer import NotTransferableError, Sorts, transfer_type, transfer_value
from verifier.system.interpreter import Interpreter
from verifier.system.layout import points_of
from verifier.system.symmetry import Member
from verifier.system.system import Anything, Function, Property, System, Table
from verifier.system.types import Sort, SortType, Type, Value

_NO_NAMES: Mapping[Place, str] = MappingProxyType({})


@dataclass(frozen=True)
class Members:
    """Which members of an instance's sorts stand for what in the family: of each (orbit, slot, block) the index."""

    family: Family
    sorts: Sorts
    index: Mapping[tuple[int, int, int], int]

    def placed(self) -> dict[Member, Place]:
        """The members that are not named, and where in the family they are."""
        return {(self.family.orbits[o][slot].sort, i): (o, slot, b) for (o, slot, b), i in self.index.items()}


def members_of_size(family: Family, sizes: Sequence[int], names: Mapping[Place, str] = _NO_NAMES) -> Members:
    """The sorts of the instance with `sizes[i]` blocks in orbit i.

    A member that has no name in the family has one in `names`, or is called after its class.
    """
    members = {sort.name: list(sort.members) for sort in family.text.sorts}
    index: dict[tuple[int, int, int], int] = {}
    for o, orbit in enumerate(family.orbits):
        for b, slot in product(range(sizes[o]), range(len(orbit))):
            made = members[orbit[slot].sort]
            index[o, slot, b] = len(made)
            name = names.get((o, slot, b), f"{orbit[slot].like}#{b}")
            while name in made:
                name += "'"
            made.append(name)
    sorts = {
        s.name: s if s.name not in family.free else Sort(s.name, tuple(members[s.name]), s.interchangeable)
        for s in family.text.sorts
    }
    return Members(family, sorts, index)


def instance(family: Family, sizes: Sequence[int]) -> System:
    """The system of the family with `sizes[i]` blocks in orbit i. Its scenarios are gone."""
    return instance_of(members_of_size(family, sizes))


def instance_of(members: Members) -> System:
    """The system of a family that has these members."""
    family = members.family
    system = transfer_system(family.text, members.sorts)
    return replace(system, functions=tuple(_filled(f, members) for f in system.functions))


def _filled(function: Function, members: Members) -> Function:
    if function.name not in members.family.cases:
        return function
    return replace(function, initial=Table(table(function, members)))


def table(function: Function, members: Members) -> tuple[Value, ...]:
    """What the family says of the function of an instance, in row-major order of its points."""
    cases = {case.point: case for case in members.family.cases[function.name]}
    placed = members.placed()
    values = []
    for point in points_of(function.parameters):
        blocks: dict[tuple[int, int], int] = {}
        pattern = tuple(_seen(k, v, blocks, placed, members) for k, v in zip(function.parameters, point, strict=True))
        case = cases[pattern]
        values.append(_value(function.result, case.value, {(o, label): b for (o, b), label in blocks.items()}, members))
    return tuple(values)


def _seen(
    kind: Type,
    value: Value,
    blocks: dict[tuple[int, int], int],
    placed: Mapping[Member, Place],
    members: Members,
) -> Coordinate:
    if not isinstance(kind, SortType) or value is None:
        return Fixed(value)
    if (kind.sort.name, value) not in placed:
        return Fixed(transfer_value(kind, value, members.family.sorts))
    orbit, slot, block = placed[kind.sort.name, value]
    return Placed(orbit, slot, blocks.setdefault((orbit, block), sum(o == orbit for o, _ in blocks)))


def _value(kind: Type, value: Coordinate, blocks: Mapping[tuple[int, int], int], members: Members) -> Value:
    if isinstance(value, Fixed):
        return _fixed(kind, value.value, members)
    return members.index[value.orbit, value.slot, blocks[value.orbit, value.block]]


def _fixed(kind: Type, value: Value, members: Members) -> Value:
    """A value that the family has, as one of the instance."""
    return transfer_value(transfer_type(kind, members.family.sorts), value, members.sorts)


def difference(family: Family, other: System, claims: Iterable[Property]) -> str | None:
    """Why the other instance is not one of the same family, in a sentence; None if it is.

    The other instance is one of the same specification, and large enough to be the source of a family itself.
    """
    try:
        found = family_of(other, claims, family.apart)
    except (NotUniformError, NotTransferableError) as error:
        return str(error)
    if found.orbits != family.orbits:
        return f"there, interchangeable are: {found.describe() or 'none'}; here: {family.describe() or 'none'}"
    if found.cases != family.cases:
        changed = next(f for f in family.text.functions if found.cases.get(f.name) != family.cases.get(f.name))
        return f"{changed.name} follows another pattern there"
    return _changed_text(family, found.text)


def _changed_text(family: Family, other: System) -> str | None:
    """What differs in the texts, in a sentence; None if nothing does."""
    if other == family.text:
        return None
    for one, another in zip(family.text.sorts, other.sorts, strict=False):
        if one != another:
            return f"other members of {one.name} are told apart there"
    for what in ("functions", "actions", "properties"):
        for mine, yours in zip(getattr(family.text, what), getattr(other, what), strict=False):
            if mine != yours:
                return f"{mine.name} has another text there"
    return "its text is another one there"


def sizes_in(family: Family, source: System, claims: Iterable[Property], other: System) -> tuple[int, ...]:
    """How many blocks of each orbit the other instance has, if it is one of the family that was found in `source`.

    The other instance may be as small as it likes: its members are recognised by their names in `source`. Raises
    NotUniformError, which says why, if it is not one of the family.
    """
    names = {sort.name: sort.members for sort in source.sorts}
    known = {(s, names[s][i]): place for (s, i), place in places_of(source, claims, family.apart).items()}
    index: dict[tuple[int, int, int], int] = {}
    numbers: list[dict[int, int]] = [{} for _ in family.orbits]
    for sort in other.sorts:
        for position, name in enumerate(sort.members):
            if (sort.name, name) in known:
                orbit, slot, block = known[sort.name, name]
                index[orbit, slot, numbers[orbit].setdefault(block, len(numbers[orbit]))] = position
            elif sort.name not in family.sorts or name not in family.sorts[sort.name].members:
                raise NotUniformError(f"{name} of {sort.name} is not known at other sizes")
    sizes = tuple(map(len, numbers))
    if any(size < least for size, least in zip(sizes, family.least, strict=True)) or len(index) != sum(
        n * len(o) for n, o in zip(sizes, family.orbits, strict=True)
    ):
        raise NotUniformError("it has none, or not all, or too few of some members that belong together")
    members = Members(family, {sort.name: sort for sort in other.sorts}, index)
    try:
        changed = _changed_text(family, transfer_system(other, family.sorts))
    except NotTransferableError as error:
        changed = str(error)
    if changed:
        raise NotUniformError(changed)
    interpreter = Interpreter(other)
    for function in other.functions:
        anything = isinstance(function.initial, Anything)
        if anything == (function.name in family.cases) or (
            not anything and interpreter.table(function) != table(function, members)
        ):
            raise NotUniformError(f"{function.name} follows another pattern there")
    return sizes
