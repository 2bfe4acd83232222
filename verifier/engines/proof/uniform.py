"""The family that all instances of a specification belong to, as far as its sizes can be chosen freely.

It is read off one instance, and others, each larger in one size, must give the same. That the specification elaborates
to the same text at all other sizes too is what `verifier.language.sizes` establishes by reading it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from verifier.engines.proof.conditions import PROGRESS_CLAIMS, STATE_CLAIMS, STEP_CLAIMS
from verifier.engines.proof.family import Family, Named, NotUniformError, family_of
from verifier.engines.proof.inference.classes import Named as Words
from verifier.engines.proof.inference.classes import with_words
from verifier.engines.proof.instances import difference, sizes_in
from verifier.system.family import Family as Systems
from verifier.system.family import Kept, Size
from verifier.system.interpreter import Interpreter
from verifier.system.symmetry import infer
from verifier.system.system import Property, System

FEWEST, MOST = 3, 7
"""The sizes of instances that are looked at: from the first, up to the second if a pattern needs more room."""

MOST_COMPARED = 60
"""All sizes of an instance together, beyond which it is not compared with the family."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """A family, and what it says of a specification.

    It has all systems whose sizes are `least` or more; `kept` are the sizes that stay what they are in the instance,
    and so does the number of whatever no free size makes more of. `source` is the instance it was read off, and
    `covers_instance` says whether the instance in question is one of them. `grows` says for each of the free sizes how
    many blocks of each orbit one more of it makes; `systems` are those of the specification, `named` gives words for
    the classes of their members.
    """

    family: Family
    source: System
    least: tuple[tuple[Size, int], ...]
    kept: tuple[Kept, ...]
    covers_instance: bool
    grows: tuple[tuple[int, ...], ...]
    systems: Systems
    named: Words

    def instance(self, numbers: tuple[int, ...]) -> System | None:
        """The specification's own system with these numbers for the free sizes; None if there is none."""
        chosen = {size: number for (size, _), number in zip(self.least, numbers, strict=True)}
        return self.systems.at(tuple(chosen.get(size, size.here) for size in self.systems.sizes))

    def describe(self) -> str:
        """For which sizes a proof is valid: "every window >= 2, rest = own >= 1"; empty if none is open."""
        return ", ".join(f"{size} >= {least}" for size, least in self.least)


def uniform(systems: Systems, named: Words = lambda _sort, _like: None) -> Uniform:
    """The family of the systems. Raises NotUniformError, which says why there is none."""
    reason = "there is no such instance"
    for fewest in range(FEWEST, MOST + 1):
        numbers = tuple(fewest if size.most > fewest else size.here for size in systems.sizes)
        try:
            return _read_off(systems, numbers, named)
        except NotUniformError as error:
            reason = str(error)
    raise NotUniformError(reason)


def _read_off(systems: Systems, numbers: tuple[int, ...], named: Words) -> Uniform:
    plain, claims = _system(systems, numbers)
    apart = _apart(systems, numbers)
    source = with_words(plain, claims, named, apart)
    family = family_of(source, claims, apart)
    blocks = sizes_in(family, source, claims, source)
    grows: dict[int, list[int]] = {}
    for index, size, more in _larger(systems, numbers):
        larger, again = _system(systems, more)
        larger = with_words(larger, again, named, apart)
        changed = difference(family, larger, again)
        if changed is not None:
            raise NotUniformError(f"with {size} = {more[index]} it is another system: {changed}")
        grown = [b - a for a, b in zip(blocks, sizes_in(family, larger, again, larger), strict=True)]
        if set(grown) - {0, 1} or 1 not in grown:
            raise NotUniformError(f"one more in {size} is not one more of any members that are alike")
        grows[index] = grown
    least, fewest = _leasts(systems, numbers, blocks, grows)
    family = replace(family, least=fewest)
    covers = _covers(systems, numbers, plain, claims, family)
    return Uniform(family, source, least, systems.kept, covers, tuple(map(tuple, grows.values())), systems, named)


