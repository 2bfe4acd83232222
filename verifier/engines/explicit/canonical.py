"""One representative for all states that a symmetry makes equal.

`Canonicaliser` maps a packed state to a state of the same orbit, and all states of an orbit to the same one.

- Where every cell belongs to at most one block and holds at most a member of its own block, the blocks are sorted by
  what their cells hold. Single cells that hold a member mark its block.
- Otherwise blocks are told apart by refinement, remaining ties by trying each tied block as the next one, and the least
  of the resulting states is taken. Blocks whose exchange leaves the state as it is are not tried separately.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from verifier.engines.explicit.orbits import Component, Spot, components
from verifier.engines.explicit.packing import Packed, Packing
from verifier.system.layout import Layout
from verifier.system.symmetry import Symmetry
from verifier.system.system import System
from verifier.system.types import size_of

Canonical = Callable[[Packed], Packed]

MEMORY = 200_000
"""How many results the slow form remembers before it forgets them all."""


class Canonicaliser:
    """Canonical forms under one symmetry."""

    def __init__(self, system: System, layout: Layout, packing: Packing, symmetry: Symmetry) -> None:
        self._seal = packing.seal
        sizes = tuple(size_of(cell.type) for cell in layout.cells)
        self._parts: list[Sorter | Exact] = []
        for component in components(layout, system, symmetry):
            single = len(component.orbits) == 1 and all(len(spot.coordinates) <= 1 for spot in component.spots)
            self._parts.append(Sorter(component, sizes) if single else Exact(component))

    def __call__(self, state: Packed) -> Packed:
        current = list(state)
        for part in self._parts:
            current = part.apply(current)
        return self._seal(current)


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one kind through all blocks of an orbit. If they can hold members, `relative` has, per block, each
    position that is none of another block: as it is, or -1 - slot for a member of the cell's own block.
    """

    places: tuple[int, ...]
    relative: tuple[dict[int, int], ...]
    absolute: tuple[dict[int, int], ...]


class Sorter:
    """Sorts the blocks of one orbit whose cells have one coordinate at most."""

    def __init__(self, component: Component, sizes: tuple[int, ...]) -> None:
        (blocks,) = component.orbits
        self._rank = {number: i for i, number in enumerate(blocks)}
        self._component = component
        columns: dict[int, dict[int, Spot]] = defaultdict(dict)
        for spot in component.spots:
            if spot.coordinates:
                columns[spot.template][self._rank[spot.coordinates[0]]] = spot
        self._marks = tuple(spot for spot in component.spots if not spot.coordinates)
        self._blocks = blocks
        self._sorted = list(range(len(blocks)))
        self._exact = Exact(component)
        ordered = [[column[i] for i in range(len(blocks))] for _, column in sorted(columns.items())]
        self._columns = tuple(self._column(column, sizes[column[0].place]) for column in ordered)

    def _column(self, spots: list[Spot], size: int) -> Column:
        places = tuple(spot.place for spot in spots)
        if spots[0].holder < 0:
            return Column(places, (), ())
        members = self._component.members[spots[0].holder]
        plain = {position: position for position in range(size) if position not in members}
        own: dict[int, dict[int, int]] = {number: {} for number in self._blocks}
        for position, (number, slot) in members.items():
            own[number][position] = -1 - slot
        relative = tuple({**plain, **own[number]} for number in self._blocks)
        return Column(places, relative, tuple({new: old for old, new in table.items()} for table in relative))

    def apply(self, state: list[int]) -> list[int]:
        """The canonical form."""
        columns = []
        for column in self._columns:
            cells = [state[place] for place in column.places]
            if column.relative:
                try:
                    cells = [table[cell] for table, cell in zip(column.relative, cells, strict=True)]
                except KeyError:
                    return self._exact.apply(state)
            columns.append(cells)
        rows: list[tuple[int, ...]] = list(zip(*columns, strict=True)) or [()] * len(self._blocks)
        marked = []
        for mark, spot in enumerate(self._marks):
            found = self._component.members[spot.holder].get(state[spot.place])
            if found is not None:
                rank = self._rank[found[0]]
                marked.append((spot, rank, found[1]))
                rows[rank] = (*rows[rank], mark, found[1])
        order = sorted(range(len(rows)), key=rows.__getitem__)
        if order == self._sorted:
            return state
        result = list(state)
        for column, cells in zip(self._columns, columns, strict=True):
            cells = [cells[old] for old in order]
            if column.absolute:
                cells = [table[cell] for table, cell in zip(column.absolute, cells, strict=True)]
            for place, cell in zip(column.places, cells, strict=True):
                result[place] = cell
        for spot, old, slot in marked:
            new = self._blocks[order.index(old)]
            result[spot.place] = self._component.positions[spot.holder][new, slot]
        return result


