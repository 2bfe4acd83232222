"""Which cells of a state a symmetry moves, in groups that can be dealt with one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.system.layout import Layout
from verifier.system.symmetry import Symmetry
from verifier.system.system import System
from verifier.system.types import OptionalType, SortType, Type, Value


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell that some orbit moves: its coordinates among the blocks, and what is common to its images."""

    place: int
    template: int
    coordinates: tuple[int, ...]
    holder: int
    """Which table of `Component.members` tells blocks among the cell's values; -1 if it cannot hold a moving member."""


@dataclass(frozen=True)
class Component:
    """Orbits that have cells in common, with those cells. Blocks are numbered through all orbits."""

    orbits: tuple[tuple[int, ...], ...]
    spots: tuple[Spot, ...]
    members: tuple[dict[int, tuple[int, int]], ...]
    """Per kind of holding cell: the position of a value to the block and the slot in it of the member that it is."""
    positions: tuple[dict[tuple[int, int], int], ...]
    """The inverse of `members`."""


def components(layout: Layout, system: System, symmetry: Symmetry) -> Iterator[Component]:
    """The symmetry's orbits, grouped by the cells that they move."""
    role = {
        member: (number, slot)
        for number, (slot, member) in (
            (number, pair)
            for number, block in enumerate(b for o in symmetry.orbits for b in o)
            for pair in enumerate(block)
        )
    }
    orbit_of = [i for i, orbit in enumerate(symmetry.orbits) for _ in orbit]
    holders: dict[Type, int] = {}
    members: list[dict[int, tuple[int, int]]] = []
    held: list[set[int]] = []
    """The orbits of those members."""
    templates: dict[object, int] = {}
    spots: list[Spot] = []
    group = list(range(len(symmetry.orbits)))

    def holder(kind: Type) -> int:
        if kind not in holders:
            base, shift = (kind.base, 1) if isinstance(kind, OptionalType) else (kind, 0)
            table = {}
            if isinstance(base, SortType):
                name = base.sort.name
                table = {i + shift: role[name, i] for i in range(len(base.sort.members)) if (name, i) in role}
            holders[kind] = len(members) if table else -1
            if table:
                members.append(table)
                held.append({orbit_of[number] for number, _ in table.values()})
        return holders[kind]

    # By function: a type with many members takes long to be looked up.
    holder_of = {function.name: holder(function.result) for function in system.state_functions}
    parameters = {function.name: function.parameters for function in system.state_functions}
    for place, cell in enumerate(layout.cells):
        coordinates: list[int] = []
        pattern: list[object] = [cell.function]
        for kind, value in zip(parameters[cell.function], cell.point, strict=True):
            number, slot = _role(kind, value, role)
            if number >= 0:
                coordinates.append(number)
            pattern.append((orbit_of[number], slot) if number >= 0 else value)
        kept = holder_of[cell.function]
        touched = {orbit_of[c] for c in coordinates}
        if kept >= 0:
            touched |= held[kept]
        if touched:
            template = templates.setdefault(tuple(pattern), len(templates))
            spots.append(Spot(place, template, tuple(coordinates), kept))
            merged = {group[orbit] for orbit in touched}
            group = [min(merged) if g in merged else g for g in group]

    positions = tuple({where: position for position, where in table.items()} for table in members)
    first: dict[int, int] = {}
    for spot in spots:
        anchor = spot.coordinates[0] if spot.coordinates else next(iter(members[spot.holder].values()))[0]
        first[spot.place] = group[orbit_of[anchor]]
    for leader in sorted(set(first.values())):
        blocks = tuple(
            tuple(n for n, o in enumerate(orbit_of) if o == orbit) for orbit, g in enumerate(group) if g == leader
        )
        mine = tuple(spot for spot in spots if first[spot.place] == leader)
        yield Component(blocks, mine, tuple(members), positions)


def _role(kind: Type, value: Value, role: dict[tuple[str, int], tuple[int, int]]) -> tuple[int, int]:
    if isinstance(kind, SortType) and value is not None:
        return role.get((kind.sort.name, value), (-1, -1))
    return -1, -1
