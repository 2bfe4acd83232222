"""The whole reachable graph with its transitions, for properties of infinite behaviours. Never reduced by symmetry."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.watch import Watch, interruptible
from verifier.system.interpreter import Arguments
from verifier.system.system import Fairness

Label = tuple[int, Arguments]
"""The number of an action and its arguments."""


class Graph:
    """States by number, in breadth-first order, with their transitions and the fairness units enabled in them.

    A *unit* is what fairness is assumed of: `Action.fair_name` with the values of the action's first `fair_parameters`
    parameters. It is enabled where one of its transitions exists. Sets of units are integers, unit u being bit u.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.states: list[Packed] = []
        self.parents = array("i")
        self.depths = array("i")
        self.transitions = 0
        self.labels: list[Label] = []
        self.unit_of: list[int] = []
        """The set of the one unit, or none, that a label takes."""
        self.weak = 0
        self.strong = 0
        self.enabled: list[int] = []
        self._first = array("q", [0])
        self._targets = array("i")
        self._takes = array("i")
        self._numbers: dict[Label, int] = {}
        self._units: dict[tuple[str, Arguments], int] = {}

    def build(self, watch: Watch) -> None:
        """Explores everything. Raises Stopped."""
        with interruptible():
            self._explore(watch)

    def moves(self, state: int) -> Iterator[tuple[int, int]]:
        """The transitions from a state, as numbers of a label and of the state it leads to."""
        return zip(*self._slices(state), strict=True)

    def targets(self, state: int) -> array[int]:
        return self._slices(state)[1]

    def _slices(self, state: int) -> tuple[array[int], array[int]]:
        first, last = self._first[state], self._first[state + 1]
        return self._takes[first:last], self._targets[first:last]

    @property
    def initial(self) -> Iterator[int]:
        return (state for state, parent in enumerate(self.parents) if parent < 0)

    def _explore(self, watch: Watch) -> None:
        number: dict[Packed, int] = {}

        def reach(state: Packed, parent: int, depth: int) -> int:
            found = number.get(state)
            if found is None:
                found = number[state] = len(self.states)
                self.states.append(state)
                self.parents.append(parent)
                self.depths.append(depth)
            return found

        for initial in self.program.initial_states():
            watch.look("liveness", len(self.states), 0, 0, len(self.states))
            reach(initial, -1, 0)
        out: list[tuple[int, Arguments, Packed]] = []
        for index, state in enumerate(self.states):
            depth = self.depths[index]
            watch.look("liveness", len(self.states), self.transitions, depth, len(self.states) - index)
            self.program.expand_labelled(state, out.append, _ignore)
            self.transitions += len(out)
            enabled = 0
            for action, arguments, following in out:
                label = self._label((action, arguments))
                enabled |= self.unit_of[label]
                self._targets.append(reach(following, index, depth + 1))
                self._takes.append(label)
            self._first.append(len(self._targets))
            self.enabled.append(enabled)
            out.clear()

    def _label(self, label: Label) -> int:
        number = self._numbers.get(label)
        if number is None:
            number = self._numbers[label] = len(self.labels)
            self.labels.append(label)
            self.unit_of.append(self._unit(label))
        return number

    def _unit(self, label: Label) -> int:
        action = self.program.system.actions[label[0]]
        if action.fairness is Fairness.NONE:
            return 0
        key = (action.fair_name, label[1][: action.fair_parameters])
        unit = 1 << self._units.setdefault(key, len(self._units))
        if action.fairness is Fairness.WEAK:
            self.weak |= unit
        else:
            self.strong |= unit
        return unit


def _ignore(failure: int) -> None:
    pass
