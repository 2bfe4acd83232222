"""The finite types of a transition system and the values that inhabit them.

A value is a plain Python object: `bool` for booleans, `int` for bounded integers, the member's index (`int`) for
sorts, and `None` or a value of the base type for optionals. Indices keep states small and comparable; `render`
gives back the names that people read.
"""

from __future__ import annotations

from dataclasses import dataclass

Value = bool | int | None


@dataclass(frozen=True, slots=True)
class Sort:
    """A named finite set.

    `interchangeable` is what the declaration says: members made by a size or by the machine description may be
    permuted unless the specification tells them apart; members of an enumeration never may.
    `numbers` are the concrete numbers behind the members (page frame numbers, guest addresses), or None.
    """

    name: str
    members: tuple[str, ...]
    interchangeable: bool
    numbers: tuple[int, ...] | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class BoolType:
    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class IntType:
    """Integers from `low` to `high`, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low} .. {self.high}"


@dataclass(frozen=True, slots=True)
class SortType:
    sort: Sort

    def __str__(self) -> str:
        return self.sort.name


@dataclass(frozen=True, slots=True)
class OptionalType:
    """`none` or a value of `base`; `base` is never itself optional."""

    base: BoolType | IntType | SortType

    def __str__(self) -> str:
        return f"{self.base}?"


Type = BoolType | IntType | SortType | OptionalType

BOOL = BoolType()


def size_of(kind: Type) -> int:
    """How many values the type has."""
    match kind:
        case BoolType():
            return 2
        case IntType(low, high):
            return high - low + 1
        case SortType(sort):
            return len(sort.members)
        case OptionalType(base):
            return 1 + size_of(base)


def values_of(kind: Type) -> tuple[Value, ...]:
    """Every value of the type, in the one order used everywhere: none first, then ascending."""
    match kind:
        case BoolType():
            return (False, True)
        case IntType(low, high):
            return tuple(range(low, high + 1))
        case SortType(sort):
            return tuple(range(len(sort.members)))
        case OptionalType(base):
            return (None, *values_of(base))


def position_of(kind: Type, value: Value) -> int:
    """The place of `value` in `values_of(kind)`, counted from 0."""
    match kind:
        case OptionalType(base):
            return 0 if value is None else 1 + position_of(base, value)
        case IntType(low, _):
            assert value is not None
            return value - low
        case _:
            assert value is not None
            return int(value)


def contains(kind: Type, value: Value) -> bool:
    """Whether `value` is one of the type's values; an integer may have left its range."""
    match kind:
        case OptionalType(base):
            return value is None or contains(base, value)
        case BoolType():
            return isinstance(value, bool)
        case _:
            return value is not None and 0 <= position_of(kind, value) < size_of(kind)


def render(kind: Type, value: Value) -> str:
    """The value as it is written in a specification."""
    if value is None:
        return "none"
    match kind:
        case BoolType():
            return "true" if value else "false"
        case SortType(sort):
            return sort.members[value]
        case OptionalType(base):
            return render(base, value)
        case IntType():
            return str(value)
