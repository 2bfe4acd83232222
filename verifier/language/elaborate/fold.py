"""Building expressions, with constant parts computed on the spot.

A switch that an instance or a variant turns off thereby vanishes from the system instead of being tested in every
state. Folding never changes a value; it may only drop parts that cannot matter.
"""

from __future__ import annotations

from typing import Literal

from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Arithmetic,
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    IsSome,
    Less,
    Next,
    Not,
    Open,
    Or,
    Some,
    Variable,
)
from verifier.system.types import BoolType, IntType, OptionalType, Type, size_of


def truth(value: bool) -> Constant:
    return TRUE if value else FALSE


def number(value: int) -> Constant:
    return Constant(value, IntType(value, value))


def negate(operand: Expression) -> Expression:
    match operand:
        case Constant(value, _):
            return truth(not value)
        case Not(inner, _):
            return inner
        case _:
            return Not(operand)


def both(*operands: Expression) -> Expression:
    """The conjunction, flattened."""
    parts: list[Expression] = []
    for operand in operands:
        for part in operand.operands if isinstance(operand, And) else (operand,):
            if part == FALSE:
                return FALSE
            if part != TRUE:
                parts.append(part)
    return parts[0] if len(parts) == 1 else And(tuple(parts)) if parts else TRUE


def either(*operands: Expression) -> Expression:
    """The disjunction, flattened."""
    parts: list[Expression] = []
    for operand in operands:
        for part in operand.operands if isinstance(operand, Or) else (operand,):
            if part == TRUE:
                return TRUE
            if part != FALSE:
                parts.append(part)
    return parts[0] if len(parts) == 1 else Or(tuple(parts)) if parts else FALSE


def implies(left: Expression, right: Expression) -> Expression:
    if left == TRUE or right == TRUE:
        return right
    if left in (FALSE, right):
        return TRUE
    return negate(left) if right == FALSE else Implies(left, right)


def equal(left: Expression, right: Expression) -> Expression:
    """Equality of two expressions of one type."""
    match left, right:
        case Constant(a, _), Constant(b, _):
            return truth(a == b)
        case Constant(), _:
            return equal(right, left)
        case _, Constant(None, _):
            return negate(is_some(left))
        case Some(a, _), Some(b, _):
            return equal(a, b)
        case Some(a, _), Constant(b, OptionalType(base)):
            return equal(a, Constant(b, base))
        case _, Constant(b, BoolType()):
            return left if b else negate(left)
        case _:
            return Equal(left, right)


def less(left: Expression, right: Expression) -> Expression:
    low, high = bounds(left), bounds(right)
    if low.high < high.low:
        return TRUE
    return FALSE if low.low >= high.high else Less(left, right)


def bounds(operand: Expression) -> IntType:
    """The range of an integer expression."""
    assert isinstance(operand.type, IntType)
    return operand.type


def arithmetic(operator: Literal["+", "-", "*"], left: Expression, right: Expression) -> Expression:
    """The exact result, with a type that is just wide enough."""
    a, b = bounds(left), bounds(right)
    match operator:
        case "+":
            ends = [a.low + b.low, a.high + b.high]
        case "-":
            ends = [a.low - b.high, a.high - b.low]
        case "*":
            ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    kind = IntType(min(ends), max(ends))
    return number(kind.low) if kind.low == kind.high else Arithmetic(operator, left, right, kind)


def choose(condition: Expression, then: Expression, otherwise: Expression) -> Expression:
    """`if condition then then else otherwise`; both sides have one type, up to integer ranges."""
    if isinstance(condition, Constant):
        return then if condition.value else otherwise
    if then == otherwise:
        return then
    return If(condition, then, otherwise, wider(then.type, otherwise.type))


def wider(a: Type, b: Type) -> Type:
    """A type that holds the values of both; they differ in integer ranges only."""
    match a, b:
        case IntType(), IntType():
            return IntType(min(a.low, b.low), max(a.high, b.high))
        case OptionalType(IntType() as x), OptionalType(IntType() as y):
            return OptionalType(IntType(min(x.low, y.low), max(x.high, y.high)))
        case _:
            return a


def some(operand: Expression) -> Expression:
    """A plain value as an optional."""
    assert not isinstance(operand.type, OptionalType)
    kind = OptionalType(operand.type)
    return Constant(operand.value, kind) if isinstance(operand, Constant) else Some(operand, kind)


def is_some(operand: Expression) -> Expression:
    match operand:
        case Constant(value, _):
            return truth(value is not None)
        case Some():
            return TRUE
        case _:
            return IsSome(operand)


def open_(operand: Expression) -> Expression:
    """What a present optional holds."""
    assert isinstance(operand.type, OptionalType)
    match operand:
        case Some(inner, _):
            return inner
        case Constant(value, OptionalType(base)) if value is not None:
            return Constant(value, base)
        case _:
            return Open(operand, operand.type.base)


def next_(operand: Expression) -> Expression:
    return operand if isinstance(operand, Constant | Variable) else Next(operand)


def for_all(variables: tuple[Variable, ...], body: Expression) -> Expression:
    """Types are never empty, so a constant body stands for itself."""
    for variable in reversed(variables):
        body = body if isinstance(body, Constant) else ForAll(variable, body)
    return body


def exists(variables: tuple[Variable, ...], body: Expression) -> Expression:
    for variable in reversed(variables):
        body = body if isinstance(body, Constant) else Exists(variable, body)
    return body


def count(variable: Variable, body: Expression, most: int) -> Expression:
    """How many values of the variable make the body true; `most` is at least how many there are, mostly just that."""
    if isinstance(body, Constant) and (not body.value or most == size_of(variable.type)):
        return number(most if body.value else 0)
    return Count(variable, body, IntType(0, most))
