"""Where the machine description puts things: the members of sorts, and the pages and addresses of regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, islice

from verifier.language import tree
from verifier.language.elaborate.choices import LARGEST_SORT, Choices, chosen_size
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.problems import Problems, did_you_mean

MOST_CELLS = 1_000_000
"""How many cells a function, a state, or the regions together may have."""

PAGE, ADDRESS = "Page", "Address"


@dataclass(frozen=True)
class RegionLayout:
    """The guest and host page numbers of a region, as far as the instance goes and in full; None where not given."""

    name: str
    gpa: tuple[int, ...] | None
    hpa: tuple[int, ...] | None
    full_gpa: tuple[int, ...] | None
    full_hpa: tuple[int, ...] | None

    def numbers(self, sort: str) -> tuple[int, ...] | None:
        """The numbers behind the region's members of the sort."""
        return {PAGE: self.hpa, ADDRESS: self.gpa}.get(sort)


@dataclass(frozen=True)
class MachineLayout:
    regions: Mapping[str, RegionLayout]
    members: Mapping[str, tuple[str, ...]]
    """Of the sorts that items of the machine belong to, in the order of the text."""
    sort_of: Mapping[str, str]
    """The sort that a noun of the machine description means."""
    complete: bool
    """Whether every noun means a sort; if not, what has no members may be meant to have some."""

    def numbers(self, sort: str) -> tuple[int, ...]:
        """The numbers of all regions for the sort, ascending."""
        lists = (region.numbers(sort) or () for region in self.regions.values())
        return tuple(sorted(set(chain.from_iterable(lists))))


def lay_out(declared: Declarations, choices: Choices, problems: Problems) -> MachineLayout:
    regions: dict[str, RegionLayout] = {}
    pages = 0
    for name, region in declared.regions.items():
        regions[name] = _region(region, declared, choices, problems)
        pages += max(len(regions[name].full_gpa or ()), len(regions[name].full_hpa or ()))
        if pages > MOST_CELLS:
            problems.error("E0304", region.name.span, f"the regions have more than {MOST_CELLS} pages", "too many")
            break
    for name in declared.regions:
        regions.setdefault(name, RegionLayout(name, None, None, None, None))
    nouns = {name.lower(): name for name, sort in declared.sorts.items() if not sort.enumeration}
    members: dict[str, dict[str, tree.Name]] = {}
    sort_of: dict[str, str] = {}
    for item in declared.items:
        noun = item.noun.text
        sort = nouns.get(noun.replace("_", ""))
        if sort is None:
            problems.error(
                "E0309",
                item.noun.span,
                f"there is no sort for the noun `{noun}`",
                "not a sort in lower case",
                did_you_mean(noun, (*nouns, "region")),
            )
            continue
        sort_of[noun] = sort
        _add(members.setdefault(sort, {}), item.names, declared.sorts[sort], problems)
    complete = all(item.noun.text in sort_of for item in declared.items)
    return MachineLayout(regions, {sort: tuple(names) for sort, names in members.items()}, sort_of, complete)


def _add(known: dict[str, tree.Name], names: tuple[tree.Name, ...], sort: tree.SortDecl, problems: Problems) -> None:
    for name in names:
        first = known.setdefault(name.text, name)
        if first is not name:
            problems.error(
                "E0103",
                name.span,
                f"the {sort.name.text} `{name.text}` is declared twice",
                "the second one",
                f"the first is at {first.span}",
            )
        if sort.members is not None and name.text not in {member.text for member in sort.members}:
            problems.error(
                "E0316",
                name.span,
                f"`{name.text}` is not among the members that sort {sort.name.text} lists",
                "not a member",
                did_you_mean(name.text, (member.text for member in sort.members)),
            )


def _region(region: tree.Region, declared: Declarations, choices: Choices, problems: Problems) -> RegionLayout:
    gpa = _numbers(region.gpa, region, ADDRESS, declared, problems)
    hpa = _numbers(region.hpa, region, PAGE, declared, problems)
    if gpa is not None and hpa is not None and len(gpa) != len(hpa):
        problems.error(
            "E0314",
            region.name.span,
            f"region `{region.name.text}` has {len(gpa)} guest pages but {len(hpa)} host pages",
            "gpa and hpa must go together one by one",
        )
    if gpa is None and hpa is None:
        problems.error("E0313", region.name.span, f"region `{region.name.text}` has no pages", "needs `hpa` or `gpa`")
    size = largest = min((len(numbers) for numbers in (gpa, hpa) if numbers is not None), default=0)
    choice = choices.regions.get(region.name.text)
    if choice is not None and largest:
        size = chosen_size(choice, largest, f"the region has {largest} pages", problems) or largest
    return RegionLayout(region.name.text, gpa and gpa[:size], hpa and hpa[:size], gpa, hpa)


def _numbers(
    ranges: tuple[tree.Range, ...], region: tree.Region, sort: str, declared: Declarations, problems: Problems
) -> tuple[int, ...] | None:
    """The numbers in the ranges, in the order of the text; None where there are no ranges."""
    if not ranges:
        return None
    if sort not in declared.sorts:
        problems.error(
            "E0315",
            region.name.span,
            f"the pages of a region are members of sort `{sort}`, which is not declared",
            f"needs `sort {sort}`",
            "`use` a model that declares it",
        )
    stretches = []
    for written in ranges:
        low, high = int(written.low.value or 0), int(written.high.value or 0)
        if low > high:
            problems.error("E0313", written.span, "the range ends before it begins", "nothing is in it")
        stretches.append(range(min(low, high), max(low, high) + 1))
    listed = tuple(islice(chain.from_iterable(stretches), LARGEST_SORT + 1))
    if len(listed) > LARGEST_SORT:
        problems.error("E0304", ranges[0].span, f"a region has at most {LARGEST_SORT} pages", "too many")
        return listed[:1]
    if len(set(listed)) < len(listed):
        problems.error("E0313", ranges[-1].span, "the region has the same page twice", "ranges overlap")
        return tuple(dict.fromkeys(listed))
    return listed or None
