"""Scenarios: whether some behaviour performs given actions in order, with gaps and checks where the scenario has them.

The search runs over pairs of a state and a position in the scenario. Each step costs one action, so a witness has as
few actions as possible. Symmetry is used as in `search`: the members that the scenario names do not move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.quotient import Key, Quotient, View
from verifier.engines.explicit.rows import Changes
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch, interruptible
from verifier.system.interpreter import Arguments
from verifier.system.symmetry import Symmetry
from verifier.system.system import Action, Check, Gap, Perform, Scenario

Node = tuple[Key, int]


class ScenarioSearch:
    """The search for one scenario. `states` and `transitions` measure it.

    `furthest` is the position of the last happening that some behaviour came to.
    """

    def __init__(self, program: Program, scenario: Scenario, watch: Watch, symmetry: Symmetry | None = None) -> None:
        self._program = program
        self._happenings = scenario.happenings
        self._watch = watch
        self._quotient = Quotient(program, symmetry)
        self._steps = self._quotient.moves(program.system.actions)
        self._checks: dict[int, Callable[[View], object]] = {
            position: self._quotient.predicate(happening.formula)
            for position, happening in enumerate(scenario.happenings)
            if isinstance(happening, Check)
        }
        self.states = 0
        self.transitions = 0
        self.depth = 0
        self.furthest = 0

    def run(self) -> Behaviour | None:
        """A behaviour that performs the scenario; None if there is none. Raises Stopped."""
        with interruptible():
            return self._explore()

    def _explore(self) -> Behaviour | None:
        parents: dict[Node, Node | None] = {}
        for initial in self._program.initial_states():
            self._watch.look("scenario", len(parents), 0, 0, len(parents))
            key = self._quotient.key(initial)
            for position in self._rests(key, 0):
                parents.setdefault((key, position), None)
        layer = list(parents)
        while layer:
            self.states = len(parents)
            for node in layer:
                if node[1] == len(self._happenings):
                    return self._behaviour(node, parents)
            waiting: list[Node] = []
            for count, node in enumerate(layer):
                self.states = len(parents)
                self._watch.look("scenario", self.states, self.transitions, self.depth, len(layer) - count)
                for _, _, _, target in self._moves(self._quotient.view(node[0]), node[1]):
                    self.transitions += 1
                    if target not in parents:
                        parents[target] = node
                        waiting.append(target)
            layer = waiting
            self.depth += bool(layer)
        return None

    def _rests(self, key: Key, position: int) -> Iterator[int]:
        """The positions from which the next happening is an action, or the end, reached without one."""
        while position < len(self._happenings):
            self.furthest = max(self.furthest, position)
            happening = self._happenings[position]
            if isinstance(happening, Perform):
                break
            if isinstance(happening, Check) and not self._checks[position](self._quotient.view(key)):
                return
            if isinstance(happening, Gap):
                yield position
            position += 1
        yield position

    def _moves(self, view: View, position: int) -> Iterator[tuple[Action, Arguments, Changes | Packed, Node]]:
        """The steps from a state at a position, each with a node that it leads to inside the scenario."""
        happening = self._happenings[position]
        for action, arguments, step in self._steps(view):
            after = position
            if isinstance(happening, Perform):
                if not _matches(happening, action, arguments):
                    continue
                after = position + 1
            key = self._quotient.after(view, step)
            for rest in self._rests(key, after):
                yield action, arguments, step, (key, rest)

    def _behaviour(self, node: Node, parents: dict[Node, Node | None]) -> Behaviour:
        path = [node]
        while (previous := parents[path[-1]]) is not None:
            path.append(previous)
        path.reverse()
        quotient = self._quotient
        initial = next(
            state
            for state in self._program.initial_states()
            if quotient.key(state) == path[0][0] and path[0][1] in self._rests(path[0][0], 0)
        )
        state = initial
        steps = []
        for (_, position), target in pairwise(path):
            view = quotient.look(state)
            action, arguments, step = next(
                (action, arguments, step)
                for action, arguments, step, node in self._moves(view, position)
                if node == target
            )
            steps.append((action.name, arguments))
            state = quotient.stepped(view, step)
        return Behaviour(self._program.packing.unpack(initial), tuple(steps))


def _matches(happening: Perform, action: Action, arguments: Arguments) -> bool:
    return action.name == happening.action and all(
        wanted is None or wanted == argument for wanted, argument in zip(happening.arguments, arguments, strict=True)
    )
