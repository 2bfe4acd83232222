"""What fairness is assumed of, in formulas: the steps that share a `fair_name`, for each value of some parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.system.expressions import Count, Exists, Expression, ForAll, Or, Variable, rebuild
from verifier.system.system import Action, Fairness, System


@dataclass(frozen=True, slots=True)
class Unit:
    """The `actions` of one name; one unit for each value of `variables`, which stand for their first parameters.

    A unit may be weakly and strongly fair at once, if its actions are not all alike.
    """

    name: str
    actions: tuple[Action, ...]
    variables: tuple[Variable, ...]

    @property
    def strong(self) -> bool:
        return any(action.fairness is Fairness.STRONG for action in self.actions)

    @property
    def weak(self) -> bool:
        return any(action.fairness is Fairness.WEAK for action in self.actions)

    def enabled(self) -> Expression:
        """One of the actions is possible, for the unit that `variables` says."""
        return Or(tuple(self._possible(action) for action in self.actions))

    def _possible(self, action: Action) -> Expression:
        count = len(self.variables)
        fixed = dict(zip((p.name for p in action.parameters), self.variables, strict=False))
        possible = renamed(action.guard, fixed)
        for parameter in reversed(action.parameters[count:]):
            possible = Exists(parameter, possible)
        return possible


def units(system: System) -> tuple[Unit, ...]:
    """All units, in the order of their first actions."""
    together: dict[tuple[str, int], list[Action]] = {}
    for action in system.actions:
        if action.fairness is not Fairness.NONE:
            together.setdefault((action.fair_name, action.fair_parameters), []).append(action)
    return tuple(Unit(name, tuple(actions), _variables(actions[0], k)) for (name, k), actions in together.items())


def _variables(action: Action, count: int) -> tuple[Variable, ...]:
    """Variables that no formula of a specification can have: names there have no exclamation mark."""
    return tuple(Variable(f"unit!{number}", p.type) for number, p in enumerate(action.parameters[:count]))


def renamed(expression: Expression, names: Mapping[str, Variable]) -> Expression:
    """The expression with other variables for its free ones of these names. The new names must be bound nowhere."""
    match expression:
        case Variable(name, _):
            return names.get(name, expression)
        case ForAll(variable, _, _) | Exists(variable, _, _) | Count(variable, _, _):
            names = {name: new for name, new in names.items() if name != variable.name}
    return rebuild(expression, lambda part: renamed(part, names))
