"""State that is added to a family to speak of waiting: it is written by every step, and changes none of them."""

from __future__ import annotations

from dataclasses import replace

from verifier.engines.proof.family import Case, Family, Fixed
from verifier.engines.proof.progress.units import Unit
from verifier.system.expressions import FALSE, And, Constant, Equal, Expression, Not, Or, Read
from verifier.system.system import Action, Anything, Function, Property, PropertyKind, Update
from verifier.system.types import BOOL, Sort, SortType

WAITED = "waited!"
"""Whether the behaviour was waiting before the last step."""
TAKEN = "taken!"
"""The unit that the last step took. No name of a specification has an exclamation mark."""

_WAITED = Read(WAITED, (), BOOL)


def waiting(claim: Property) -> Expression:
    """The behaviour waits for the goal of the claim, in a family that `with_waiting` gave."""
    begins = claim.trigger if claim.kind is PropertyKind.LEADS_TO else FALSE
    return And((Or((_WAITED, begins)), Not(claim.formula)))


def with_waiting(family: Family, claim: Property) -> Family:
    """The family with a state that says whether a behaviour waits for the goal of the claim.

    For EVENTUALLY it waits from the beginning, for LEADS_TO from each state where the trigger holds; until the goal.
    """
    start = claim.kind is PropertyKind.EVENTUALLY
    function = Function(WAITED, (), BOOL, Anything())
    update = Update(WAITED, (), waiting(claim))
    return _with(family, function, start, {action.name: update for action in family.text.actions})


def with_taken(family: Family, units: tuple[Unit, ...]) -> Family:
    """The family with a state that says which unit the last step took, whatever its parameters."""
    kind = SortType(Sort("unit!", ("none", *(str(number) for number in range(len(units)))), False))
    function = Function(TAKEN, (), kind, Anything())
    numbers = {action.name: number for number, unit in enumerate(units, 1) for action in unit.actions}
    updates = {
        action.name: Update(TAKEN, (), Constant(numbers.get(action.name, 0), kind)) for action in family.text.actions
    }
    wider = replace(family, text=replace(family.text, sorts=(*family.text.sorts, kind.sort)))
    return _with(wider, function, 0, updates)


def takes(family: Family, number: int) -> Expression:
    """The last step took the unit of this number, counted from 0, in a family that `with_taken` gave."""
    kind = family.text.function(TAKEN).result
    return Equal(Read(TAKEN, (), kind), Constant(number + 1, kind))


def _with(family: Family, function: Function, start: bool | int, updates: dict[str, Update]) -> Family:
    def written(action: Action) -> Action:
        return replace(action, updates=(*action.updates, updates[action.name]))

    text = replace(
        family.text,
        functions=(*family.text.functions, function),
        actions=tuple(map(written, family.text.actions)),
    )
    return replace(family, text=text, cases={**family.cases, function.name: (Case((), Fixed(start)),)})
