"""Scenarios: whether some behaviour performs given actions in order, with gaps and checks where the scenario has them.

The search runs over pairs of a state and a position in the scenario. Each step costs one action, so a witness has as
few actions as possible. Symmetry is used as in `search`: the members that the scenario names do not move.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from verifier.engines.explicit.canonical import Canonicaliser
from verifier.engines.explicit.compiler import Predicate, Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch, interruptible
from verifier.system.interpreter import Arguments
from verifier.system.symmetry import Symmetry
from verifier.system.system import Action, Check, Gap, Perform, Scenario

Node = tuple[Packed, int]


class ScenarioSearch:
    """The search for one scenario. `states` and `transitions` measure it.

    `furthest` is the position of the last happening that some behaviour came to.
    """

    def __init__(self, program: Program, scenario: Scenario, watch: Watch, symmetry: Symmetry | None = None) -> None:
        self._program = program
        self._happenings = scenario.happenings
        self._watch = watch
        self._checks: dict[int, Predicate] = {
            position: program.predicate(happening.formula)
            for position, happening in enumerate(scenario.happenings)
            if isinstance(happening, Check)
        }
        self._canonical: Canonicaliser | None = None
        if symmetry is not None and symmetry.orbits:
            self._canonical = Canonicaliser(program.system, program.interpreter.layout, program.packing, symmetry)
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
            for position in self._rests(initial, 0):
                parents.setdefault((self._same(initial), position), None)
        layer = list(parents)
        while layer:
            for node in layer:
                if node[1] == len(self._happenings):
                    self.states = len(parents)
                    return self._behaviour(node, parents)
            waiting: list[Node] = []
            for count, node in enumerate(layer):
                self._watch.look("scenario", len(parents), self.transitions, self.depth, len(layer) - count)
                for _, _, following, position in self._moves(node):
                    self.transitions += 1
                    target = (self._same(following), position)
                    if target not in parents:
                        parents[target] = node
                        waiting.append(target)
            layer = waiting
            self.depth += bool(layer)
        self.states = len(parents)
        return None

    def _same(self, state: Packed) -> Packed:
        return state if self._canonical is None else self._canonical(state)

    def _rests(self, state: Packed, position: int) -> Iterator[int]:
        """The positions from which the next happening is an action, or the end, reached without one."""
        while position < len(self._happenings):
            self.furthest = max(self.furthest, position)
            happening = self._happenings[position]
            if isinstance(happening, Perform):
                break
            if isinstance(happening, Check) and not self._checks[position](state):
                return
            if isinstance(happening, Gap):
                yield position
            position += 1
        yield position

    def _moves(self, node: Node) -> Iterator[tuple[Action, Arguments, Packed, int]]:
        """The transitions from a node, each with a position at which it may leave the scenario."""
        state, position = node
        happening = self._happenings[position]
        for action, arguments, following in self._program.successors(state):
            if isinstance(happening, Perform):
                if not _matches(happening, action, arguments):
                    continue
                after = position + 1
            else:
                after = position
            for rest in self._rests(following, after):
                yield action, arguments, following, rest

    def _behaviour(self, node: Node, parents: dict[Node, Node | None]) -> Behaviour:
        path = [node]
        while (previous := parents[path[-1]]) is not None:
            path.append(previous)
        path.reverse()
        initial = next(
            state
            for state in self._program.initial_states()
            if self._same(state) == path[0][0] and path[0][1] in self._rests(state, 0)
        )
        state = initial
        steps = []
        for (_, position), target in pairwise(path):
            action, arguments, state = next(
                (action, arguments, following)
                for action, arguments, following, rest in self._moves((state, position))
                if (self._same(following), rest) == target
            )
            steps.append((action.name, arguments))
        return Behaviour(self._program.packing.unpack(initial), tuple(steps))


def _matches(happening: Perform, action: Action, arguments: Arguments) -> bool:
    return action.name == happening.action and all(
        wanted is None or wanted == argument for wanted, argument in zip(happening.arguments, arguments, strict=True)
    )
