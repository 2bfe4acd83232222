"""Whether a system is another one with fewer members, and is otherwise the same text.

Two elaborations of one specification at two sizes must differ in the members of some sorts and in the tables of
constants and initial values for these members, and in nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass

from verifier.system.expressions import Constant
from verifier.system.layout import point_index, points_of
from verifier.system.system import Action, Function, Property, System, Table
from verifier.system.types import OptionalType, Sort, SortType, Type, Value

Named = Sort | Function | Action | Property


def difference(small: System, large: System, claims: Iterable[str]) -> str | None:
    """What it is of `small` that is not as in `large` without some members; None if there is nothing.

    Of the properties only those named by `claims` are looked at, of `final` nothing. Members are compared by name.
    """
    names = frozenset(claims)
    compare = _Comparison()
    parts: tuple[tuple[str, tuple[Named, ...], tuple[Named, ...]], ...] = (
        ("sorts", small.sorts, large.sorts),
        ("functions", small.functions, large.functions),
        ("actions", small.actions, large.actions),
        ("claims", _named(small.properties, names), _named(large.properties, names)),
    )
    for what, mine, others in parts:
        if len(mine) != len(others):
            return f"the number of its {what}"
        for one, other in zip(mine, others, strict=True):
            if not compare.alike(one, other):
                return one.name
    return None


def _named(claims: Iterable[Property], names: frozenset[str]) -> tuple[Property, ...]:
    return tuple(claim for claim in claims if claim.name in names)


class _Comparison:
    def __init__(self) -> None:
        self._sorts: dict[tuple[Sort, Sort], bool] = {}

    def alike(self, small: object, large: object) -> bool:
        """Whether the one is the other, for what is left of it with fewer members."""
        if type(small) is not type(large):
            return False
        match small, large:
            case Sort(), Sort():
                return self._fewer(small, large)
            case Function(), Function():
                return self._functions(small, large)
            case Constant(), Constant():
                return self.alike(small.type, large.type) and small.value == _carried(
                    large.value, large.type, small.type
                )
            case tuple(), tuple():
                return len(small) == len(large) and all(map(self.alike, small, large))
        if is_dataclass(small):
            return all(self.alike(getattr(small, part.name), getattr(large, part.name)) for part in fields(small))
        return small == large

    def _fewer(self, small: Sort, large: Sort) -> bool:
        """Whether the members of the one are among those of the other, in the same order."""
        known = self._sorts.get((small, large))
        if known is None:
            rest = iter(large.members)
            known = small.name == large.name and small.interchangeable == large.interchangeable
            known = self._sorts[small, large] = known and all(member in rest for member in small.members)
        return known

    def _functions(self, small: Function, large: Function) -> bool:
        parts = [part.name for part in fields(small) if part.name != "initial"]
        if not all(self.alike(getattr(small, part), getattr(large, part)) for part in parts):
            return False
        if not isinstance(small.initial, Table) or not isinstance(large.initial, Table):
            return self.alike(small.initial, large.initial)
        places = [_places(mine, others) for mine, others in zip(small.parameters, large.parameters, strict=True)]
        for point, value in zip(points_of(small.parameters), small.initial.values, strict=True):
            there = tuple(places[i].get(index, index) for i, index in enumerate(point))
            other = large.initial.values[point_index(large.parameters, there)]
            if value != _carried(other, large.result, small.result):
                return False
        return True


def _carried(value: Value, kind: Type, into: Type) -> Value:
    """A value of a type of the large system as one of the small system; -1 for a member that is not there."""
    match kind, into:
        case _ if value is None:
            return None
        case OptionalType(base), OptionalType(other):
            return _carried(value, base, other)
        case SortType(sort), SortType(target):
            members = target.members
            name = sort.members[value]
            return members.index(name) if name in members else -1
        case _:
            return value


def _places(small: Type, large: Type) -> Mapping[Value, Value]:
    """For the members of a sort, where they are in the larger one."""
    if isinstance(small, SortType) and isinstance(large, SortType):
        index = {name: place for place, name in enumerate(large.sort.members)}
        return {place: index[name] for place, name in enumerate(small.sort.members)}
    return {}
