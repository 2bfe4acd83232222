"""`e is word`: is nothing there, what is there, or in which status is it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold
from verifier.language.elaborate.names import sort_of
from verifier.language.elaborate.problems import listed
from verifier.language.elaborate.scope import Scope
from verifier.system.expressions import Constant, Expression, Read
from verifier.system.types import OptionalType, Sort, SortType

if TYPE_CHECKING:
    from verifier.language.elaborate.expressions import Expressions

Tested = tuple[Expression | None, Scope]


def status(elaborate: Expressions, written: tree.Is, scope: Scope) -> Tested:
    """The test as an expression, and the scope where it is true."""
    operand = elaborate.value(written.operand, scope)
    if written.word.text == "none":
        return _absent(elaborate, written, operand), scope
    if operand is None:
        # The word may name what the operand holds; whoever uses it should not be told that it is unknown.
        return None, scope.bind(written.word.text, None)
    if isinstance(operand.type, OptionalType):
        return _named(elaborate, written, operand, scope)
    test = _status(elaborate, written, operand, scope)
    return (test and fold.negate(test) if written.negated else test), scope


def _absent(elaborate: Expressions, written: tree.Is, operand: Expression | None) -> Expression | None:
    if operand is None:
        return None
    if not isinstance(operand.type, OptionalType):
        elaborate.problems.error(
            "E0201", written.operand.span, "this is never none", f"is a {operand.type}, not an optional"
        )
        return None
    present = fold.is_some(operand)
    return present if written.negated else fold.negate(present)


def _named(elaborate: Expressions, written: tree.Is, operand: Expression, scope: Scope) -> Tested:
    word = written.word.text
    sort = sort_of(operand.type)
    if sort is not None and word in sort.members:
        operator = "!=" if written.negated else "=="
        elaborate.problems.error(
            "E0211",
            written.word.span,
            f"`{word}` is a member of {sort}; `is` would name what is there",
            "not a new name",
            f"to compare, write `{operator} {word}`",
        )
        return None, scope
    if written.negated:
        elaborate.problems.error(
            "E0212", written.word.span, f"there is nothing to name `{word}`", "new name", "write `is none`"
        )
        return None, scope
    if word in scope.names:
        elaborate.problems.error(
            "E0111",
            written.word.span,
            f"`{word}` already has a meaning here, and `is` would give it a new one",
            "already known",
            f"to compare, write `== {word}`; else choose a new name",
        )
        return None, scope
    return fold.is_some(operand), scope.bind(word, fold.open_(operand))


def _status(elaborate: Expressions, written: tree.Is, operand: Expression, scope: Scope) -> Expression | None:
    word = written.word
    sort = sort_of(operand.type)
    if sort is not None and not sort.interchangeable and word.text in sort.members:
        return fold.equal(operand, Constant(sort.members.index(word.text), SortType(sort)))
    found = _statuses(elaborate, operand, word.text)
    if len(found) == 1:
        name, status_sort = found[0]
        if scope.constant and elaborate.world.declared.functions[name].word != "const":
            elaborate.problems.error(
                "E0305", written.span, f"`{name}` is state, but only constants can be read here", "changes over time"
            )
            return None
        kind = SortType(status_sort)
        return fold.equal(Read(name, (operand,), kind), Constant(status_sort.members.index(word.text), kind))
    if found:
        elaborate.problems.error(
            "E0114",
            word.span,
            f"`{word.text}` could be a value of {listed(name for name, _ in found)}",
            "which one is meant?",
            f"write `{found[0][0]}(...) == {word.text}`",
        )
    else:
        elaborate.problems.error(
            "E0113",
            word.span,
            f"no state over {operand.type} has a value `{word.text}`",
            "unknown status",
            "`x is word` asks for the value of an enumeration at x; `is none` and `is p` are for optionals",
        )
    return None


def _statuses(elaborate: Expressions, operand: Expression, word: str) -> list[tuple[str, Sort]]:
    """The functions over the operand's type with an enumeration that has the word."""
    candidates = elaborate.world.statuses.get(word, ())
    return [
        (f.name, f.result.sort)
        for f in candidates
        if f.parameters == (operand.type,) and isinstance(f.result, SortType)
    ]
