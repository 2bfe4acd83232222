"""Expressions over a state: typed, total, free of effects.

Every node knows its type, so an engine never has to infer one. Elaboration guarantees two things that evaluators rely
on: both sides of `Equal` have the same type (up to integer ranges), and `Open` stands only where a condition to its
left in an `And`, `Implies` or `If` has established `IsSome` of the same operand. `And`, `Or`, `Implies` and `If` are
evaluated from left to right and stop as soon as the result is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from verifier.system.types import BOOL, BoolType, IntType, OptionalType, SortType, Type, Value


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value
    type: Type


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter of an action, a quantified variable, or a parameter of an initial-value formula."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Read:
    """The value of a state function or constant function at a point."""

    function: str
    arguments: tuple[Expression, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Next:
    """The operand in the state after the step; only in two-state properties."""

    operand: Expression

    @property
    def type(self) -> Type:
        return self.operand.type


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class And:
    """True when there are no operands."""

    operands: tuple[Expression, ...]
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class Or:
    """False when there are no operands."""

    operands: tuple[Expression, ...]
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class Implies:
    left: Expression
    right: Expression
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class Equal:
    """Equality at one type; between booleans it reads "if and only if"."""

    left: Expression
    right: Expression
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class Less:
    """Strict order of integers."""

    left: Expression
    right: Expression
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Exact integer arithmetic: the type is wide enough for every result."""

    operator: Literal["+", "-", "*"]
    left: Expression
    right: Expression
    type: IntType


@dataclass(frozen=True, slots=True)
class If:
    condition: Expression
    then: Expression
    otherwise: Expression
    type: Type


@dataclass(frozen=True, slots=True)
class Some:
    """A plain value seen as an optional that is present."""

    operand: Expression
    type: OptionalType


@dataclass(frozen=True, slots=True)
class IsSome:
    operand: Expression
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class Open:
    """What a present optional holds; evaluated only where `IsSome(operand)` is known."""

    operand: Expression
    type: Type


@dataclass(frozen=True, slots=True)
class Number:
    """The position of a sort's member in its sort, from 0: using it tells the members apart."""

    operand: Expression
    type: IntType


@dataclass(frozen=True, slots=True)
class ForAll:
    variable: Variable
    body: Expression
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class Exists:
    variable: Variable
    body: Expression
    type: BoolType = BOOL


@dataclass(frozen=True, slots=True)
class Count:
    """How many values of the variable make the body true."""

    variable: Variable
    body: Expression
    type: IntType


Expression = (
    Constant | Variable | Read | Next | Not | And | Or | Implies | Equal | Less | Arithmetic | If | Some | IsSome | Open
    | Number | ForAll | Exists | Count
)  # fmt: skip

TRUE = Constant(True, BOOL)
FALSE = Constant(False, BOOL)


def conjunction(*operands: Expression) -> Expression:
    """The flattened "and" of the operands, without trivial parts."""
    parts: list[Expression] = []
    for operand in operands:
        if isinstance(operand, And):
            parts.extend(operand.operands)
        elif operand != TRUE:
            parts.append(operand)
    return parts[0] if len(parts) == 1 else And(tuple(parts)) if parts else TRUE


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct subexpressions, left to right (a binder's variable is not one)."""
    match expression:
        case Constant() | Variable():
            return ()
        case Read(_, arguments, _):
            return arguments
        case And(operands, _) | Or(operands, _):
            return operands
        case Implies(left, right, _) | Equal(left, right, _) | Less(left, right, _):
            return (left, right)
        case Arithmetic(_, left, right, _):
            return (left, right)
        case If(condition, then, otherwise, _):
            return (condition, then, otherwise)
        case ForAll(_, body, _) | Exists(_, body, _) | Count(_, body, _):
            return (body,)
        case Next() | Not() | Some() | IsSome() | Open() | Number():
            return (expression.operand,)


def rebuild(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The same node with `change` applied to each direct subexpression."""
    match expression:
        case Constant() | Variable():
            return expression
        case Read(function, arguments, kind):
            return Read(function, tuple(change(a) for a in arguments), kind)
        case And(operands, _):
            return And(tuple(change(o) for o in operands))
        case Or(operands, _):
            return Or(tuple(change(o) for o in operands))
        case Implies(left, right, _):
            return Implies(change(left), change(right))
        case Equal(left, right, _):
            return Equal(change(left), change(right))
        case Less(left, right, _):
            return Less(change(left), change(right))
        case Arithmetic(operator, left, right, kind):
            return Arithmetic(operator, change(left), change(right), kind)
        case If(condition, then, otherwise, kind):
            return If(change(condition), change(then), change(otherwise), kind)
        case ForAll(variable, body, _):
            return ForAll(variable, change(body))
        case Exists(variable, body, _):
            return Exists(variable, change(body))
        case Count(variable, body, kind):
            return Count(variable, change(body), kind)
        case Next(operand):
            return Next(change(operand))
        case Not(operand, _):
            return Not(change(operand))
        case Some(operand, kind):
            return Some(change(operand), kind)
        case IsSome(operand, _):
            return IsSome(change(operand))
        case Open(operand, kind):
            return Open(change(operand), kind)
        case Number(operand, kind):
            return Number(change(operand), kind)


def walk(expression: Expression) -> Iterator[Expression]:
    """Every node, parents before children."""
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def index_type(kind: Type) -> bool:
    """Whether functions, parameters and quantifiers may range over the type."""
    return isinstance(kind, BoolType | IntType | SortType)
