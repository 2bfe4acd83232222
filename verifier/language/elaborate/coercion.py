"""Making an expression of one type fit where another is expected."""

from __future__ import annotations

from verifier.language.elaborate import fold
from verifier.language.elaborate.problems import Problems
from verifier.system.expressions import Expression
from verifier.system.span import Span
from verifier.system.types import IntType, OptionalType, Type


def type_name(kind: Type) -> str:
    """The type for a message."""
    if isinstance(kind, OptionalType):
        return f"{type_name(kind.base)}?"
    return f"the numbers {kind}" if isinstance(kind, IntType) else str(kind)


def same(a: Type, b: Type) -> bool:
    """Whether two types are one up to integer ranges."""
    match a, b:
        case IntType(), IntType():
            return True
        case OptionalType(x), OptionalType(y):
            return same(x, y)
        case _:
            return a == b


def within(inner: Type, outer: Type) -> bool:
    """Whether every integer of the one type is of the other; the types are the same otherwise."""
    match inner, outer:
        case IntType(low, high), IntType(least, most):
            return least <= low and high <= most
        case OptionalType(x), OptionalType(y):
            return within(x, y)
        case _:
            return True


def coerce(value: Expression, expected: Type, span: Span, problems: Problems) -> Expression | None:
    """`value` at the expected type: itself, or seen as an optional that is present."""
    actual = value.type
    if same(actual, expected):
        return value
    if isinstance(expected, OptionalType) and same(actual, expected.base):
        return fold.some(value)
    if isinstance(actual, OptionalType) and same(actual.base, expected):
        problems.error(
            "E0202",
            span,
            f"this may be none, but {type_name(expected)} is needed",
            f"is {type_name(actual)}",
            "name what it holds first: `when ... is x`, `... is x and ...`",
        )
    else:
        regional = {type_name(actual), type_name(expected)} == {"Page", "Address"}
        hint = "a region is a set of pages; its addresses are `address a in ...`" if regional else None
        problems.error("E0201", span, f"{type_name(expected)} is needed here", f"is {type_name(actual)}", hint)
    return None


def fit(value: Expression, expected: Type, span: Span, problems: Problems) -> Expression | None:
    """Like `coerce`, and integers must be in the expected range whatever the state."""
    result = coerce(value, expected, span, problems)
    if result is not None and not within(result.type, expected):
        problems.error(
            "E0204",
            span,
            f"this may be outside {type_name(expected)}",
            f"is of {type_name(result.type)}",
            "a wider range of the parameter takes it",
        )
        return None
    return result
