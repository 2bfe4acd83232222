"""Where the conjuncts of a guard may be tested.

Each is tested as soon as the parameters that it mentions are chosen: outside the loops over the others. A conjunct that
opens an optional never moves in front of the conjunct that established it.
"""

from __future__ import annotations

from verifier.system.expressions import (
    And,
    Count,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    IsSome,
    Open,
    Variable,
    children,
)
from verifier.system.system import Action


def conjuncts(guard: Expression) -> tuple[Expression, ...]:
    """The operands of a conjunction, nested ones flattened; just the guard if it is none."""
    if isinstance(guard, And):
        return tuple(part for operand in guard.operands for part in conjuncts(operand))
    return (guard,)


def free_variables(expression: Expression) -> frozenset[str]:
    below = frozenset[str]().union(*(free_variables(child) for child in children(expression)))
    match expression:
        case Variable(name, _):
            return frozenset((name,))
        case ForAll(variable, _, _) | Exists(variable, _, _) | Count(variable, _, _):
            return below - {variable.name}
        case _:
            return below


def opened(expression: Expression, given: frozenset[Expression] = frozenset()) -> frozenset[Expression]:
    """The operands of every `Open` that a condition outside the expression has to establish."""
    match expression:
        case And(operands, _):
            found: frozenset[Expression] = frozenset()
            for operand in operands:
                found |= opened(operand, given)
                given |= _established(operand)
            return found
        case Implies(left, right, _):
            return opened(left, given) | opened(right, given | _established(left))
        case If(condition, then, otherwise, _):
            return opened(condition, given) | opened(then, given | _established(condition)) | opened(otherwise, given)
        case Open(operand, _):
            return opened(operand, given) | ({operand} - given)
        case _:
            return frozenset[Expression]().union(*(opened(child, given) for child in children(expression)))


def _established(expression: Expression) -> frozenset[Expression]:
    return frozenset(part.operand for part in conjuncts(expression) if isinstance(part, IsSome))


def needs(parts: tuple[Expression, ...], index: int) -> frozenset[int]:
    """The conjuncts before number `index` on which its being defined rests."""
    found: set[int] = set()
    for operand in opened(parts[index]):
        sure = [i for i in range(index) if operand in _established(parts[i])]
        found.update(sure[:1] if sure else range(index))
    return frozenset(found)


def placed(action: Action) -> list[list[Expression]]:
    """The guard's conjuncts by the number of parameters that are chosen when each is tested."""
    order = {parameter.name: i + 1 for i, parameter in enumerate(action.parameters)}
    parts = conjuncts(action.guard)
    depths: list[int] = []
    result: list[list[Expression]] = [[] for _ in range(len(action.parameters) + 1)]
    for index, part in enumerate(parts):
        own = max((order[name] for name in free_variables(part) if name in order), default=0)
        depths.append(max([own, *(depths[i] for i in needs(parts, index))]))
        result[depths[-1]].append(part)
    return result
