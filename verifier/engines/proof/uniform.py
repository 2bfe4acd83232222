"""The family that all instances of a specification belong to, as far as its sizes can be chosen freely.

It is read off one instance, and others, each larger in one size, must give the same. That the specification elaborates
to the same text at all other sizes too is what `verifier.language.sizes` establishes by reading it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from verifier.engines.proof.conditions import PROGRESS_CLAIMS, STATE_CLAIMS, STEP_CLAIMS
from verifier.engines.proof.family import Family, NotUniformError, family_of
from verifier.engines.proof.inference.classes import Named, with_words
from verifier.engines.proof.instances import difference, sizes_in
from verifier.system.family import Family as Systems
from verifier.system.family import Kept, Size
from verifier.system.system import Property, System

FEWEST, MOST = 3, 7
"""The sizes of instances that are looked at: from the first, up to the second if a pattern needs more room."""

MOST_COMPARED = 60
"""All sizes of an instance together, beyond which it is not compared with the family."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """A family, and what it says of a specification.

    It has all systems whose sizes are `least` or more; `kept` are the sizes that stay what they are in the instance.
    `source` is the instance it was read off. `covers_instance` says whether the instance in question is one of them.
    """

    family: Family
    source: System
    least: tuple[tuple[Size, int], ...]
    kept: tuple[Kept, ...]
    covers_instance: bool

    def describe(self) -> str:
        """For which sizes a proof is valid: "every window >= 2, rest = own >= 1"; empty if none is open."""
        return ", ".join(f"{size} >= {least}" for size, least in self.least)


def uniform(systems: Systems, named: Named = lambda _sort, _like: None) -> Uniform:
    """The family of the systems. Raises NotUniformError, which says why there is none.

    `named` gives words for the classes of members, for lemmas.
    """
    reason = "there is no such instance"
    for fewest in range(FEWEST, MOST + 1):
        numbers = tuple(fewest if size.most > fewest else size.here for size in systems.sizes)
        try:
            return _read_off(systems, numbers, named)
        except NotUniformError as error:
            reason = str(error)
    raise NotUniformError(reason)


def _read_off(systems: Systems, numbers: tuple[int, ...], named: Named) -> Uniform:
    plain, claims = _system(systems, numbers)
    source = with_words(plain, claims, named)
    family = family_of(source, claims)
    blocks = sizes_in(family, source, claims, source)
    least = []
    for index, size in enumerate(systems.sizes):
        if size.most <= numbers[index]:
            continue
        more = tuple(n + (i == index) for i, n in enumerate(numbers))
        larger, again = _system(systems, more)
        larger = with_words(larger, again, named)
        changed = difference(family, larger, again)
        if changed is not None:
            raise NotUniformError(f"with {size} = {more[index]} it is another system: {changed}")
        grown = [b - a for a, b in zip(blocks, sizes_in(family, larger, again, larger), strict=True)]
        if set(grown) - {0, 1} or 1 not in grown:
            raise NotUniformError(f"one more in {size} is not one more of any members that are alike")
        least.append((size, max(numbers[index] - blocks[o] + 1 for o, step in enumerate(grown) if step)))
    return Uniform(family, source, tuple(least), systems.kept, _covers(systems, numbers, plain, claims))


def _system(systems: Systems, numbers: tuple[int, ...]) -> tuple[System, tuple[Property, ...]]:
    system = systems.at(numbers)
    if system is None:
        raise NotUniformError(f"there is no instance with the sizes {', '.join(map(str, numbers))}")
    claims = tuple(c for c in system.properties if c.kind in STATE_CLAIMS + STEP_CLAIMS + PROGRESS_CLAIMS)
    # What else there is may name members that these claims do not tell apart.
    return replace(system, properties=claims), claims


def _covers(systems: Systems, numbers: tuple[int, ...], source: System, claims: tuple[Property, ...]) -> bool:
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
    family = family_of(source, claims)
    try:
        if difference(family, around, again) is None:
            sizes_in(family, around, again, here)
            return True
    except NotUniformError:
        pass
    return False
