"""`at most N`: how often an action may still happen, as a piece of state that counts down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold
from verifier.language.elaborate.choices import LARGEST_SORT
from verifier.system.expressions import Constant, Expression, Read, Variable
from verifier.system.span import Span
from verifier.system.system import Formula, Function, Table, Update
from verifier.system.types import IntType, Type

if TYPE_CHECKING:
    from verifier.language.elaborate.world import World


@dataclass(frozen=True, slots=True)
class Budget:
    """`name.left`: from `limit` down to 0, for each value of the parameters."""

    name: str
    limit: int
    parameters: tuple[Type, ...]
    span: Span

    @property
    def function(self) -> Function:
        kind = IntType(0, self.limit)
        variables = tuple(Variable(f"_{index}", p) for index, p in enumerate(self.parameters, start=1))
        initial = Formula(variables, Constant(self.limit, kind)) if variables else Table((self.limit,))
        return Function(self.name, self.parameters, kind, initial, span=self.span)

    def _left(self, point: tuple[Expression, ...]) -> Expression:
        return Read(self.name, point, IntType(0, self.limit))

    def left_over(self, point: tuple[Expression, ...] = ()) -> Expression:
        return fold.less(fold.number(0), self._left(point))

    def spend(self, point: tuple[Expression, ...] = ()) -> tuple[Update, ...]:
        """One less is left. With a limit of 0 the action never happens."""
        if self.limit == 0:
            return ()
        return (Update(self.name, point, fold.arithmetic("-", self._left(point), fold.number(1)), span=self.span),)


def budget(action: str, limit: tree.Expr | None, parameters: tuple[Type, ...], world: World) -> Budget | None:
    """The budget of an action; None if it has none, or a wrong one."""
    if limit is None:
        return None
    size = world.constants.number(limit)
    if size is None:
        return None
    if not 0 <= size <= LARGEST_SORT:
        world.problems.error("E0330", limit.span, f"the limit must be from 0 to {LARGEST_SORT}", f"is {size}")
        return None
    return Budget(f"{action}.left", size, parameters, limit.span)
