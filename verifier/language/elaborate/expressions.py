"""Expressions: each is given a type and becomes a kernel expression.

Where a type is expected it is handed down, because `none`, a number and a member's name mean what the place they stand
in makes of them; the caller still checks what comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold, is_tests, names, phases, sets
from verifier.language.elaborate.coercion import coerce, same, type_name
from verifier.language.elaborate.scope import Scope
from verifier.system.expressions import Expression
from verifier.system.span import Span
from verifier.system.types import BOOL, IntType, OptionalType, Type

if TYPE_CHECKING:
    from verifier.language.elaborate.world import World

DEEPEST = 100
EFFORT = 4
WIDEST_NUMBER = 2**63


class Expressions:
    """Elaborates expressions. `None` is the result of a wrong one, which has then been reported."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.problems = world.problems
        self._depth = 0

    # Entrances

    def value(self, written: tree.Expr, scope: Scope, expected: Type | None = None) -> Expression | None:
        """The expression; `expected` only helps to understand it."""
        with self.nested(written.span) as free:
            return self._value(written, scope, expected) if free else None

    def truth(self, written: tree.Expr, scope: Scope) -> Expression | None:
        """An expression that must be true or false."""
        return self.condition(written, scope)[0]

    def condition(self, written: tree.Expr, scope: Scope) -> tuple[Expression | None, Scope]:
        """A boolean expression, and the scope where it is known to be true: `e is p` names what e holds."""
        match written:
            case tree.Binary("and", _, _, _):
                return self._conjunction(written, scope)
            case tree.Is():
                with self.nested(written.span) as free:
                    return is_tests.status(self, written, scope) if free else (None, scope)
            case _:
                value = self.value(written, scope, BOOL)
                return value and coerce(value, BOOL, written.span, self.problems), scope

    @contextmanager
    def nested(self, span: Span) -> Iterator[bool]:
        """Counts what is made, and how deep it is; False where that is too much."""
        self._depth += 1
        try:
            if not self.world.effort.spend(EFFORT, span, self.problems):
                yield False
            elif self._depth > DEEPEST:
                self.problems.error(
                    "E0215", span, "expressions and definitions are nested too deeply", f"more than {DEEPEST} levels"
                )
                yield False
            else:
                yield True
        finally:
            self._depth -= 1

    # By form

    def _value(self, written: tree.Expr, scope: Scope, expected: Type | None) -> Expression | None:
        match written:
            case tree.LiteralExpr():
                return names.literal(self, written, expected)
            case tree.Reference():
                return names.reference(self, written, scope, expected)
            case tree.Element():
                return names.element(self, written, scope, expected)
            case tree.Unary("not", operand, _):
                condition = self.truth(operand, scope)
                return None if condition is None else fold.negate(condition)
            case tree.Unary(_, operand, _):
                number = self._number(operand, scope)
                return number and self._bounded(fold.arithmetic("-", fold.number(0), number), written.span)
            case tree.Binary("and", _, _, _) | tree.Is():
                return self.condition(written, scope)[0]
            case tree.Binary("or", _, _, _):
                return self._disjunction(written, scope)
            case tree.Binary("implies", left, right, _):
                condition, known = self.condition(left, scope)
                consequence = self.truth(right, known)
                return None if condition is None or consequence is None else fold.implies(condition, consequence)
            case tree.Binary("+" | "-" | "*", _, _, _):
                return self._arithmetic(written, scope)
            case tree.Binary():
                return self._comparison(written, scope)
            case tree.At():
                return phases.at(self, written, scope)
            case tree.Member():
                return sets.member(self, written, scope)
            case tree.Conditional():
                return self._conditional(written, scope, expected)
            case tree.Quantified():
                return sets.quantified(self, written, scope)

    def _conjunction(self, written: tree.Expr, scope: Scope) -> tuple[Expression | None, Scope]:
        parts: list[Expression | None] = []
        for operand in _operands(written, "and"):
            part, scope = self.condition(operand, scope)
            parts.append(part)
        known = [part for part in parts if part is not None]
        return (fold.both(*known) if len(known) == len(parts) else None), scope

    def _disjunction(self, written: tree.Expr, scope: Scope) -> Expression | None:
        parts = [self.truth(operand, scope) for operand in _operands(written, "or")]
        known = [part for part in parts if part is not None]
        return fold.either(*known) if len(known) == len(parts) else None

    def _conditional(self, written: tree.Conditional, scope: Scope, expected: Type | None) -> Expression | None:
        condition, known = self.condition(written.condition, scope)
        both = self._pair((written.then, known), (written.otherwise, scope), expected, written.span)
        if condition is None or both is None:
            return None
        return fold.choose(condition, *both)

    # Numbers

    def _number(self, written: tree.Expr, scope: Scope) -> Expression | None:
        value = self.value(written, scope)
        if value is None or isinstance(value.type, IntType):
            return value
        hint = "members of a sort can only be compared for equality; `number(x)` is the position of x"
        self.problems.error(
            "E0210", written.span, "a number is needed here", f"is {type_name(value.type)}",
            None if isinstance(value.type, OptionalType) or value.type == BOOL else hint,
        )  # fmt: skip
        return None

    def _arithmetic(self, written: tree.Binary, scope: Scope) -> Expression | None:
        left, right = self._number(written.left, scope), self._number(written.right, scope)
        if left is None or right is None:
            return None
        assert written.operator in ("+", "-", "*")
        return self._bounded(fold.arithmetic(written.operator, left, right), written.span)

    def _bounded(self, value: Expression, span: Span) -> Expression | None:
        """Numbers stay where machines can compute them."""
        kind = fold.bounds(value)
        if max(abs(kind.low), abs(kind.high)) < WIDEST_NUMBER:
            return value
        self.problems.error("E0214", span, "this number may become too large", "may need more than 63 bits")
        return None

    # Two sides of one type

    def _comparison(self, written: tree.Binary, scope: Scope) -> Expression | None:
        if written.operator in ("==", "!="):
            sides = self._pair((written.left, scope), (written.right, scope), None, written.span)
            if sides is None:
                return None
            equal = fold.equal(*sides)
            return equal if written.operator == "==" else fold.negate(equal)
        left, right = self._number(written.left, scope), self._number(written.right, scope)
        if left is None or right is None:
            return None
        match written.operator:
            case "<":
                return fold.less(left, right)
            case ">":
                return fold.less(right, left)
            case "<=":
                return fold.negate(fold.less(right, left))
            case _:
                return fold.negate(fold.less(left, right))

    def _pair(
        self, left: tuple[tree.Expr, Scope], right: tuple[tree.Expr, Scope], expected: Type | None, span: Span
    ) -> tuple[Expression, Expression] | None:
        """Two expressions that must have one type, each helping to understand the other."""
        if expected is None and self._needs_context(*left) and not self._needs_context(*right):
            swapped = self._pair(right, left, None, span)
            return swapped and (swapped[1], swapped[0])
        first = self.value(*left, expected)
        if first is None and expected is None and self._needs_context(*right):
            return None
        second = self.value(*right, expected if first is None else expected or first.type)
        if first is None or second is None:
            return None
        if same(first.type, second.type):
            return first, second
        if isinstance(first.type, OptionalType) and same(first.type.base, second.type):
            return first, fold.some(second)
        if isinstance(second.type, OptionalType) and same(first.type, second.type.base):
            return fold.some(first), second
        self.problems.error(
            "E0201",
            span,
            "both sides must be of one type",
            f"{type_name(first.type)} on the left, {type_name(second.type)} on the right",
        )
        return None

    def _needs_context(self, written: tree.Expr, scope: Scope) -> bool:
        """Whether the other side should be looked at first."""
        match written:
            case tree.LiteralExpr(bool(), _, _):
                return False
            case tree.LiteralExpr() | tree.Element():
                return True
            case tree.Reference(name, None, _):
                declared = self.world.declared
                known = name.text in declared.functions or name.text in declared.defines
                return not known and name.text not in scope.names
            case _:
                return False


def _operands(written: tree.Expr, operator: str) -> tuple[tree.Expr, ...]:
    """The operands of a chain `a and b and c`, which leans to the left; however long, it is one level."""
    rest: list[tree.Expr] = []
    while isinstance(written, tree.Binary) and written.operator == operator:
        rest.append(written.right)
        written = written.left
    return (written, *reversed(rest))
