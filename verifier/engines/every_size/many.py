"""From how many blocks on one more makes no difference to anything that a specification says.

A formula can tell blocks of one row apart only through the variables that hold them. With k variables in scope at once
it cannot tell k blocks of a row from more; it is like a game in which k pebbles are moved about on two heaps. A `Count`
adds the blocks of several rows; compared with a number, it cannot tell that number of blocks and one from more. A step
takes out the blocks that its parameters hold, and what is said of the state after it must be right for those that stay.
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.engines.explicit.guards import free_variables
from verifier.system.expressions import (
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    Less,
    Next,
    Variable,
    children,
    walk,
)
from verifier.system.system import Action, Formula, Property, PropertyKind, System, Update
from verifier.system.types import SortType, Type

MOST = 12
"""From here on there are too many states."""


class NotForEverySize(Exception):  # noqa: N818  (an end, not an error)
    """A specification to which this method cannot be applied; the message says why."""


def many(system: System, claims: Iterable[Property], sorts: frozenset[str]) -> int:
    """For an orbit with members of these sorts, how many equal blocks stand for any larger number.

    Raises NotForEverySize if no number does.
    """
    scale = _Scale(sorts)
    moved = max((scale.among(action.parameters) for action in system.actions), default=0)
    found = max(
        [
            moved + 1,
            *map(scale.of_action, system.actions),
            *(scale.of_claim(claim, moved) for claim in claims),
        ]
    )
    for function in system.functions:
        if isinstance(function.initial, Formula) and scale.quantifies(function.initial.body):
            raise NotForEverySize(f"the value of `{function.name}` at first depends on how many there are")
    if found > MOST:
        raise NotForEverySize(f"up to {found} of them would have to be told from more")
    return found


class _Scale:
    """`place` says in messages where an expression stands."""

    def __init__(self, sorts: frozenset[str]) -> None:
        self._sorts = sorts

    def holds(self, kind: Type) -> bool:
        """Whether a variable of the type may hold a block."""
        return isinstance(kind, SortType) and kind.sort.name in self._sorts

    def among(self, variables: Iterable[Variable]) -> int:
        return sum(self.holds(variable.type) for variable in variables)

    def quantifies(self, expression: Expression) -> bool:
        return any(
            isinstance(node, ForAll | Exists | Count) and self.holds(node.variable.type) for node in walk(expression)
        )

    def of_claim(self, claim: Property, moved: int) -> int:
        return self.of(claim.formula, f"`{claim.name}`", 0, moved if claim.kind is PropertyKind.STEP else 0)

    def of_action(self, action: Action) -> int:
        place = f"`{action.name}`"
        held = self.among(action.parameters)
        parts = [self.of(action.guard, place, held)]
        parts += [self.of(a.formula, place, held + self.among(a.binders)) for a in action.assertions]
        parts += [self._of_update(update, place, held) for update in action.updates]
        return max(parts)

    def _of_update(self, update: Update, place: str, held: int) -> int:
        """To write a cell twice it takes two choices of the binders, unless each choice has a cell of its own."""
        own_cells = all(binder in update.arguments for binder in update.binders)
        inside = held + self.among(update.binders) * (1 if own_cells else 2)
        return max(self.of(part, place, inside) for part in (update.condition, update.value, *update.arguments))

    def of(self, expression: Expression, place: str, held: int, moved: int = 0) -> int:
        """For an expression below `held` variables, over steps that move `moved` blocks one by one."""
        match expression:
            case ForAll(variable, body, _) | Exists(variable, body, _):
                return self.of(body, place, held + self.among([variable]), moved)
            case Less(left, right, _) | Equal(left, right, _):
                counts = [(self._count(a), b) for a, b in ((left, right), (right, left))]
                found = [(count, other) for count, other in counts if count is not None]
                if not found:
                    return max(self.of(left, place, held, moved), self.of(right, place, held, moved))
                ((count, other), *more) = found
                if more or not isinstance(other, Constant) or other.value is None:
                    raise NotForEverySize(f"`count` in {place} is not compared with a constant")
                below = isinstance(expression, Less) and other is right
                told = int(other.value) + (0 if below else 1) + self._mentioned(count) + moved
                return max(told, self.of(count.body, place, held + 1, moved))
            case Count(variable, _, _) if self.holds(variable.type):
                raise NotForEverySize(f"`count` in {place} is not compared with a constant")
            case _:
                return max((self.of(part, place, held, moved) for part in children(expression)), default=held + moved)

    def _count(self, expression: Expression) -> Count | None:
        while isinstance(expression, Next):
            expression = expression.operand
        return expression if isinstance(expression, Count) and self.holds(expression.variable.type) else None

    def _mentioned(self, count: Count) -> int:
        """How many other variables with a block the body mentions: their blocks may be counted otherwise."""
        names = free_variables(count.body) - {count.variable.name}
        variables = {node for node in walk(count.body) if isinstance(node, Variable) and node.name in names}
        return self.among(variables)