def _larger(systems: Systems, numbers: tuple[int, ...]) -> Iterator[tuple[int, Size, tuple[int, ...]]]:
    """For each size that can be more than its number: its index, it, and the numbers with one more of it."""
    for index, size in enumerate(systems.sizes):
        if size.most > numbers[index]:
            yield index, size, tuple(n + (i == index) for i, n in enumerate(numbers))


def _apart(systems: Systems, numbers: tuple[int, ...]) -> frozenset[Named]:
    """The members that are alike, and that no free size makes more of."""
    plain, claims = _system(systems, numbers)
    present = {(sort.name, member) for sort in plain.sorts for member in sort.members}
    growing: set[Named] = set()
    for _, _, more in _larger(systems, numbers):
        for orbit in _orbits(*_system(systems, more)):
            if not orbit <= present:
                growing |= orbit
    return frozenset(chain.from_iterable(orbit for orbit in _orbits(plain, claims) if not orbit & growing))


def _orbits(system: System, claims: tuple[Property, ...]) -> list[set[Named]]:
    """The members of each orbit of the system, by name."""
    members = {sort.name: sort.members for sort in system.sorts}
    orbits = infer(Interpreter(system), claims).orbits
    return [{(sort, members[sort][index]) for block in orbit for sort, index in block} for orbit in orbits]


def _leasts(
    systems: Systems, numbers: tuple[int, ...], blocks: tuple[int, ...], grows: Mapping[int, Sequence[int]]
) -> tuple[tuple[tuple[Size, int], ...], tuple[int, ...]]:
    """From which sizes on the family has its systems, as far as they are asked for, and with how many blocks then.

    `grows` says of each size by how much each orbit grows with it. Named members are no blocks, so a size can be too
    small for any. Nor is there a system without what the specification names, be it in a claim that is left out here.
    """
    least = {index: _first_there(systems, numbers, index) for index in grows}

    def fewest(orbit: int) -> int:
        return blocks[orbit] - sum((numbers[index] - least[index]) * grown[orbit] for index, grown in grows.items())

    for orbit in range(len(blocks)):
        first = next((index for index, grown in grows.items() if grown[orbit]), None)
        if first is None:
            raise NotUniformError("there are members that are alike, and no size makes more of them")
        least[first] += max(0, 1 - fewest(orbit))
    return tuple((systems.sizes[index], n) for index, n in least.items()), tuple(map(fewest, range(len(blocks))))


def _first_there(systems: Systems, numbers: tuple[int, ...], index: int) -> int:
    """From which number of this size on there are systems, the other sizes being as they are."""
    least = systems.sizes[index].least
    smaller = range(numbers[index] - 1, least - 1, -1)
    missing = (n for n in smaller if systems.at((*numbers[:index], n, *numbers[index + 1 :])) is None)
    return max(least, next(missing, least - 1) + 1)


def _system(systems: Systems, numbers: tuple[int, ...]) -> tuple[System, tuple[Property, ...]]:
    system = systems.at(numbers)
    if system is None:
        raise NotUniformError(f"there is no instance with the sizes {', '.join(map(str, numbers))}")
    claims = tuple(c for c in system.properties if c.kind in STATE_CLAIMS + STEP_CLAIMS + PROGRESS_CLAIMS)
    # What else there is may name members that these claims do not tell apart.
    return replace(system, properties=claims), claims


def _covers(
    systems: Systems, numbers: tuple[int, ...], source: System, claims: tuple[Property, ...], like: Family
) -> bool:
    """Whether the instance in question is one of the family. It is compared without the words: they change nothing.

    Its members are known by their names in an instance that is at least as large as both. One that is too large to be
    compared is taken to be in the family: see above.
    """
    if systems.at(systems.here) is None:
        return False
    largest = tuple(map(max, numbers, systems.here))
    if sum(largest) > MOST_COMPARED:
        return True
    here, _ = _system(systems, systems.here)
    around, again = _system(systems, largest)
    family = replace(family_of(source, claims, like.apart), least=like.least)
    try:
        if difference(family, around, again) is None:
            sizes_in(family, around, again, here)
            return True
    except NotUniformError:
        pass
    return False
