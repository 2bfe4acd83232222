"""Patterns in fewer words.

Two patterns that differ in what one cell may hold say together what one pattern says that allows both; a cell that may
hold anything need not be spoken of. This changes nothing of what is said, as long as it is said of the same blocks: a
pattern of two blocks says nothing where there is only one.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.engines.proof.family import Family, Fixed, Placed
from verifier.engines.proof.inference.formulas import complement
from verifier.engines.proof.inference.patterns import Item, Literal, Others, Pattern
from verifier.system.types import Type


def simplified(patterns: Sequence[Pattern], family: Family) -> list[Pattern]:
    """Patterns that exclude the same states."""
    left = list(dict.fromkeys(patterns))
    while (merged := _merged(left, family)) is not None:
        left = merged
    return left


def _merged(patterns: list[Pattern], family: Family) -> list[Pattern] | None:
    """One merge, if there is any."""
    seen: dict[tuple[object, ...], tuple[int, Literal]] = {}
    for number, pattern in enumerate(patterns):
        for index, literal in enumerate(pattern.literals):
            rest = (*pattern.literals[:index], *pattern.literals[index + 1 :])
            key = (index, rest, literal.function, literal.point)
            if key in seen and patterns[seen[key][0]].blocks() == pattern.blocks():
                other, twin = seen[key]
                kind = family.text.function(literal.function).result
                both = union(literal.allowed, twin.allowed, kind, family)
                made = () if not complement(both, kind, family) else (Literal(literal.function, literal.point, both),)
                new = Pattern((*rest[:index], *made, *rest[index:]))
                if new.blocks() != pattern.blocks():
                    continue
                kept = [p for n, p in enumerate(patterns) if n not in (number, other) and p != new]
                return [*kept[:other], new, *kept[other:]]
            seen[key] = number, literal
    return None


def union(one: tuple[Item, ...], other: tuple[Item, ...], kind: Type, family: Family) -> tuple[Item, ...]:
    """The values of either."""
    excluded = complement(one, kind, family)
    found: list[Item] = []
    for item in excluded:
        match item:
            case Fixed():
                if item not in other:
                    found.append(item)
            case Placed():
                if not _has(other, item):
                    found.append(item)
            case Others(orbit, slot, blocks):
                here = [i for i in other if isinstance(i, Placed | Others) and (i.orbit, i.slot) == (orbit, slot)]
                whole = next((i for i in here if isinstance(i, Others)), None)
                placed = {i.block for i in here if isinstance(i, Placed)}
                if whole is None:
                    found.append(Others(orbit, slot, tuple(sorted({*blocks, *placed}))))
                else:
                    found += [Placed(orbit, slot, b) for b in whole.blocks if b not in blocks and b not in placed]
    return complement(tuple(found), kind, family)


def _has(items: tuple[Item, ...], member: Placed) -> bool:
    return member in items or any(
        isinstance(i, Others) and (i.orbit, i.slot) == (member.orbit, member.slot) and member.block not in i.blocks
        for i in items
    )
