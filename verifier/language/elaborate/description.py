"""The machine description as the concrete machine needs it: numbers and settings, with nothing abstracted away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.language import tree
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.layout import MachineLayout
from verifier.language.elaborate.source import source_of


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """`driver vm1`: a function's name and the values as written."""

    function: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionDescription:
    """The guest and host page numbers of a region, position by position; empty where it has none.

    `gpa` and `hpa` are those of the instance, the others those of the region as written.
    """

    name: str
    gpa: tuple[int, ...]
    hpa: tuple[int, ...]
    full_gpa: tuple[int, ...]
    full_hpa: tuple[int, ...]
    settings: tuple[SettingDescription, ...]


@dataclass(frozen=True, slots=True)
class ItemDescription:
    """`device nic { driver vm1 }`: the noun, the sort it means, the name of one item, and its settings."""

    noun: str
    sort: str
    name: str
    settings: tuple[SettingDescription, ...]


@dataclass(frozen=True, slots=True)
class MachineDescription:
    regions: tuple[RegionDescription, ...]
    items: tuple[ItemDescription, ...]

    def region(self, name: str) -> RegionDescription:
        """The region of that name. Raises KeyError if there is none."""
        for region in self.regions:
            if region.name == name:
                return region
        raise KeyError(name)


def describe(declared: Declarations, layout: MachineLayout, sources: Mapping[str, str]) -> MachineDescription:
    regions = []
    for name, written in declared.regions.items():
        region = layout.regions[name]
        regions.append(
            RegionDescription(
                name,
                region.gpa or (),
                region.hpa or (),
                region.full_gpa or (),
                region.full_hpa or (),
                _settings(written.settings, sources),
            )
        )
    items = tuple(
        ItemDescription(item.noun.text, layout.sort_of[item.noun.text], name.text, _settings(item.settings, sources))
        for item in declared.items
        if item.noun.text in layout.sort_of
        for name in item.names
    )
    return MachineDescription(tuple(regions), items)


def _settings(written: tuple[tree.Setting, ...], sources: Mapping[str, str]) -> tuple[SettingDescription, ...]:
    return tuple(
        SettingDescription(setting.function.text, tuple(source_of(value.span, sources) for value in setting.values))
        for setting in written
    )
