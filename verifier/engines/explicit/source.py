"""Pieces of generated source, with what is known of their values.

In the source a boolean is 0 or 1 (or False or True), an integer itself, a sort's member its index, and an optional 0
for none or 1 + the position of its value in the base type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from verifier.system.expressions import Count, Exists, Expression, ForAll, children
from verifier.system.types import BOOL, IntType, OptionalType, Type, Value, position_of, size_of


@dataclass(frozen=True, slots=True)
class Code:
    """An expression's source. `constant` is its value in the source's encoding, where it is known already."""

    text: str
    type: Type
    constant: int | None = None
    nesting: int = 0


Scope = Mapping[str, Code]


def known(value: int, kind: Type) -> Code:
    return Code(f"({value})" if value < 0 else str(value), kind, value)


def truth(value: bool) -> Code:
    return Code("True" if value else "False", BOOL, int(value))


def encode(kind: Type, value: Value) -> int:
    """The value as it appears in generated source."""
    if isinstance(kind, OptionalType):
        return position_of(kind, value)
    assert value is not None
    return int(value)


def weight(expression: Expression) -> int:
    """How many nodes the expression has when every quantifier is unrolled."""
    below = 1 + sum(weight(child) for child in children(expression))
    if isinstance(expression, ForAll | Exists | Count):
        return below * size_of(expression.variable.type)
    return below


def range_of(kind: Type) -> tuple[int, int]:
    """The least and the greatest number that stand for the type's values in source."""
    if isinstance(kind, IntType):
        return kind.low, kind.high
    return 0, size_of(kind) - 1


def both(left: Type, right: Type) -> Type:
    """The narrowest type that holds the values of two types that differ at most in integer ranges."""
    match left, right:
        case IntType(a, b), IntType(c, d):
            return IntType(min(a, c), max(b, d))
        case OptionalType(IntType(a, b)), OptionalType(IntType(c, d)):
            return OptionalType(IntType(min(a, c), max(b, d)))
        case _:
            return left


def convert(code: Code, kind: Type) -> Code:
    """The same value in the encoding of `kind`, which may place an optional's integers differently."""
    match code.type, kind:
        case OptionalType(IntType(old, _)), OptionalType(IntType(new, _)) if old != new:
            if code.constant is not None:
                return known(code.constant and code.constant + old - new, kind)
            return Code(f"({code.text} and {code.text} + {old - new})", kind, None, code.nesting + 1)
        case _:
            return replace(code, type=kind)


def enclose(text: str, kind: Type, *parts: Code) -> Code:
    return Code(f"({text})", kind, None, 1 + max((part.nesting for part in parts), default=0))


def apply(sign: Literal["+", "-", "*"], a: int, b: int) -> int:
    return a + b if sign == "+" else a - b if sign == "-" else a * b
