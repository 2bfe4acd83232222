"""What a cube of one instance says at every size.

A pattern is a set of states that is excluded, like a cube, but it names members as a family does: by name, or as the
member in a slot of some block of an orbit. It stands for all cubes that come of choosing blocks for its own, different
ones for different ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from verifier.engines.proof.family import Coordinate, Fixed, Placed
from verifier.engines.proof.inference.cubes import Cube
from verifier.engines.proof.inference.sized import Sized
from verifier.system.types import OptionalType, SortType, Type, Value, values_of


@dataclass(frozen=True, slots=True, order=True)
class Others:
    """The members in slot `slot` of all blocks of orbit `orbit` except these of the pattern."""

    orbit: int
    slot: int
    blocks: tuple[int, ...]


Item = Fixed | Placed | Others


@dataclass(frozen=True, slots=True)
class Literal:
    """The value of `function` at `point` is one of the items."""

    function: str
    point: tuple[Coordinate, ...]
    allowed: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    literals: tuple[Literal, ...]

    def blocks(self) -> dict[int, int]:
        """How many blocks of each orbit it has."""
        found: dict[int, int] = {}
        for orbit, block in self.mentions():
            found[orbit] = max(found.get(orbit, 0), block + 1)
        return found

    def mentions(self) -> Iterator[tuple[int, int]]:
        """The orbit and the number of every block, each time that it occurs."""
        for literal in self.literals:
            for item in (*literal.point, *literal.allowed):
                match item:
                    case Placed(orbit, _, block):
                        yield orbit, block
                    case Others(orbit, _, blocks):
                        yield from ((orbit, block) for block in blocks)
                    case Fixed():
                        pass


def lifted(cube: Cube, source: Sized) -> Pattern:
    """The pattern of a cube."""
    numbers: dict[tuple[int, int], int] = {}
    for orbit, block in source.cubes.mentioned(cube):
        numbers[orbit, block] = sum(o == orbit for o, _ in numbers)
    literals = []
    for place, mask in cube:
        cell = source.circuit.layout.cells[place]
        kinds = source.circuit.system.function(cell.function).parameters
        point = tuple(_coordinate(k, v, source, numbers) for k, v in zip(kinds, cell.point, strict=True))
        literals.append(Literal(cell.function, point, tuple(_items(place, mask, source, numbers))))
    return _without_witnesses(Pattern(tuple(literals)))


def _without_witnesses(pattern: Pattern) -> Pattern:
    """The same with as few blocks as possible: "some other block's member" needs none of its own.

    A block that only one value is compared with says no more than that the value is of none of the other blocks.
    """
    times = Counter(pattern.mentions())
    for index, literal in enumerate(pattern.literals):
        for item in literal.allowed:
            if isinstance(item, Placed) and times[item.orbit, item.block] == 1:
                others = tuple(sorted(b for o, b in times if o == item.orbit and b != item.block))
                if any(isinstance(i, Placed) and i != item and i.orbit == item.orbit for i in literal.allowed):
                    continue
                allowed = tuple(Others(item.orbit, item.slot, others) if i == item else i for i in literal.allowed)
                changed = Literal(literal.function, literal.point, allowed)
                literals = (*pattern.literals[:index], changed, *pattern.literals[index + 1 :])
                return _without_witnesses(_renumbered(Pattern(literals)))
    return pattern


def _renumbered(pattern: Pattern) -> Pattern:
    """The blocks of each orbit numbered from 0 as they occur."""
    numbers: dict[tuple[int, int], int] = {}
    for orbit, block in pattern.mentions():
        numbers.setdefault((orbit, block), sum(o == orbit for o, _ in numbers))

    def moved(item: Coordinate) -> Coordinate:
        return item if isinstance(item, Fixed) else Placed(item.orbit, item.slot, numbers[item.orbit, item.block])

    def new(item: Item) -> Item:
        if isinstance(item, Others):
            return Others(item.orbit, item.slot, tuple(sorted(numbers[item.orbit, block] for block in item.blocks)))
        return moved(item)

    literals = []
    for literal in pattern.literals:
        point = tuple(map(moved, literal.point))
        literals.append(Literal(literal.function, point, tuple(map(new, literal.allowed))))
    return Pattern(tuple(literals))


def _place(kind: Type, value: Value, source: Sized) -> tuple[int, int, int] | None:
    """Orbit, slot and block of a value that is a member of a class."""
    base = kind.base if isinstance(kind, OptionalType) else kind
    if value is None or not isinstance(base, SortType):
        return None
    return source.placed.get((base.sort.name, value))


def _coordinate(kind: Type, value: Value, source: Sized, numbers: dict[tuple[int, int], int]) -> Coordinate:
    place = _place(kind, value, source)
    if place is None:
        return Fixed(value)
    orbit, slot, block = place
    return Placed(orbit, slot, numbers[orbit, block])


def _items(place: int, mask: int, source: Sized, numbers: dict[tuple[int, int], int]) -> Iterator[Item]:
    kind = source.circuit.layout.cells[place].type
    values = values_of(kind)
    for group in source.cubes.groups(place):
        inside = [value for index, value in enumerate(values) if (group & mask) >> index & 1]
        outside = [value for index, value in enumerate(values) if (group & ~mask) >> index & 1]
        if not inside:
            continue
        first = _place(kind, inside[0], source)
        if first is None:
            yield Fixed(inside[0])
        elif len(inside) <= len(outside):
            for value in inside:
                coordinate = _coordinate(kind, value, source, numbers)
                assert isinstance(coordinate, Placed)
                yield coordinate
        else:
            excluded = (_coordinate(kind, value, source, numbers) for value in outside)
            yield Others(first[0], first[1], tuple(sorted(c.block for c in excluded if isinstance(c, Placed))))


def grounded(pattern: Pattern, target: Sized) -> Cube | None:
    """The pattern's first cube in an instance; None if that has not enough blocks, or allows no value somewhere."""
    if any(number > target.sizes[orbit] for orbit, number in pattern.blocks().items()):
        return None
    parts: dict[int, int] = {}
    for literal in pattern.literals:
        function = target.circuit.system.function(literal.function)
        point = tuple(_value(c, target) for c in literal.point)
        place = target.circuit.layout.place(literal.function, point)
        mask = 0
        for index, value in enumerate(values_of(function.result)):
            seat = _place(function.result, value, target)
            if any(_includes(item, value, seat) for item in literal.allowed):
                mask |= 1 << index
        parts[place] = parts.get(place, -1) & mask
    if not all(parts.values()):
        return None
    return tuple((place, mask) for place, mask in sorted(parts.items()) if mask != target.cubes.everything[place])


def _value(coordinate: Coordinate, target: Sized) -> Value:
    if isinstance(coordinate, Fixed):
        return coordinate.value
    return target.members.index[coordinate.orbit, coordinate.slot, coordinate.block]


def _includes(item: Item, value: Value, seat: tuple[int, int, int] | None) -> bool:
    match item:
        case Fixed(fixed):
            return seat is None and fixed == value and (fixed is None) == (value is None)
        case Placed(orbit, slot, block):
            return seat == (orbit, slot, block)
        case Others(orbit, slot, blocks):
            return seat is not None and seat[:2] == (orbit, slot) and seat[2] not in blocks
