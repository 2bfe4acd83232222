"""Expressions moved to another size: the same text over sorts with other members.

Members are the same if they have the same name. A sort keeps its name at every size.
"""

from __future__ import annotations

from collections.abc import Mapping

from verifier.system.expressions import (
    Constant,
    Count,
    Exists,
    Expression,
    ForAll,
    If,
    Number,
    Open,
    Read,
    Some,
    Variable,
    rebuild,
)
from verifier.system.types import IntType, OptionalType, Sort, SortType, Type, Value, size_of

Sorts = Mapping[str, Sort]
"""The sorts that an expression is moved to, by name."""


class NotTransferableError(Exception):
    """The expression names a member, or a sort, that is not there at the other size; the message says which."""


def transfer_type(kind: Type, sorts: Sorts) -> Type:
    """The type over the other sorts. Raises NotTransferableError."""
    match kind:
        case SortType(sort):
            if sort.name not in sorts:
                raise NotTransferableError(f"there is no sort {sort.name}")
            return SortType(sorts[sort.name])
        case OptionalType(base):
            moved = transfer_type(base, sorts)
            assert not isinstance(moved, OptionalType)
            return OptionalType(moved)
        case _:
            return kind


def transfer_value(kind: Type, value: Value, sorts: Sorts) -> Value:
    """The value of `kind`, as a value of `transfer_type(kind, sorts)`. Raises NotTransferableError."""
    base = kind.base if isinstance(kind, OptionalType) else kind
    if value is None or not isinstance(base, SortType):
        return value
    name = base.sort.members[value]
    target = sorts[base.sort.name].members
    if name not in target:
        raise NotTransferableError(f"{name} of {base.sort.name} is not there, or has no name, at other sizes")
    return target.index(name)


Moved = dict[int, tuple[Expression, Expression]]
"""What was transferred, by identity: each expression with what it became."""


def transfer(expression: Expression, sorts: Sorts, moved: Moved | None = None) -> Expression:
    """The expression over the other sorts. Raises NotTransferableError.

    What is in `moved` is not made again: what is one object in several expressions is one again.
    """
    if moved is None:
        moved = {}
    if id(expression) not in moved:
        moved[id(expression)] = (expression, _transfer(expression, sorts, moved))
    return moved[id(expression)][1]


def _transfer(expression: Expression, sorts: Sorts, moved: Moved) -> Expression:
    def move(e: Expression) -> Expression:
        return transfer(e, sorts, moved)

    match expression:
        case Constant(value, kind):
            return Constant(transfer_value(kind, value, sorts), transfer_type(kind, sorts))
        case Variable():
            return transfer_variable(expression, sorts)
        case Read(function, arguments, kind):
            return Read(function, tuple(map(move, arguments)), transfer_type(kind, sorts))
        case If(condition, then, otherwise, kind):
            return If(move(condition), move(then), move(otherwise), transfer_type(kind, sorts))
        case Some(operand, kind):
            optional = transfer_type(kind, sorts)
            assert isinstance(optional, OptionalType)
            return Some(move(operand), optional)
        case Open(operand, kind):
            return Open(move(operand), transfer_type(kind, sorts))
        case Number(operand, _):
            inner = move(operand)
            return Number(inner, IntType(0, max(0, size_of(inner.type) - 1)))
        case ForAll(variable, body, _):
            return ForAll(transfer_variable(variable, sorts), move(body))
        case Exists(variable, body, _):
            return Exists(transfer_variable(variable, sorts), move(body))
        case Count(variable, body, _):
            moved_variable = transfer_variable(variable, sorts)
            return Count(moved_variable, move(body), IntType(0, size_of(moved_variable.type)))
        case _:
            return rebuild(expression, move)


def transfer_variable(variable: Variable, sorts: Sorts) -> Variable:
    return Variable(variable.name, transfer_type(variable.type, sorts))
