"""The sizes that a specification is about: `for any window, Device >= 2`.

What the line names are sorts and regions whose sizes can be chosen freely (see `sizes`), each with the least size that
the claims are about. All other sizes are those of the instance. Without such a line a specification is about every
size that can be chosen freely, from 1 on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.diagnostics import Fix
from verifier.language.elaborate.choices import LARGEST_SORT, Choices
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.description import MachineDescription
from verifier.language.elaborate.layout import ADDRESS, PAGE
from verifier.language.elaborate.problems import Hint, Problems, did_you_mean, listed
from verifier.system.span import Span
from verifier.system.system import System

if TYPE_CHECKING:
    from verifier.language.specification import Elaborated

UNNAMED = "`for any` does not name it"
"""Why a size stays what it is in the instance."""


def least_sizes(declared: Declarations) -> Mapping[str, int]:
    """The least size of everything that `for any` names; empty if there is no such line."""
    return {asked.name.text: _least(asked) for asked in declared.sizes}


def _least(asked: tree.AtLeast) -> int:
    return 1 if asked.least is None else int(asked.least.value or 0)


def check_names(declared: Declarations, problems: Problems) -> None:
    """Reports what is wrong with the line by itself: unknown and repeated names, least sizes that cannot be."""
    seen: dict[str, tree.AtLeast] = {}
    for asked in declared.sizes:
        name = asked.name.text
        first = seen.setdefault(name, asked)
        if first is not asked:
            problems.error(
                "E0332", asked.span, f"`for any` names `{name}` twice", "the second time", f"first at {first.span}"
            )
        sort = declared.sorts.get(name)
        if name in declared.regions or (sort is not None and sort.members is None):
            _check_least(asked, problems)
        elif sort is not None:
            _closed(asked, f"`{name}` lists its members, so its size is fixed", None, problems)
        else:
            free = (n for n, s in declared.sorts.items() if s.members is None)
            hint = did_you_mean(name, (*declared.regions, *free))
            _closed(asked, f"there is no sort or region `{name}`", hint, problems)


def _check_least(asked: tree.AtLeast, problems: Problems) -> None:
    if asked.least is not None and not 1 <= _least(asked) <= LARGEST_SORT:
        problems.error(
            "E0333", asked.least.span, f"a least size is a number from 1 to {LARGEST_SORT}", f"is {asked.least.text}"
        )


def _closed(asked: tree.AtLeast, message: str, hint: Hint, problems: Problems) -> None:
    problems.error("E0334", asked.name.span, message, "is not of any size", hint)


def check_openness(declared: Declarations, here: Elaborated, problems: Problems) -> None:
    """Reports names whose sizes cannot be chosen freely, and least sizes that have no room for what the text names."""
    asked = {size.name.text: size for size in declared.sizes}
    if asked:
        _Openness(declared, here, problems, asked).check()


class _Openness:
    """What there is to know of all sizes, so that each of many names is soon looked up."""

    def __init__(
        self, declared: Declarations, here: Elaborated, problems: Problems, asked: Mapping[str, tree.AtLeast]
    ) -> None:
        from verifier.language.sizes import groups

        self.declared = declared
        self.here = here
        self.problems = problems
        self.asked = asked
        self.joined = {region.name: group for group in groups(here.machine.regions) for region in group}
        self.inhabited = {item.sort for item in here.machine.items}
        self.reads = {read.sort: read for read in reversed(here.size_reads)}
        self.needed: dict[str, tuple[int, Span]] = {}
        for name, size in _needed(here):
            self.needed[name] = max(self.needed.get(name, size), size, key=itemgetter(0))

    def check(self) -> None:
        for asked in self.asked.values():
            reason = self.fixed(asked.name.text)
            if reason is not None:
                _closed(asked, *reason, self.problems)
            else:
                self.check_room(asked)

    def fixed(self, name: str) -> tuple[str, Hint] | None:
        """Why the size of a sort or region cannot be chosen freely, and what to do about it; None if it can."""
        sort = self.declared.sorts.get(name)
        if name in self.joined:
            region = self.here.machine.region(name)
            sorts = [kind for kind, numbers in ((PAGE, region.full_hpa), (ADDRESS, region.full_gpa)) if numbers]
            together = [other.name for other in self.joined[name]]
            if not self.asked.keys() >= set(together):
                return (
                    f"{listed(together)} have pages in common, and one size together",
                    "`for any` names all of them, or none",
                )
        elif sort is not None:
            sorts = [name]
            regions = [r.name for r in self.here.machine.regions if {PAGE: r.full_hpa, ADDRESS: r.full_gpa}.get(name)]
            if regions and sort.size is None:
                return f"the size of `{name}` is that of its regions", f"name them: {listed(regions)}"
            if name in self.inhabited:
                return f"the machine names the members of `{name}`", "only members without names can be of any number"
            if sort.size is not None and not isinstance(sort.size, tree.LiteralExpr):
                return f"the size of `{name}` is computed", f"at {sort.size.span}"
        else:
            return None
        for read in (self.reads[kind] for kind in sorts if kind in self.reads):
            return f"how many {read.sort} there are is read by {read.what}", f"at {read.span}"
        return None

    def check_room(self, asked: tree.AtLeast) -> None:
        """The least size must have all members that the text names."""
        name, least = asked.name.text, _least(asked)
        needed, place = self.needed.get(name, (0, asked.span))
        if needed > least >= 1:
            self.problems.error(
                "E0335",
                asked.span,
                f"what the text names of `{name}` is not there if its size is {least}",
                f"at least {needed} are needed",
                f"write `{name} >= {needed}`; the last one is named at {place}",
                Fix(asked.span, f"{name} >= {needed}"),
            )


def _needed(here: Elaborated) -> Iterator[tuple[str, tuple[int, Span]]]:
    """For sorts and regions the least size that has all members that the text names, and where the last is named.

    A region may be there twice, for its pages and for its addresses.
    """
    named: dict[str, dict[int, Span]] = {}
    for (sort, index), span in here.named.items():
        named.setdefault(sort, {})[index] = span
    for kind in here.system.sorts:
        places = named.get(kind.name)
        if places is None:
            continue
        yield kind.name, (max(places) + 1, places[max(places)])
        numbers = {} if kind.numbers is None else {kind.numbers[index]: span for index, span in places.items()}
        for region in here.machine.regions:
            inside = {PAGE: region.full_hpa, ADDRESS: region.full_gpa}.get(kind.name, ())
            last = max((place for place, number in enumerate(inside) if number in numbers), default=None)
            if last is not None:
                yield region.name, (last + 1, numbers[inside[last]])


def check_instance(
    declared: Declarations, choices: Choices, system: System, machine: MachineDescription, problems: Problems
) -> None:
    """Reports sizes that are less than what the specification is about, where they are chosen."""
    sizes = {sort.name: len(sort.members) for sort in system.sorts}
    sizes |= {region.name: len(region.hpa or region.gpa) for region in machine.regions}
    for asked in declared.sizes:
        name, least = asked.name.text, _least(asked)
        if sizes.get(name, least) < least <= LARGEST_SORT:
            choice = choices.regions.get(name) or choices.sorts.get(name)
            problems.error(
                "E0414",
                asked.span if choice is None else choice.span,
                f"`{name} = {sizes[name]}` is smaller than what the specification is about",
                f"at least {least}",
                f"`for any {name} >= {least}` is at {asked.span}",
            )
