"""Terms of first-order logic as SMT-LIB text, folded where their value is plain to see.

A term is a string. Texts that are equal are terms that are equal, so that what can be decided by looking is decided
here, and a query is the same to the byte whichever solver is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Term = str

TRUE: Term = "true"
FALSE: Term = "false"

LONGEST = 2_000_000
"""Characters of a term, beyond which it is given up."""


class TooLargeError(Exception):
    """A formula grew beyond all measure in the translation."""


@dataclass(frozen=True, slots=True)
class Optional:
    """A value that may be missing: whether it is there, and what it is then. None is a value that never is."""

    some: Term
    value: Term | None


Value = Term | Optional

_VALUE = re.compile(r"\|?member/|\d+$|\(- \d+\)$")
_SIMPLE = re.compile(r"[A-Za-z~!@$%^&*_+=<>.?/-][0-9A-Za-z~!@$%^&*_+=<>.?/-]*")


def symbol(category: str, *names: str) -> Term:
    """A name of the query for a name of the system. Different names in give different names out."""
    return _quoted("/".join((category, *map(_escaped, names))))


def _quoted(text: str) -> Term:
    return text if _SIMPLE.fullmatch(text) else f"|{text}|"


def bare(name: Term) -> str:
    """A symbol without the bars around it, as solvers give it back."""
    return name.strip("|")


def _escaped(name: str) -> str:
    """The name without characters that a quoted symbol cannot have, and without the separator."""
    return "".join(c if c.isprintable() and c not in "|\\`/" else f"`{ord(c):x};" for c in name)


def node(operator: str, *operands: Term) -> Term:
    """An application. Raises TooLargeError."""
    if not operands:
        return operator
    text = f"({operator} {' '.join(operands)})"
    if len(text) > LONGEST:
        raise TooLargeError
    return text


def conjunction(parts: Iterable[Term]) -> Term:
    return _joined("and", TRUE, FALSE, parts)


def disjunction(parts: Iterable[Term]) -> Term:
    return _joined("or", FALSE, TRUE, parts)


def _joined(operator: str, neutral: Term, final: Term, parts: Iterable[Term]) -> Term:
    kept: dict[Term, None] = {}
    for part in parts:
        if part == final:
            return final
        if part != neutral:
            kept[part] = None
    if not kept:
        return neutral
    return next(iter(kept)) if len(kept) == 1 else node(operator, *kept)


def negation(term: Term) -> Term:
    if term in (TRUE, FALSE):
        return FALSE if term == TRUE else TRUE
    return term[5:-1] if term.startswith("(not ") else node("not", term)


def implication(left: Term, right: Term) -> Term:
    if left in (TRUE, FALSE) or right == TRUE:
        return right if left == TRUE else TRUE
    return negation(left) if right == FALSE else node("=>", left, right)


def equality(left: Term, right: Term) -> Term:
    """Equality of two terms that are not optional."""
    if left == right:
        return TRUE
    for one, other in ((left, right), (right, left)):
        if one in (TRUE, FALSE):
            return other if one == TRUE else negation(other)
    if _distinct(left, right):
        return FALSE
    return node("=", left, right)


def _distinct(left: Term, right: Term) -> bool:
    """Whether two different terms are values that cannot be equal: two numerals, or two members of one sort."""
    return _VALUE.match(left) is not None and _VALUE.match(right) is not None


def choice(condition: Term, then: Term, otherwise: Term) -> Term:
    """If-then-else."""
    if then == otherwise or condition in (TRUE, FALSE):
        return otherwise if condition == FALSE else then
    if then in (TRUE, FALSE):
        return disjunction((condition, otherwise)) if then == TRUE else conjunction((negation(condition), otherwise))
    if otherwise in (TRUE, FALSE):
        return implication(condition, then) if otherwise == TRUE else conjunction((condition, then))
    return node("ite", condition, then, otherwise)


def select(condition: Term, then: Value, otherwise: Value) -> Value:
    """If-then-else of values of one type."""
    if not isinstance(then, Optional) or not isinstance(otherwise, Optional):
        assert not isinstance(then, Optional)
        assert not isinstance(otherwise, Optional)
        return choice(condition, then, otherwise)
    some = choice(condition, then.some, otherwise.some)
    if then.value is None or otherwise.value is None:
        return Optional(some, otherwise.value if then.value is None else then.value)
    return Optional(some, choice(condition, then.value, otherwise.value))


def same(left: Value, right: Value) -> Term:
    """Equality of two values of one type."""
    if not isinstance(left, Optional) or not isinstance(right, Optional):
        assert not isinstance(left, Optional)
        assert not isinstance(right, Optional)
        return equality(left, right)
    both = equality(left.some, right.some)
    if left.value is None or right.value is None:
        return both
    return conjunction((both, implication(left.some, equality(left.value, right.value))))


def numeral(value: int) -> Term:
    return str(value) if value >= 0 else f"(- {-value})"


def quantified(quantifier: str, variables: Iterable[tuple[Term, Term]], body: Term) -> Term:
    """`forall` or `exists` over variables with their sorts."""
    bound = " ".join(f"({name} {sort})" for name, sort in variables)
    return body if not bound or body in (TRUE, FALSE) else node(quantifier, f"({bound})", body)


def with_pattern(body: Term, variables: Iterable[tuple[Term, Term]]) -> Term:
    """The body of a quantifier that is to be instantiated where all its variables are marked elements."""
    pattern = " ".join(marked(sort, name) for name, sort in variables)
    return body if not pattern or body in (TRUE, FALSE) else node("!", body, ":pattern", f"({pattern})")


def element(sort: Term, number: int) -> Term:
    """The constant for one of the elements of a free sort that a query names."""
    return _quoted(f"some/{bare(sort).partition('/')[2]}/{number}")


def mark(sort: Term) -> Term:
    """The predicate that says of elements of a free sort that quantifiers are instantiated with them."""
    return _quoted(f"marked/{bare(sort).partition('/')[2]}")


def marked(sort: Term, term: Term) -> Term:
    """The element is marked; this constrains nothing, since nothing follows from it."""
    return node(mark(sort), term)
