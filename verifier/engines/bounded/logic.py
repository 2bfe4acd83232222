"""Literals that fold, and values that are not known yet: the vocabulary of the bounded engine.

A `Literal` is a plain Python bool where the truth is known at translation time, otherwise a z3 formula. A `Choice`
is a value that depends on the state: each possible value with the literal under which it is that value. The literals
of a choice exclude one another; at least one holds wherever the expression is defined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import z3

from verifier.system.types import Value

Literal = Any  # bool | z3.BoolRef; z3 has no types
Choice = dict[Value, Literal]


def conjunction(parts: Iterable[Literal]) -> Literal:
    """The "and" of the parts; stops reading them at the first one known to be false."""
    kept: dict[int, Literal] = {}
    for part in parts:
        if part is False:
            return False
        if part is not True:
            kept[part.get_id()] = part
    if not kept:
        return True
    return next(iter(kept.values())) if len(kept) == 1 else z3.And(list(kept.values()))


def disjunction(parts: Iterable[Literal]) -> Literal:
    """The "or" of the parts; stops reading them at the first one known to be true."""
    kept: dict[int, Literal] = {}
    for part in parts:
        if part is True:
            return True
        if part is not False:
            kept[part.get_id()] = part
    if not kept:
        return False
    return next(iter(kept.values())) if len(kept) == 1 else z3.Or(list(kept.values()))


def negation(literal: Literal) -> Literal:
    if isinstance(literal, bool):
        return not literal
    return literal.arg(0) if z3.is_not(literal) else z3.Not(literal)


def equivalence(left: Literal, right: Literal) -> Literal:
    if isinstance(left, bool):
        return right if left else negation(right)
    if isinstance(right, bool):
        return left if right else negation(left)
    return True if left.eq(right) else left == right


def boolean(truth: Literal) -> Choice:
    """A truth value as a choice."""
    if isinstance(truth, bool):
        return {truth: True}
    return {False: negation(truth), True: truth}


def choice(cases: Iterable[tuple[Value, Literal]]) -> Choice:
    """The choice made of the cases, which exclude one another unless their values agree."""
    gathered: dict[Value, list[Literal]] = {}
    for value, literal in cases:
        if literal is not False:
            gathered.setdefault(value, []).append(literal)
    return {value: disjunction(literals) for value, literals in gathered.items()}


def select(condition: Literal, then: Choice, otherwise: Choice) -> Choice:
    """`then` where the condition holds, `otherwise` elsewhere."""
    refused = negation(condition)
    return choice(
        [(value, conjunction((condition, literal))) for value, literal in then.items()]
        + [(value, conjunction((refused, literal))) for value, literal in otherwise.items()]
    )


def same(left: Choice, right: Choice) -> Literal:
    """Whether the two are equal."""
    return disjunction(conjunction((literal, right[value])) for value, literal in left.items() if value in right)


def combine(operation: Callable[[int, int], Value], left: Choice, right: Choice) -> Choice:
    """The operation applied to every pair of integers that the two may be."""
    return choice(
        (operation(number(a), number(b)), conjunction((one, other)))
        for (a, one), (b, other) in product(left.items(), right.items())
    )


def total(truths: Iterable[Literal]) -> Choice:
    """How many of the truths hold."""
    sums: Choice = {0: True}
    for truth in truths:
        sums = choice(
            [(number(n) + 1, conjunction((truth, literal))) for n, literal in sums.items()]
            + [(n, conjunction((negation(truth), literal))) for n, literal in sums.items()]
        )
    return sums


def points(arguments: Sequence[Choice]) -> Iterator[tuple[tuple[Value, ...], Literal]]:
    """Every tuple of values that the arguments may be, and when they are."""
    for cases in product(*(argument.items() for argument in arguments)):
        literal = conjunction(literal for _, literal in cases)
        if literal is not False:
            yield tuple(value for value, _ in cases), literal


def number(value: Value) -> int:
    assert value is not None
    return int(value)
