"""Which sizes of a specification an instance may choose freely, and the systems that come of it.

Where the specification says `for any`, these are the sizes that it names, from the least on that it says.
A size is that of a region, or of a sort that has nothing but a size. Regions with pages or addresses in common have one
size together. A size cannot be chosen freely if the text reads it, so that another number would be another protocol:

- `number` is taken of the sort, which also tells its members apart;
- a constant, or what something is at first, quantifies over the sort or counts it;
- the size is computed from constants, which the text may use elsewhere;
- regions with pages in common differ in size, or have them at different positions.

A `count` in a guard or a claim is no such place: it stays a `count`, and it is for an engine to say what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate.choices import LARGEST_SORT
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.description import RegionDescription
from verifier.language.elaborate.layout import ADDRESS, PAGE
from verifier.language.for_any import UNNAMED, least_sizes
from verifier.system.family import Family, Kept, Size
from verifier.system.system import System

if TYPE_CHECKING:
    from verifier.language.specification import Elaborated

Elaborate = Callable[[Mapping[str, int]], "Elaborated | None"]
"""The system with these sizes in place of the instance's; None if there is none."""


def family_of(declared: Declarations, elaborate: Elaborate) -> Family:
    """The systems of one variant and instance, in all sizes that the specification is about."""
    here = elaborate({})
    if here is None:
        return Family((), lambda sizes: None)
    leasts = least_sizes(declared)
    found = [_asked(each, leasts) for each in (*_regions(here), *_sorts(declared, here))]
    sizes = tuple(each for each in found if isinstance(each, Size))

    @cache
    def at(numbers: tuple[int, ...]) -> System | None:
        chosen = {name: n for size, n in zip(sizes, numbers, strict=True) if n != size.here for name in size.names}
        made = elaborate(chosen) if chosen else here
        return None if made is None else made.system

    return Family(sizes, at, tuple(each for each in found if isinstance(each, Kept)))


def _asked(found: Size | Kept, leasts: Mapping[str, int]) -> Size | Kept:
    """The size with the least that is asked for; it is kept if only others are asked for."""
    if isinstance(found, Kept) or not leasts:
        return found
    named = [leasts[name] for name in found.names if name in leasts]
    return replace(found, least=max(named)) if named else Kept(found.names, found.here, UNNAMED)


def _regions(here: Elaborated) -> Iterator[Size | Kept]:
    sorts = {sort.name: sort for sort in here.system.sorts}
    for group in groups(here.machine.regions):
        names = tuple(region.name for region in group)
        lengths = [len(region.gpa or region.hpa) for region in group]
        of = {
            sort for sort, given in ((PAGE, any(r.hpa for r in group)), (ADDRESS, any(r.gpa for r in group))) if given
        }
        reason = _read(here, of)
        if any(sorts[sort].numbers is None for sort in of):
            reason = f"the size of {' and '.join(sorted(of))} is chosen by itself"
        elif len(set(lengths)) > 1:
            reason = "they have pages in common and differ in size"
        elif not _in_step(group):
            reason = "they have pages in common at different positions"
        if reason is not None and len(set(lengths)) > 1:
            yield from (Kept((name,), n, reason) for name, n in zip(names, lengths, strict=True))
        elif reason is not None:
            yield Kept(names, lengths[0], reason)
        else:
            yield Size(names, lengths[0], min(len(region.full_gpa or region.full_hpa) for region in group))


def groups(regions: Iterable[RegionDescription]) -> list[list[RegionDescription]]:
    """Regions that have pages or addresses in common, directly or through others, in the order of the text."""
    found: dict[int, list[RegionDescription]] = {}
    joined: dict[int, int] = {}
    last: dict[tuple[str, int], int] = {}

    def group_of(number: int) -> int:
        while number in joined:
            number = joined[number]
        return number

    for number, region in enumerate(regions):
        pages = [*(("gpa", n) for n in region.full_gpa), *(("hpa", n) for n in region.full_hpa)]
        touching = sorted({group_of(other) for other in {last[page] for page in pages if page in last}})
        found[number] = [member for group in touching for member in found.pop(group)] + [region]
        joined.update(dict.fromkeys(touching, number))
        last.update(dict.fromkeys(pages, number))
    return list(found.values())


def _in_step(group: list[RegionDescription]) -> bool:
    """Whether what two regions have in common is at the same positions in both, whatever their size."""
    lists = [[region.full_gpa for region in group], [region.full_hpa for region in group]]
    return all(
        not set(one) & set(other) or all(a == b for a, b in zip(one, other, strict=False))
        for numbers in lists
        for i, one in enumerate(numbers)
        for other in numbers[:i]
    )


def _sorts(declared: Declarations, here: Elaborated) -> Iterator[Size | Kept]:
    for sort in here.system.sorts:
        declaration = declared.sorts.get(sort.name)
        named = any(item.sort == sort.name for item in here.machine.items)
        if declaration is None or declaration.members is not None or sort.numbers is not None or named:
            continue
        reason = _read(here, {sort.name})
        if declaration.size is not None and not isinstance(declaration.size, tree.LiteralExpr):
            reason = f"its size is computed at {declaration.size.span}"
        if reason is not None:
            yield Kept((sort.name,), len(sort.members), reason)
        else:
            yield Size((sort.name,), len(sort.members), LARGEST_SORT)


def _read(here: Elaborated, sorts: set[str]) -> str | None:
    """Where the text reads how many members one of the sorts has."""
    for read in here.size_reads:
        if read.sort in sorts:
            return f"how many there are is read by {read.what} at {read.span}"
    return None
