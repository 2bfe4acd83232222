"""Formulas as clauses: what of several things is so, each told apart by the term that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Constant,
    Equal,
    Expression,
    ForAll,
    Implies,
    IsSome,
    Not,
    Open,
    Or,
    Read,
    Some,
    Variable,
    conjunction,
    walk,
)
from verifier.system.types import BOOL, BoolType, OptionalType, SortType, Type, Value, values_of

LARGEST = 300
"""Parts of a formula, beyond which it is taken as it is: what is told of it would be no shorter."""


@dataclass(frozen=True, slots=True)
class Is:
    """`term` has one of these values; or none of them, if it `excludes` them. A value may be what a term stands for."""

    term: Expression
    values: tuple[Value | Expression, ...]
    excludes: bool = False


@dataclass(frozen=True, slots=True)
class So:
    """Anything else that may be so."""

    formula: Expression


Literal = Is | So


def is_large(formula: Expression) -> bool:
    return next(islice(walk(formula), LARGEST, None), None) is not None


def clause_of(formula: Expression) -> tuple[tuple[Variable, ...], list[Literal]]:
    """Variables, and what of them one is always so. The names of the variables are all different."""
    if is_large(formula):
        return (), [So(formula)]
    variables, parts = _clause(formula)
    return variables, united(opened([literal_of(part) for part in parts])) or [So(FALSE)]


def _clause(formula: Expression) -> tuple[tuple[Variable, ...], tuple[Expression, ...]]:
    match formula:
        case ForAll(variable, body, _):
            variables, parts = _clause(body)
            return (variable, *variables), parts
        case Implies(left, right, _):
            variables, parts = _clause(right)
            if _free(left).isdisjoint(v.name for v in variables):
                return variables, (*_alternatives(_not(left)), *parts)
        case Or(operands, _) if operands and isinstance(operands[-1], ForAll):
            variables, parts = _clause(operands[-1])
            if all(_free(operand).isdisjoint(v.name for v in variables) for operand in operands[:-1]):
                return variables, (*(part for o in operands[:-1] for part in _alternatives(o)), *parts)
    return (), tuple(_alternatives(formula))


def _free(formula: Expression) -> set[str]:
    return {node.name for node in walk(formula) if isinstance(node, Variable)}


def _alternatives(formula: Expression) -> Iterator[Expression]:
    """What "or" joins: `x is none or x is not none and p` is `x is none or p`."""
    match formula:
        case Or(operands, _):
            absent: list[Expression] = []
            for operand in operands:
                parts = parts_of(operand)
                rest = [part for part in parts if part not in absent]
                if isinstance(operand, Not):
                    absent.append(operand.operand)
                yield from _alternatives(conjunction(*rest) if len(rest) < len(parts) else operand)
        case Implies(left, right, _):
            yield from _alternatives(Or((_not(left), right)))
        case Not(And() | Or() | Implies() | Not() as inner, _):
            yield from _alternatives(_not(inner))
        case _:
            if formula != FALSE:
                yield formula


def parts_of(formula: Expression) -> tuple[Expression, ...]:
    return formula.operands if isinstance(formula, And) else (formula,)


def _not(formula: Expression) -> Expression:
    """The negation, with "not" as far inside as it goes without quantifiers."""
    match formula:
        case Not(operand, _):
            return operand
        case And(operands, _):
            return Or(tuple(map(_not, operands))) if operands else FALSE
        case Or(operands, _):
            return conjunction(*map(_not, operands))
        case Implies(left, right, _):
            return conjunction(left, _not(right))
        case Constant(value, BoolType()):
            return FALSE if value else TRUE
        case _:
            return Not(formula)


def _is_value(e: Expression) -> bool:
    """A value, a member that a variable stands for, or one that belongs to it: `window.page_of(a)`."""
    match e:
        case Some(operand, _) | Open(Read() as operand, _):
            return _is_value(operand)
        case Read(name, arguments, kind) if arguments and "." in name and kind != BOOL:
            return all(isinstance(argument, Variable) for argument in arguments)
        case _:
            return isinstance(e, Constant | Variable)


def literal_of(formula: Expression) -> Literal:
    """What the formula says, if it is so much as one literal can say."""
    if is_large(formula):
        return So(formula)
    match formula:
        case Not(operand, _):
            return negated(literal_of(operand))
        case Equal(left, right, _) if _is_value(left) and not _is_value(right):
            return literal_of(Equal(right, left))
        case Equal(left, right, _) if _is_value(right):
            value = right.operand if isinstance(right, Some) else right
            return Is(left, (value.value if isinstance(value, Constant) else value,))
        case IsSome(operand, _):
            return Is(operand, (None,), excludes=True)
        case Read(_, _, BoolType()):
            return Is(formula, (True,))
        case Or(operands, _) if operands:
            found = united(opened([literal_of(part) for part in _alternatives(formula)]))
            return found[0] if len(found) == 1 else So(formula)
        case And(operands, _) if operands:
            found = united(opened([literal_of(part) for part in _alternatives(_not(formula))]))
            return negated(found[0]) if len(found) == 1 and isinstance(found[0], Is) else So(formula)
        case _:
            return So(formula)


def negated(literal: Literal) -> Literal:
    match literal:
        case Is(term, (bool(value),), excludes) if isinstance(term.type, BoolType):
            return Is(term, (not value,), excludes)
        case Is():
            return _positive(replace(literal, excludes=not literal.excludes))
        case So(formula):
            return So(_not(formula))


def _positive(literal: Is) -> Is:
    """What a value is, rather than what it is not, where that is as short."""
    domain = _domain(literal.term.type)
    if literal.excludes and domain is not None:
        others = tuple(value for value in domain if value not in literal.values)
        if len(others) <= len(literal.values):
            return Is(literal.term, others)
    return literal


def _domain(kind: Type) -> tuple[Value, ...] | None:
    """All values of a type, if it is one of words: of a sort that may have members without a name not all are known."""
    match kind:
        case BoolType():
            return (False, True)
        case SortType(sort) if not sort.interchangeable and sort.numbers is None:
            return tuple(values_of(kind))
        case _:
            return None


def united(literals: Iterable[Literal]) -> list[Literal]:
    """What "or" joins, with one literal for each term."""
    found: list[Literal] = []
    for literal in dict.fromkeys(literals):
        twin = next(
            (o for o in found if isinstance(o, Is) and isinstance(literal, Is) and o.term == literal.term), None
        )
        if isinstance(literal, Is) and isinstance(twin, Is) and are_comparable(twin, literal):
            found[found.index(twin)] = either(twin, literal)
        else:
            found.append(literal)
    return found


def joint(literals: Iterable[Literal]) -> tuple[Literal, ...]:
    """What "and" joins, with one literal for each term."""
    return tuple(map(negated, united(map(negated, literals))))


def are_comparable(one: Is, other: Is) -> bool:
    """Whether `either` can tell what both say together: which member a term stands for is not known."""
    terms = any(isinstance(value, Variable | Read | Open) for value in (*one.values, *other.values))
    return not terms or (not one.excludes and not other.excludes)


def either(one: Is, other: Is) -> Is:
    """What has the values of one or of the other; it may exclude nothing."""
    if not one.excludes and not other.excludes:
        return replace(one, values=tuple(dict.fromkeys((*one.values, *other.values))))
    if one.excludes and other.excludes:
        return replace(one, values=tuple(value for value in one.values if value in other.values))
    left, right = (one, other) if one.excludes else (other, one)
    return replace(left, values=tuple(value for value in left.values if value not in right.values))


def is_anything(literal: Is) -> bool:
    domain = _domain(literal.term.type)
    return not literal.values if literal.excludes else domain is not None and set(domain) <= set(literal.values)


def guards(literal: Literal, literals: Iterable[Literal]) -> bool:
    """Whether another literal speaks of what the optional holds that this one is about."""
    return isinstance(literal, Is) and any(
        isinstance(node, Open) and node.operand == literal.term
        for other in literals
        if other != literal
        for node in walk(formula_of(other))
    )


def opened(literals: Sequence[Literal]) -> list[Literal]:
    """`x is none or what x holds is p`: `x` has one of the values none and p."""
    absent = [o.term for o in literals if isinstance(o, Is) and o.values == (None,) and not o.excludes]
    return [
        replace(literal, term=literal.term.operand)
        if isinstance(literal, Is) and isinstance(literal.term, Open) and literal.term.operand in absent
        else literal
        for literal in literals
    ]


def formula_of(literal: Literal) -> Expression:
    match literal:
        case So(formula):
            return formula
        case Is(term, values, excludes):
            parts = [_equal(term, value) for value in values]
            joined = parts[0] if len(parts) == 1 else Or(tuple(parts))
            return _not(joined) if excludes else joined


def _equal(term: Expression, value: Value | Expression) -> Expression:
    if value is not None and not isinstance(value, bool | int):
        kind, here = term.type, value.type
        is_held = isinstance(kind, OptionalType) and not isinstance(here, OptionalType)
        return Equal(term, Some(value, kind) if isinstance(kind, OptionalType) and is_held else value)
    match term.type:
        case BoolType():
            return term if value else Not(term)
        case OptionalType(base) as kind:
            return Not(IsSome(term)) if value is None else Equal(term, Some(Constant(value, base), kind))
        case kind:
            return Equal(term, Constant(value, kind))
