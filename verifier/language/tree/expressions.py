"""Names, types and expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from verifier.system.span import Span

# Names and types


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class NamedType:
    """`bool`, or a sort or enumeration by name."""

    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class RangeType:
    """`low .. high`; both ends are constant expressions."""

    low: Expr
    high: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class InlineEnum:
    """`{ running, stopping, stopped }` as the type of one state function."""

    members: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class OptionalOf:
    base: NamedType | RangeType | InlineEnum
    span: Span


TypeExpr = NamedType | RangeType | InlineEnum | OptionalOf


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name: Type`, or only `Type` (then `name` is None) where nothing refers to it.

    `preposition` is the word that introduces the argument in a sentence: the "to" of `map nic a to p`.
    """

    name: Name | None
    type: TypeExpr
    preposition: str | None
    span: Span


# Expressions


@dataclass(frozen=True, slots=True)
class LiteralExpr:
    """`true`, `false`, `none` or a number. A number may stand for a page or an address that has it."""

    value: bool | int | None
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Reference:
    """`name`, or `name(arguments)`. `arguments` is None where there are no parentheses."""

    name: Name
    arguments: tuple[Expr, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Element:
    """`window[0]`: the page of a region by position."""

    region: Name
    index: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    operator: Literal["not", "-"]
    operand: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    operator: Literal["and", "or", "implies", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*"]
    left: Expr
    right: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Is:
    """`operand is word` / `operand is not word`: a status (`nic is stopped`), `none`, or a name for what is there."""

    operand: Expr
    word: Name
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class At:
    """`process at label`."""

    process: Reference
    label: Name
    span: Span


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A region or a whole sort."""

    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class ListedSet:
    """`{ vm1, vm2 }`."""

    elements: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class UnionSet:
    """`window | rest`."""

    parts: tuple[SetExpr, ...]
    span: Span


SetExpr = NamedSet | ListedSet | UnionSet


@dataclass(frozen=True, slots=True)
class Member:
    """`operand in set` / `operand not in set`."""

    operand: Expr
    set: SetExpr
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if c then a else b`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Binder:
    """`p: Page`, `p, q in window`, `address a in window where c`.

    Exactly one of `type` and `set` is given; `noun` picks the sort where a set could be of several.
    """

    names: tuple[Name, ...]
    type: TypeExpr | None
    noun: Name | None
    set: SetExpr | None
    where: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Quantified:
    """`all b: e`, `some b: e`, `no b: e`, `count b: e`, each with one or more binders."""

    quantifier: Literal["all", "some", "no", "count"]
    binders: tuple[Binder, ...]
    body: Expr
    span: Span


Expr = (
    LiteralExpr | Reference | Element | Unary | Binary | Is | At | Member | Conditional | Quantified
)  # fmt: skip