class Exact:
    """Canonical forms by refinement and search, for orbits related in any way."""

    def __init__(self, component: Component) -> None:
        self._component = component
        self._places = {(spot.template, spot.coordinates): spot.place for spot in component.spots}
        self._blocks = [number for orbit in component.orbits for number in orbit]
        self._start = {number: i for i, orbit in enumerate(component.orbits) for number in orbit}
        self._memory: dict[tuple[int, ...], list[int]] = {}

    def apply(self, state: list[int]) -> list[int]:
        """The canonical form."""
        key = tuple(state)
        found = self._memory.get(key)
        if found is None:
            if len(self._memory) >= MEMORY:
                self._memory.clear()
            found = self._memory[key] = min(self._leaves(state, dict(self._start)))
        return found

    def _leaves(self, state: list[int], colours: dict[int, int]) -> Iterator[list[int]]:
        """The image of the state for each way to order its blocks that refinement and symmetry leave open."""
        colours = self._refined(state, colours)
        classes: dict[int, list[int]] = defaultdict(list)
        for number, colour in colours.items():
            classes[colour].append(number)
        tied = [classes[colour] for colour in sorted(classes) if len(classes[colour]) > 1]
        if not tied:
            yield self._image(state, self._ordering(colours))
            return
        members = tied[0]
        chosen: list[int] = []
        for number in members:
            if not any(self._twins(state, number, other) for other in chosen):
                chosen.append(number)
        if len(chosen) == 1:
            yield from self._leaves(state, self._separated(colours, members))
            return
        for number in chosen:
            yield from self._leaves(state, self._separated(colours, [number]))

    def _separated(self, colours: dict[int, int], members: list[int]) -> dict[int, int]:
        """The colouring with the members, in order, in front of the others of their colour."""
        spread = len(members) + 1
        own = {number: i for i, number in enumerate(members)}
        return {number: colour * spread + own.get(number, len(members)) for number, colour in colours.items()}

    def _refined(self, state: list[int], colours: dict[int, int]) -> dict[int, int]:
        members = self._component.members
        count = 0
        while len(set(colours.values())) != count:
            count = len(set(colours.values()))
            seen: dict[int, list[tuple[int, ...]]] = {number: [] for number in self._blocks}
            for spot in self._component.spots:
                held = members[spot.holder].get(state[spot.place]) if spot.holder >= 0 else None
                around = [colours[c] for c in spot.coordinates]
                value = (-1, state[spot.place]) if held is None else (colours[held[0]], held[1])
                for c in spot.coordinates:
                    same = [int(c == other) for other in spot.coordinates]
                    own = int(held is not None and held[0] == c)
                    seen[c].append((0, spot.template, *value, own, *around, *same))
                if held is not None:
                    seen[held[0]].append((1, spot.template, held[1], *around))
            keys = {number: (colours[number], tuple(sorted(rows))) for number, rows in seen.items()}
            rank = {key: i for i, key in enumerate(sorted(set(keys.values())))}
            colours = {number: rank[key] for number, key in keys.items()}
        return colours

    def _ordering(self, colours: dict[int, int]) -> dict[int, int]:
        """Where each block goes, when all colours differ."""
        moves: dict[int, int] = {}
        for orbit in self._component.orbits:
            moves.update(zip(sorted(orbit, key=colours.__getitem__), orbit, strict=True))
        return moves

    def _image(self, state: list[int], moves: dict[int, int]) -> list[int]:
        result = list(state)
        for spot in self._component.spots:
            place = self._places[spot.template, tuple(moves[c] for c in spot.coordinates)]
            result[place] = self._moved(spot, state[spot.place], moves)
        return result

    def _moved(self, spot: Spot, value: int, moves: dict[int, int]) -> int:
        held = self._component.members[spot.holder].get(value) if spot.holder >= 0 else None
        if held is None:
            return value
        return self._component.positions[spot.holder][moves.get(held[0], held[0]), held[1]]

    def _twins(self, state: list[int], a: int, b: int) -> bool:
        """Whether exchanging two blocks leaves the state as it is."""
        moves = {a: b, b: a}
        return all(
            state[self._places[spot.template, tuple(moves.get(c, c) for c in spot.coordinates)]]
            == self._moved(spot, state[spot.place], moves)
            for spot in self._component.spots
        )
