"""Formulas of lemmas as JSON: nested lists, the first of each saying what it is.

The text of the language cannot carry them: lemmas speak of state that Flip adds (`hv1.flip.pending`), and of what an
optional holds. What is read back may have been made by a stranger, so everything is checked against the system's types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from verifier.evidence.trace import plain
from verifier.system.expressions import (
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
    Not,
    Number,
    Open,
    Or,
    Read,
    Some,
    Variable,
    children,
    index_type,
)
from verifier.system.system import System
from verifier.system.types import (
    BOOL,
    BoolType,
    IntType,
    OptionalType,
    SortType,
    Type,
    Value,
    contains,
    size_of,
    values_of,
)

DEEPEST = 150
"""Levels of a formula."""

_WORDS: dict[type, str] = {
    Not: "not",
    And: "and",
    Or: "or",
    Implies: "implies",
    Equal: "equal",
    Less: "less",
    If: "if",
    Some: "some",
    IsSome: "is some",
    Open: "open",
    Number: "number",
}
_BINDERS: dict[type, str] = {ForAll: "all", Exists: "exists", Count: "count"}

Scope = Mapping[str, Variable]


class MalformedFormulaError(Exception):
    """The JSON is no formula over the system; the message says why."""


def formula_to_json(e: Expression) -> Any:
    """The formula as JSON. It has no `Next`."""
    match e:
        case Constant(value, kind):
            return ["value", _type_to_json(kind), plain(kind, value)]
        case Variable(name, _):
            return ["variable", name]
        case Read(function, arguments, _):
            return ["read", function, *map(formula_to_json, arguments)]
        case Arithmetic(operator, left, right, _):
            return [operator, formula_to_json(left), formula_to_json(right)]
        case ForAll(variable, body, _) | Exists(variable, body, _) | Count(variable, body, _):
            return [_BINDERS[type(e)], variable.name, _type_to_json(variable.type), formula_to_json(body)]
        case _:
            return [_WORDS[type(e)], *map(formula_to_json, children(e))]


def _type_to_json(kind: Type) -> Any:
    match kind:
        case BoolType():
            return "bool"
        case IntType(low, high):
            return [low, high]
        case SortType(sort):
            return ["sort", sort.name]
        case OptionalType(base):
            return ["optional", _type_to_json(base)]


def formula_from_json(data: object, system: System) -> Expression:
    """The formula over the sorts and functions of the system. Raises MalformedFormulaError."""
    functions = {function.name: (function.parameters, function.result) for function in system.functions}
    reader = _Reader(functions, {sort.name: SortType(sort) for sort in system.sorts})
    return reader.typed(data, {}, 0, BOOL)


@dataclass(frozen=True)
class _Reader:
    functions: Mapping[str, tuple[tuple[Type, ...], Type]]
    sorts: Mapping[str, SortType]

    def typed(self, data: object, scope: Scope, depth: int, kind: Type) -> Expression:
        """An expression of this type; an integer's range lies within that of the type."""
        e = self.expression(data, scope, depth)
        if not _fits(e.type, kind):
            raise MalformedFormulaError(f"a {e.type} stands where a {kind} is expected")
        return e

    def expression(self, data: object, scope: Scope, depth: int) -> Expression:
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise MalformedFormulaError("a part of a formula is not a list that begins with a word")
        if depth > DEEPEST:
            raise MalformedFormulaError(f"the formula has more than {DEEPEST} levels")
        word, *rest = data
        match word, rest:
            case "value", [kind, value]:
                return self._value(self._type(kind), value)
            case "variable", [str(name)] if name in scope:
                return scope[name]
            case "read", [str(name), *arguments] if name in self.functions:
                parameters, result = self.functions[name]
                if len(arguments) != len(parameters):
                    raise MalformedFormulaError(f"{name} has {len(parameters)} parameters")
                points = (self.typed(a, scope, depth + 1, p) for a, p in zip(arguments, parameters, strict=True))
                return Read(name, tuple(points), result)
            case (("all" | "exists" | "count"), [str(name), kind, body]):
                return self._bound(word, Variable(name, self._index(kind)), body, scope, depth)
            case _:
                return self._node(word, [self.expression(part, scope, depth + 1) for part in rest])

    def _bound(self, word: str, variable: Variable, body: object, scope: Scope, depth: int) -> Expression:
        inside = self.typed(body, {**scope, variable.name: variable}, depth + 1, BOOL)
        match word:
            case "all":
                return ForAll(variable, inside)
            case "exists":
                return Exists(variable, inside)
            case _:
                return Count(variable, inside, IntType(0, size_of(variable.type)))

    @staticmethod
    def _node(word: str, parts: list[Expression]) -> Expression:
        kinds = [part.type for part in parts]
        truths, numbers = all(isinstance(k, BoolType) for k in kinds), all(isinstance(k, IntType) for k in kinds)
        match word, parts:
            case "not", [operand] if truths:
                return Not(operand)
            case "and", _ if truths:
                return And(tuple(parts))
            case "or", _ if truths:
                return Or(tuple(parts))
            case "implies", [left, right] if truths:
                return Implies(left, right)
            case "equal", [left, right] if _alike(left.type, right.type):
                return Equal(left, right)
            case "less", [left, right] if numbers:
                return Less(left, right)
            case ("+" | "-" | "*") as operator, [left, right] if numbers:
                return Arithmetic(operator, left, right, _span(operator, left.type, right.type))
            case "if", [condition, then, otherwise] if condition.type == BOOL and _alike(then.type, otherwise.type):
                return If(condition, then, otherwise, then.type)
            case "some", [operand] if not isinstance(operand.type, OptionalType):
                return Some(operand, OptionalType(operand.type))
            case "is some", [operand] if isinstance(operand.type, OptionalType):
                return IsSome(operand)
            case "open", [operand] if isinstance(operand.type, OptionalType):
                return Open(operand, operand.type.base)
            case "number", [operand] if isinstance(operand.type, SortType):
                return Number(operand, IntType(0, max(0, size_of(operand.type) - 1)))
            case _:
                raise MalformedFormulaError(f"{word!r} does not stand with {', '.join(map(str, kinds)) or 'nothing'}")

    def _value(self, kind: Type, told: object) -> Expression:
        if isinstance(kind, IntType) or (isinstance(kind, OptionalType) and isinstance(kind.base, IntType)):
            value = told if isinstance(told, int) and not isinstance(told, bool) else None
            if contains(kind, value) and (value is not None or told is None):
                return Constant(value, kind)
        else:
            told_as = [(v, plain(kind, v)) for v in values_of(kind)]
            found: list[Value] = [v for v, shown in told_as if type(told) is type(shown) and told == shown]
            if found:
                return Constant(found[0], kind)
        raise MalformedFormulaError(f"{told!r} is no {kind}")

    def _index(self, data: object) -> Type:
        kind = self._type(data)
        if not index_type(kind):
            raise MalformedFormulaError(f"a variable cannot be a {kind}")
        return kind

    def _type(self, data: object) -> Type:
        match data:
            case "bool":
                return BOOL
            case [int(low), int(high)] if low <= high and type(low) is type(high) is int:
                return IntType(low, high)
            case ["sort", str(name)] if name in self.sorts:
                return self.sorts[name]
            case ["optional", inner] if inner != data:
                base = self._type(inner)
                if not isinstance(base, OptionalType):
                    return OptionalType(base)
        raise MalformedFormulaError("a type is none of the system's")


def _alike(left: Type, right: Type) -> bool:
    """Whether values of the types can be compared: the same types, up to the ranges of integers."""
    match left, right:
        case IntType(), IntType():
            return True
        case OptionalType(one), OptionalType(other):
            return _alike(one, other)
        case _:
            return left == right


def _fits(kind: Type, wanted: Type) -> bool:
    if isinstance(kind, IntType) and isinstance(wanted, IntType):
        return wanted.low <= kind.low and kind.high <= wanted.high
    return kind == wanted


def _span(operator: str, left: Type, right: Type) -> IntType:
    """The range of the results."""
    assert isinstance(left, IntType)
    assert isinstance(right, IntType)
    ends = [
        a + b if operator == "+" else a - b if operator == "-" else a * b
        for a, b in product((left.low, left.high), (right.low, right.high))
    ]
    return IntType(min(ends), max(ends))
