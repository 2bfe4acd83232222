"""The states a search has found, and the way back from any of them to a behaviour with real names."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from verifier.engines.explicit.compiler import Program, Relation
from verifier.engines.explicit.packing import Packed
from verifier.engines.verdict import Behaviour
from verifier.system.interpreter import Arguments, Failure
from verifier.system.system import Action

Steps = list[tuple[str, Arguments]]


def identity(state: Packed) -> Packed:
    return state


@dataclass
class Space:
    """States in the order of a breadth-first search, each with the number of the state it was first reached from.

    With symmetry, `canonical` maps states to representatives and only those are kept. `complete` tells that nothing
    reachable is missing.
    """

    program: Program
    canonical: Callable[[Packed], Packed] | None = None
    states: list[Packed] = field(default_factory=list)
    parents: array[int] = field(default_factory=lambda: array("i"))
    transitions: int = 0
    depth: int = 0
    complete: bool = False

    def path(self, index: int) -> list[Packed]:
        """The representatives from an initial state to state `index`."""
        path = []
        while index >= 0:
            path.append(self.states[index])
            index = self.parents[index]
        return path[::-1]

    def lifted(self, index: int) -> tuple[Packed, Steps, Packed]:
        """A real path to a state that state `index` represents: where it starts, its steps, and where it ends."""
        canonical = self.canonical or identity
        first, *rest = self.path(index)
        initial = next(state for state in self.program.initial_states() if canonical(state) == first)
        state = initial
        steps: Steps = []
        for representative in rest:
            action, arguments, state = next(
                (action, arguments, following)
                for action, arguments, following in self.program.successors(state)
                if canonical(following) == representative
            )
            steps.append((action.name, arguments))
        return initial, steps, state

    def behaviour(self, index: int) -> Behaviour:
        """The shortest behaviour to a state that state `index` represents."""
        initial, steps, _ = self.lifted(index)
        return Behaviour(self.program.packing.unpack(initial), tuple(steps))

    def behaviour_and_step(self, index: int, unwanted: Relation) -> Behaviour:
        """The same with one more step, of which `unwanted` is false."""
        initial, steps, state = self.lifted(index)
        action, arguments, _ = next(found for found in self.program.successors(state) if not unwanted(state, found[2]))
        return Behaviour(self.program.packing.unpack(initial), (*steps, (action.name, arguments)))

    def behaviour_and_failure(self, index: int, wanted: Callable[[Failure], bool]) -> Behaviour:
        """The same with one more action, which goes wrong in the wanted way; it may have no next state."""
        initial, steps, state = self.lifted(index)
        action, arguments = self._failing(state, wanted)
        return Behaviour(self.program.packing.unpack(initial), (*steps, (action.name, arguments)))

    def _failing(self, state: Packed, wanted: Callable[[Failure], bool]) -> tuple[Action, Arguments]:
        interpreter = self.program.interpreter
        values = self.program.packing.unpack(state)
        return next(
            (action, arguments)
            for action, arguments in interpreter.enabled(values)
            if any(map(wanted, interpreter.perform(action, arguments, values).failures))
        )
