"""Sets of states that are boxes, and what symmetry makes of them.

A *cube* lists some places of a state with the values that are allowed there (bit i for value i of the cell's type), in
the order of places; other places may hold anything. Its negation is a clause. Boxes over whole cells, not over bits,
are what a person reads: `hv.at in {flip, remap}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations, product

from verifier.engines.proof.inference.circuit import Circuit
from verifier.engines.proof.inference.gates import Literal
from verifier.system.layout import State
from verifier.system.symmetry import Symmetry
from verifier.system.types import OptionalType, SortType, Type, Value, position_of, values_of

Cube = tuple[tuple[int, int], ...]
Lits = tuple[tuple[Literal, ...], ...]
"""For each place, the literals of its values: `Circuit.before` or `Circuit.after`."""

Seat = tuple[int, int]
"""An orbit's number and a block's number in it."""

LARGEST_ORBIT = 2_000
"""A clause's images beyond so many are left out: fewer clauses are sound, only weaker."""


class Cubes:
    """Cubes over the places of one circuit, under one symmetry."""

    def __init__(self, circuit: Circuit, symmetry: Symmetry) -> None:
        self._circuit = circuit
        self._sizes = tuple(len(orbit) for orbit in symmetry.orbits)
        self._seat: dict[tuple[str, Value], tuple[int, int, int]] = {
            member: (number, index, slot)
            for number, orbit in enumerate(symmetry.orbits)
            for index, block in enumerate(orbit)
            for slot, member in enumerate(block)
        }
        self._member = {seat: member[1] for member, seat in self._seat.items()}
        self.everything = tuple((1 << len(values)) - 1 for values in circuit.values)
        self._points = {f.name: f.parameters for f in circuit.system.state_functions}
        self._groups: dict[Type, tuple[int, ...]] = {}

    # Sets

    def of_state(self, state: State) -> Cube:
        """The cube of this state alone."""
        return tuple(
            (place, 1 << position_of(cell.type, value))
            for place, (cell, value) in enumerate(zip(self._circuit.layout.cells, state, strict=True))
            if self.everything[place] != 1
        )

    def meets_initial(self, cube: Cube) -> bool:
        initial = self._circuit.initial
        return all(initial[place] & mask for place, mask in cube)

    def initial_state_in(self, cube: Cube) -> State:
        """The first initial state of a cube that has some."""
        masks = list(self._circuit.initial)
        for place, mask in cube:
            masks[place] &= mask
        return tuple(
            values[(mask & -mask).bit_length() - 1] for values, mask in zip(self._circuit.values, masks, strict=True)
        )

    # Literals

    def parts(self, cube: Cube, literals: Lits) -> Iterator[tuple[Literal, int, int]]:
        """Literals that together say "in the cube", each with its place and the values that it excludes there."""
        for place, mask in cube:
            if mask & (mask - 1):
                for index, literal in enumerate(literals[place]):
                    if not mask >> index & 1:
                        yield -literal, place, 1 << index
            else:
                yield literals[place][mask.bit_length() - 1], place, self.everything[place] & ~mask

    def clause(self, cube: Cube, literals: Lits) -> list[Literal]:
        """The clause "not in the cube"."""
        return [-literal for literal, _, _ in self.parts(cube, literals)]

    # Symmetry

    def seats(self, place: int) -> tuple[Seat, ...]:
        """The blocks that the point of a place is made of."""
        cell = self._circuit.layout.cells[place]
        found = (
            self._seat.get((kind.sort.name, value))
            for kind, value in zip(self._points[cell.function], cell.point, strict=True)
            if isinstance(kind, SortType)
        )
        return tuple((seat[0], seat[1]) for seat in found if seat is not None)

    def groups(self, place: int) -> tuple[int, ...]:
        """The values of a place in groups: fixed values alone, the members in one slot of an orbit together."""
        kind = self._circuit.layout.cells[place].type
        if kind not in self._groups:
            masks: dict[object, int] = {}
            for index, value in enumerate(values_of(kind)):
                seat = self._seat_of(kind, value)
                key = ("fixed", index) if seat is None else ("orbit", seat[0], seat[2])
                masks[key] = masks.get(key, 0) | 1 << index
            self._groups[kind] = tuple(masks.values())
        return self._groups[kind]

    def _seat_of(self, kind: Type, value: Value) -> tuple[int, int, int] | None:
        base = kind.base if isinstance(kind, OptionalType) else kind
        if value is None or not isinstance(base, SortType):
            return None
        return self._seat.get((base.sort.name, value))

    def mentioned(self, cube: Cube) -> tuple[Seat, ...]:
        """The blocks that the cube tells from others of their orbit, in order of orbits and of their appearance."""
        found: dict[Seat, None] = {}
        for place, mask in cube:
            found.update(dict.fromkeys(self.seats(place)))
            kind = self._circuit.layout.cells[place].type
            values = values_of(kind)
            for group in self.groups(place):
                inside, outside = group & mask, group & ~mask
                if inside and outside:
                    fewer = min(inside, outside, key=int.bit_count)
                    for index, value in enumerate(values):
                        if fewer >> index & 1:
                            seat = self._seat_of(kind, value)
                            assert seat is not None
                            found[seat[0], seat[1]] = None
        return tuple(sorted(found, key=lambda seat: seat[0]))

    def images(self, cube: Cube) -> list[Cube]:
        """The cube and its images under the symmetry, at most LARGEST_ORBIT of them, without repetition."""
        mentioned = self.mentioned(cube)
        by_orbit: dict[int, list[int]] = {}
        for number, block in mentioned:
            by_orbit.setdefault(number, []).append(block)
        ways = [permutations(range(self._sizes[number]), len(blocks)) for number, blocks in by_orbit.items()]
        found: dict[Cube, None] = {cube: None}
        for targets in product(*ways):
            moves = {
                number: _completed(blocks, target, self._sizes[number])
                for (number, blocks), target in zip(by_orbit.items(), targets, strict=True)
            }
            found[self._moved(cube, moves)] = None
            if len(found) >= LARGEST_ORBIT:
                break
        return list(found)

    def _moved(self, cube: Cube, moves: dict[int, list[int]]) -> Cube:
        return tuple(
            sorted((self._moved_place(place, moves), self._moved_mask(place, mask, moves)) for place, mask in cube)
        )

    def _moved_value(self, kind: Type, value: Value, moves: dict[int, list[int]]) -> Value:
        seat = self._seat_of(kind, value)
        if seat is None or seat[0] not in moves:
            return value
        return self._member[seat[0], moves[seat[0]][seat[1]], seat[2]]

    def _moved_place(self, place: int, moves: dict[int, list[int]]) -> int:
        cell = self._circuit.layout.cells[place]
        kinds = self._points[cell.function]
        point = tuple(self._moved_value(kind, value, moves) for kind, value in zip(kinds, cell.point, strict=True))
        return place if point == cell.point else self._circuit.layout.place(cell.function, point)

    def _moved_mask(self, place: int, mask: int, moves: dict[int, list[int]]) -> int:
        kind = self._circuit.layout.cells[place].type
        if all(group & mask in (0, group) for group in self.groups(place)):
            return mask
        moved = 0
        for index, value in enumerate(values_of(kind)):
            if mask >> index & 1:
                moved |= 1 << position_of(kind, self._moved_value(kind, value, moves))
        return moved


def subsumes(large: Cube, small: Mapping[int, int]) -> bool:
    """Whether every state of the small cube, by place, is one of the large one."""
    for place, mask in large:
        inside = small.get(place)
        if inside is None or inside & ~mask:
            return False
    return True


def _completed(blocks: list[int], target: tuple[int, ...], size: int) -> list[int]:
    """The permutation that takes `blocks` to `target` and keeps the order of all others."""
    image = [0] * size
    for block, to in zip(blocks, target, strict=True):
        image[block] = to
    taken = set(target)
    free = (index for index in range(size) if index not in taken)
    for block in range(size):
        if block not in blocks:
            image[block] = next(free)
    return image
