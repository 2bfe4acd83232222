"""The properties that every system has, each only where something could violate it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations

from verifier.language.elaborate import fold
from verifier.language.elaborate.coercion import within
from verifier.system.expressions import And, Constant, Expression, Variable, walk
from verifier.system.system import Action, Function, Kind, Property, PropertyKind, Update

MOST_COMPARED = 100

NOT_STUCK = Property(
    "not_stuck",
    PropertyKind.STUCK,
    description="The protocol never stops for good except where it may: some step remains possible, now or later.",
)
IN_RANGE = Property(
    "in_range", PropertyKind.RANGE, description="No number ever leaves the range that is declared for it."
)
SINGLE_WRITE = Property(
    "single_write", PropertyKind.CONFLICT, description="No action writes one piece of state twice at once."
)


def built_in(
    actions: tuple[Action, ...], functions: Mapping[str, Function], budgets: Collection[str], asked: Collection[str]
) -> list[Property]:
    """The built-in properties that are asked for, and those that say something about the actions.

    A budget is only spent while some is left, so it stays in its range.
    """
    updates = [update for action in actions for update in action.updates if update.function not in budgets]
    relevant = {
        NOT_STUCK: any(action.kind is Kind.STEP for action in actions),
        IN_RANGE: any(not within(update.value.type, functions[update.function].result) for update in updates),
        SINGLE_WRITE: any(_may_conflict(action) for action in actions),
    }
    return [claim for claim, needed in relevant.items() if needed or claim.name in asked]


def _may_conflict(action: Action) -> bool:
    """Whether two writes of the action could go to one cell; sometimes true although they cannot."""
    if any(not set(update.binders) <= set(update.arguments) for update in action.updates):
        return True
    by_function: dict[str, list[Update]] = {}
    for update in action.updates:
        by_function.setdefault(update.function, []).append(update)
    return any(
        len(updates) > MOST_COMPARED or any(not _apart(a, b) for a, b in combinations(updates, 2))
        for updates in by_function.values()
    )


def _apart(a: Update, b: Update) -> bool:
    """Whether two writes certainly go to different cells or never happen together."""
    for left, right in zip(a.arguments, b.arguments, strict=True):
        if isinstance(left, Constant) and isinstance(right, Constant) and left != right:
            return True
    if a.binders or b.binders:
        shared = {v for u in (a, b) for v in u.binders}
        return _exclude(
            [c for c in _parts(a.condition) if not _mentions(c, shared)],
            [c for c in _parts(b.condition) if not _mentions(c, shared)],
        )
    return _exclude(_parts(a.condition), _parts(b.condition))


def _parts(condition: Expression) -> list[Expression]:
    return list(condition.operands) if isinstance(condition, And) else [condition]


def _exclude(left: list[Expression], right: list[Expression]) -> bool:
    return any(fold.negate(part) in right for part in left)


def _mentions(expression: Expression, variables: set[Variable]) -> bool:
    return any(node in variables for node in walk(expression) if isinstance(node, Variable))
