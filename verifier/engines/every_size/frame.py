"""What a search of all sizes rests on: one system with room enough, and what shows that others differ in size only.

A size is free if one more of it is one more block of an orbit, and changes nothing else. What is compared are the
systems themselves, not what they are thought to come from: the one that is searched, for each size the one with a block
less, the smallest one, and the instance in question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.engines.every_size.many import NotForEverySize, many
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.orbits import components
from verifier.system.alike import difference
from verifier.system.family import Family, Kept
from verifier.system.interpreter import Interpreter
from verifier.system.layout import Layout
from verifier.system.symmetry import Orbit, Symmetry, infer
from verifier.system.system import Anything, Property, PropertyKind, System

ROOM = 20
"""How large free sizes are at first in the system that is searched."""

BUILT_IN = (PropertyKind.RANGE, PropertyKind.CONFLICT)
"""A step that breaks one of these does not take place, so nothing is known of other claims without them."""

LARGEST = 200
"""From here on the search is not worth while."""


@dataclass(frozen=True)
class Frame:
    """`symmetry` has the orbits of the free sizes, `orbit_of` the orbit's number for each of them.

    For each orbit, `many` equal blocks stand for any larger number, `least` is how few blocks there may be, and `fixed`
    is by how much the sizes exceed the number of blocks: so many members are named.
    """

    program: Program
    claims: tuple[Property, ...]
    symmetry: Symmetry
    free: tuple[int, ...]
    orbit_of: tuple[int, ...]
    many: tuple[int, ...]
    least: tuple[int, ...]
    fixed: tuple[int, ...]
    kept: tuple[Kept, ...]


class Builder:
    """Finds the free sizes of a family. Those that turn out not to be free are kept at what the instance chooses."""

    def __init__(self, family: Family, claims: tuple[str, ...]) -> None:
        self._family = family
        self._claims = claims
        self._free = tuple(range(len(family.sizes)))
        self._kept = list(family.kept)
        self._room = [ROOM] * len(family.sizes)

    def build(self) -> Frame:
        """A frame, which is still to be confirmed. Raises NotForEverySize."""
        while self._free:
            frame = self._attempt()
            if frame is not None:
                return frame
        raise NotForEverySize("; ".join(f"{kept}: {kept.reason}" for kept in self._kept) or "nothing has a size")

    def enlarge(self, frame: Frame, orbit: int) -> None:
        """Gives the orbit twice the room in the frames to come. Raises NotForEverySize if there is no more."""
        for i, number in zip(frame.free, frame.orbit_of, strict=True):
            if number == orbit:
                size = self._family.sizes[i]
                largest = min(LARGEST, size.most)
                if self._room[i] >= largest:
                    raise NotForEverySize(f"{size} would have to be larger than {largest}")
                self._room[i] *= 2

    def _attempt(self) -> Frame | None:
        """A frame; None if one of the sizes is not free after all."""
        numbers, system = self._roomy()
        program = Program(system)
        claims = tuple(c for c in system.properties if c.name in self._claims or c.kind in BUILT_IN)
        orbits = infer(program.interpreter, claims).orbits
        refused: dict[int, str] = {}
        grown: dict[int, Orbit] = {}
        for i in self._free:
            try:
                grown[i] = self._grown(i, numbers, orbits)
            except NotForEverySize as reason:
                refused[i] = str(reason)
        chosen: dict[Orbit, int] = {}
        for i, orbit in grown.items():
            try:
                if orbit not in chosen:
                    _check_cells(system, program.interpreter.layout, (*chosen, orbit))
                    chosen[orbit] = many(system, claims, frozenset(sort for sort, _ in orbit[0]))
            except NotForEverySize as reason:
                refused[i] = str(reason)
        for i, why in refused.items():
            size = self._family.sizes[i]
            self._kept.append(Kept(size.names, size.here, why))
        if refused:
            self._free = tuple(i for i in self._free if i not in refused)
            return None
        places = {orbit: number for number, orbit in enumerate(chosen)}
        fixed = tuple(sum(numbers[i] for i in self._free if grown[i] == orbit) - len(orbit) for orbit in chosen)
        asked = tuple(sum(self._family.sizes[i].least for i in self._free if grown[i] == orbit) for orbit in chosen)
        return Frame(
            program=program,
            claims=claims,
            symmetry=Symmetry(tuple(chosen)),
            free=self._free,
            orbit_of=tuple(places[grown[i]] for i in self._free),
            many=tuple(chosen.values()),
            least=tuple(
                min(many, max(int(not named), least - named))
                for many, least, named in zip(chosen.values(), asked, fixed, strict=True)
            ),
            fixed=fixed,
            kept=tuple(self._kept),
        )

    def _roomy(self) -> tuple[tuple[int, ...], System]:
        """Sizes with room, and the system. What names the tenth page needs ten, and room besides."""
        sizes = self._family.sizes
        for beyond in (0, max(size.here for size in sizes)):
            numbers = tuple(
                min(size.most, self._room[i] + beyond) if i in self._free else size.here for i, size in enumerate(sizes)
            )
            system = self._family.at(numbers)
            if system is not None:
                return numbers, system
        raise NotForEverySize("a larger instance cannot be made")

    def _grown(self, i: int, numbers: tuple[int, ...], orbits: tuple[Orbit, ...]) -> Orbit:
        """The orbit that has one more block if size number i is one more. Raises NotForEverySize if there is none."""
        system = self._family.at(numbers)
        fewer = self._family.at(_one_less(numbers, i))
        if system is None or fewer is None:
            raise NotForEverySize("a smaller instance cannot be made")
        new = frozenset(
            (large.name, index)
            for small, large in zip(fewer.sorts, system.sorts, strict=True)
            for index, member in enumerate(large.members)
            if member not in small.members
        )
        for orbit in orbits:
            if any(frozenset(block) == new for block in orbit):
                return orbit
        raise NotForEverySize("its members are told apart")

    def confirm(self, frame: Frame) -> None:
        """All systems that are compared differ from the one that is searched in size only.

        Raises NotForEverySize; then nothing that was found in the frame means anything.
        """
        family, free = self._family, frame.free
        numbers, _ = self._roomy()
        smallest = tuple(1 if i in free else n for i, n in enumerate(numbers))
        here = family.here
        common = tuple(map(min, here, numbers))
        pairs = [(smallest, numbers), (common, numbers), (common, here)]
        pairs += [(_one_less(numbers, i), numbers) for i in free]
        for few, more in pairs:
            small, large = family.at(few), family.at(more)
            if small is None and few == smallest:
                continue  # something is named that it would not have
            if small is None or large is None:
                raise NotForEverySize("the instance cannot be made without simplifications")
            reason = difference(small, large, self._claims)
            if reason is not None:
                raise NotForEverySize(f"more than members depends on the size: {reason}")
        if common != here:
            self._confirm_larger(frame, numbers)

    def _confirm_larger(self, frame: Frame, numbers: tuple[int, ...]) -> None:
        """The blocks that the instance has beyond those of the system that is searched are like those."""
        family = self._family
        instance = family.at(family.here)
        assert instance is not None
        claims = [claim for claim in instance.properties if claim.name in self._claims]
        names = {
            frozenset(_named(block, instance)): orbit
            for orbit in infer(Interpreter(instance), claims).orbits
            for block in orbit
        }
        for number, orbit in enumerate(frame.symmetry.orbits):
            wanted = len(orbit) + sum(
                family.here[i] - numbers[i] for i, o in zip(frame.free, frame.orbit_of, strict=True) if o == number
            )
            shared = [b for b in orbit if frozenset(_named(b, frame.program.system)) in names]
            there = {names[frozenset(_named(block, frame.program.system))] for block in shared}
            if wanted > 1 and (len(there) != 1 or len(next(iter(there))) != wanted):
                raise NotForEverySize("what the instance has more of is not like the rest")


def _one_less(numbers: tuple[int, ...], i: int) -> tuple[int, ...]:
    """The sizes with one less of number i."""
    return tuple(n - (i == j) for j, n in enumerate(numbers))


def _named(block: tuple[tuple[str, int], ...], system: System) -> Iterator[tuple[str, str]]:
    members = {sort.name: sort.members for sort in system.sorts}
    for sort, index in block:
        yield sort, members[sort][index]


def _check_cells(system: System, layout: Layout, orbits: tuple[Orbit, ...]) -> None:
    """Every cell must be about one block at most, and not start as anything. Raises NotForEverySize.

    If it is about a block, it must not hold members of an orbit of other sorts. That it never holds those of another
    block of its own sorts, as a page table need not, is for the search to see.
    """
    sorts = [frozenset(sort for sort, _ in orbit[0]) for orbit in orbits]
    orbit_of = [number for number, orbit in enumerate(orbits) for _ in orbit]
    free = {function.name for function in system.state_functions if isinstance(function.initial, Anything)}
    for part in components(layout, system, Symmetry(orbits)):
        for spot in part.spots:
            cell = layout.cells[spot.place]
            if cell.function in free:
                raise NotForEverySize(f"`{cell.function}` may be anything at first")
            if len(spot.coordinates) > 1:
                raise NotForEverySize(f"`{cell.function}` relates them to one another")
            if spot.coordinates and spot.holder >= 0:
                own = sorts[orbit_of[spot.coordinates[0]]]
                held = {orbit_of[block] for block, _ in part.members[spot.holder].values()}
                if any(own.isdisjoint(sorts[orbit]) for orbit in held):
                    raise NotForEverySize(f"`{cell.function}` relates them to others")
