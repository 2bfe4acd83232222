"""What fairness is assumed of, as numbers.

A *unit* is `Action.fair_name` with the values of the action's first `fair_parameters` parameters. It is enabled in a
state from which one of its transitions exists. Unit numbers begin at 1; 0 stands for what is not assumed to be fair.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from verifier.engines.explicit.liveness.routines import NO_UNIT, STRONG, WEAK
from verifier.engines.explicit.source import range_of
from verifier.engines.watch import Stopped
from verifier.system.interpreter import Arguments
from verifier.system.system import Action, Fairness, System

MOST = 1 << 26
"""The most units there may be."""


@dataclass(frozen=True, slots=True)
class Family:
    """The units of one name: `first` is the unit of the least values `lows` of the parameters, which take `sizes`."""

    first: int
    lows: tuple[int, ...]
    sizes: tuple[int, ...]


class Units:
    """The units of one system. Raises Stopped where there are more than can be told apart."""

    def __init__(self, system: System) -> None:
        self._families: dict[str, Family] = {}
        self._kinds = [(1, 0)]
        together: dict[tuple[str, int], list[Action]] = {}
        for action in system.actions:
            if action.fairness is not Fairness.NONE:
                together.setdefault((action.fair_name, action.fair_parameters), []).append(action)
        self.count = 1
        for actions in together.values():
            family = self._family(actions)
            for action in actions:
                self._families[action.name] = family
            kind = (WEAK if any(a.fairness is Fairness.WEAK for a in actions) else 0) | (
                STRONG if any(a.fairness is Fairness.STRONG for a in actions) else 0
            )
            self._kinds.append((prod(family.sizes), kind))
            self.count += prod(family.sizes)
        if self.count > MOST:
            raise Stopped(f"fairness is assumed of more than {MOST} things")

    def _family(self, actions: list[Action]) -> Family:
        ranges = [[range_of(parameter.type) for parameter in a.parameters[: a.fair_parameters]] for a in actions]
        columns = list(zip(*ranges, strict=True))
        lows = tuple(min(low for low, _ in column) for column in columns)
        highs = (max(high for _, high in column) for column in columns)
        return Family(self.count, lows, tuple(high - low + 1 for low, high in zip(lows, highs, strict=True)))

    def family(self, action: Action) -> Family | None:
        """Where the units of an action are; None if it is not fair."""
        return self._families.get(action.name)

    def number(self, action: Action, arguments: Arguments) -> int:
        """The unit that the action takes with these arguments, or NO_UNIT."""
        family = self._families.get(action.name)
        if family is None:
            return NO_UNIT
        index = 0
        for value, low, size in zip(arguments, family.lows, family.sizes, strict=False):
            assert value is not None  # parameters are never optional
            index = index * size + int(value) - low
        return family.first + index

    def kinds(self) -> bytes:
        """For each unit WEAK, STRONG, or both."""
        return b"".join(bytes([kind]) * size for size, kind in self._kinds)
