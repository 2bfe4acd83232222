"""Formulas that may be invariants, read off the actions.

An action that sets a flag has established its guard; what nothing destroys afterwards goes on to hold while the flag
is set. So of "when all p: moved(p);  phase := done" the guess is "phase == done implies all p: moved(p)". IC3 has to
piece such a formula together from all members of a small instance, and then it says nothing of larger ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.system.expressions import (
    And,
    Constant,
    Equal,
    Exists,
    Expression,
    ForAll,
    Implies,
    Read,
    Variable,
    walk,
)
from verifier.system.system import Action, System
from verifier.system.types import BoolType


def guesses(system: System) -> tuple[Expression, ...]:
    """Closed formulas without `Next`, each once, in the order of the actions."""
    return tuple(dict.fromkeys(guess for action in system.actions for guess in _established(action)))


def _established(action: Action) -> Iterator[Expression]:
    parameters = {parameter.name for parameter in action.parameters}
    parts = [part for part in _parts(action.guard) if isinstance(part, ForAll) and not parameters & _names(part)]
    for update in action.updates:
        if not update.arguments and isinstance(update.value, Constant):
            after = Read(update.function, (), update.value.type)
            set_now = after if isinstance(after.type, BoolType) else Equal(after, update.value)
            if update.value.value is not False:
                yield from (Implies(set_now, part) for part in parts)


def _parts(formula: Expression) -> Iterator[Expression]:
    """Formulas whose conjunction it is."""
    match formula:
        case And(operands, _):
            for operand in operands:
                yield from _parts(operand)
        case ForAll(variable, body, _):
            yield from (ForAll(variable, part) for part in _parts(body))
        case Implies(left, right, _):
            yield from (Implies(left, part) for part in _parts(right))
        case _:
            yield formula


def _names(formula: Expression) -> set[str]:
    """All names of variables in it, bound ones too; fewer guesses where a name is used twice do no harm."""
    return {
        node.variable.name if isinstance(node, ForAll | Exists) else node.name
        for node in walk(formula)
        if isinstance(node, Variable | ForAll | Exists)
    }
