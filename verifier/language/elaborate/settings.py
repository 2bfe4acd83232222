"""What the machine description says functions are for its items, in the initial state.

| setting in an item `x` | needs            | means                                              |
|------------------------|------------------|----------------------------------------------------|
| `f v`                  | f(X): T          | f(x) = v                                           |
| `f v, w`               | f(X, T): bool    | f(x, v) and f(x, w); a region stands for its members |
| `f r`                  | f(X, Address): Page? | f(x, a) = the region's page at a               |

In a region, `x` is each of its pages, or addresses, whichever the function is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate.layout import ADDRESS, MOST_CELLS, PAGE
from verifier.language.elaborate.problems import did_you_mean
from verifier.system.layout import Point
from verifier.system.span import Span
from verifier.system.types import BOOL, OptionalType, Sort, SortType, Type, Value, size_of

if TYPE_CHECKING:
    from verifier.language.elaborate.world import Signature, World


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the machine description sets."""

    value: Value
    span: Span


class _Settings:
    def __init__(self, world: World) -> None:
        self.world = world
        self.given: dict[str, dict[Point, Given]] = {}

    def note(self, signature: Signature, point: Point, value: Value, span: Span) -> None:
        if not self.world.effort.spend(1, span, self.world.problems):
            return
        cells = self.given.setdefault(signature.name, {})
        first = cells.setdefault(point, Given(value, span))
        if first.value != value:
            self.world.problems.error(
                "E0312",
                span,
                f"`{signature.name}` is set twice, to different values",
                "the second one",
                f"the first is at {first.span}",
            )


def machine_settings(world: World) -> Mapping[str, Mapping[Point, Given]]:
    """For each function that is set, its value at the points where it is."""
    settings = _Settings(world)
    for item in world.declared.items:
        sort_name = world.machine.sort_of.get(item.noun.text)
        sort = sort_name and world.sort(sort_name)
        if not isinstance(sort, Sort):
            continue
        places = tuple(sort.members.index(name.text) for name in item.names if name.text in sort.members)
        for setting in item.settings:
            _apply(setting, sort, places, item.noun.text, settings)
    for region in world.declared.regions.values():
        for setting in region.settings:
            _apply_to_region(setting, region, settings)
    return settings.given


def region_places(world: World, region: str, sort: Sort) -> tuple[int, ...] | None:
    """The members of the sort that are in the region, in the region's order; None if it has none."""
    numbers = world.machine.regions[region].numbers(sort.name)
    if numbers is None or sort.numbers is None:
        return None
    place = {number: index for index, number in enumerate(sort.numbers)}
    return tuple(place[number] for number in numbers)


def _apply_to_region(setting: tree.Setting, region: tree.Region, settings: _Settings) -> None:
    signature = _signature(setting, settings.world)
    if signature is None:
        return
    first = signature.parameters[0] if signature.parameters else None
    if isinstance(first, SortType) and first.sort.name in (PAGE, ADDRESS):
        places = region_places(settings.world, region.name.text, first.sort)
        if places is not None:
            _apply(setting, first.sort, places, "region", settings)
            return
    settings.world.problems.error(
        "E0311",
        setting.function.span,
        f"`{signature.name}` is not about the pages or addresses of a region",
        "cannot be set here",
        f"a region sets functions whose first parameter is {PAGE} or {ADDRESS}",
    )


def _signature(setting: tree.Setting, world: World) -> Signature | None:
    name = setting.function.text
    if name in world.declared.functions:
        return world.signature(name)
    hint = did_you_mean(name, world.declared.functions)
    world.problems.error(
        "E0310", setting.function.span, f"there is no state or constant `{name}` to set", "unknown", hint
    )
    return None


def _apply(setting: tree.Setting, sort: Sort, places: tuple[int, ...], noun: str, settings: _Settings) -> None:
    world = settings.world
    signature = _signature(setting, world)
    if signature is None or prod(map(size_of, signature.parameters)) > MOST_CELLS:
        return  # the signature is wrong or too large, which is reported where it is declared
    match signature.parameters, signature.result:
        case (SortType(first),), result if first == sort and len(setting.values) == 1:
            only = world.constants.of_type(setting.values[0], result)
            if only is not None:
                for place in places:
                    settings.note(signature, (place,), only.value, setting.span)
        case (SortType(first), second), kind if first == sort and kind == BOOL:
            for value in setting.values:
                for other in _members(value, second, world):
                    for place in places:
                        settings.note(signature, (place, other), True, setting.span)
        case (SortType(first), SortType(second)), OptionalType(SortType(third)) if first == sort and (
            second.name,
            third.name,
        ) == (ADDRESS, PAGE):
            for value in setting.values:
                for address, page in _mapping(value, second, third, world):
                    for place in places:
                        settings.note(signature, (place, address), page, setting.span)
        case _:
            shape = ", ".join(map(str, signature.parameters))
            world.problems.error(
                "E0311",
                setting.function.span,
                f"`{signature.name}({shape}): {signature.result}` cannot be set like this for a {noun}",
                "does not fit",
                f"needs `f({sort.name}): T`, `f({sort.name}, T): bool` or `f({sort.name}, Address): Page?`",
            )


def _members(value: tree.Expr, kind: Type, world: World) -> Iterator[Value]:
    """The members that a value of a relation stands for."""
    region = _region(value, world)
    if region is not None and isinstance(kind, SortType):
        places = region_places(world, region, kind.sort)
        if places is not None:
            yield from places
            return
    constant = world.constants.of_type(value, kind)
    if constant is not None:
        yield constant.value


def _mapping(value: tree.Expr, addresses: Sort, pages: Sort, world: World) -> Iterator[tuple[int, int]]:
    """Each address of the region with the page that is there."""
    region = _region(value, world)
    left = region and region_places(world, region, addresses)
    right = region and region_places(world, region, pages)
    if left and right:
        yield from zip(left, right, strict=False)
    else:
        world.problems.error("E0311", value.span, "a region with `gpa` and `hpa` is needed here", "not such a region")


def _region(value: tree.Expr, world: World) -> str | None:
    match value:
        case tree.Reference(name, None, _) if name.text in world.declared.regions:
            return name.text
        case _:
            return None
