"""The states a search has found, and the way back from any of them to a behaviour with real names."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.quotient import Key, Quotient, View
from verifier.engines.explicit.rows import Changes
from verifier.engines.verdict import Behaviour
from verifier.system.interpreter import Arguments, Failure
from verifier.system.system import Action

Steps = list[tuple[str, Arguments]]


@dataclass
class Space:
    """States in the order of a breadth-first search, each with the number of the state it was first reached from.

    `states` are keys of the quotient. `complete` tells that nothing reachable is missing. `transitions` counts the
    action instances taken: under a symmetry, representatives only, so it goes with the kinds of blocks in each state.
    """

    program: Program
    quotient: Quotient
    states: list[Key] = field(default_factory=list)
    parents: array[int] = field(default_factory=lambda: array("i"))
    transitions: int = 0
    depth: int = 0
    complete: bool = False

    def path(self, index: int) -> list[Key]:
        """The keys from an initial state to state `index`."""
        path = []
        while index >= 0:
            path.append(self.states[index])
            index = self.parents[index]
        return path[::-1]

    def lifted(self, index: int) -> tuple[Packed, Steps, Packed]:
        """A real path to a state that state `index` stands for: where it starts, its steps, and where it ends."""
        first, *rest = self.path(index)
        quotient = self.quotient
        initial = next(state for state in self.program.initial_states() if quotient.key(state) == first)
        state = initial
        steps: Steps = []
        for key in rest:
            view = quotient.look(state)
            action, arguments, step = next(
                (action, arguments, step)
                for action, arguments, step in self._moves(view)
                if quotient.after(view, step) == key
            )
            steps.append((action.name, arguments))
            state = quotient.stepped(view, step)
        return initial, steps, state

    @cached_property
    def _moves(self) -> Callable[[View], list[tuple[Action, Arguments, Changes | Packed]]]:
        return self.quotient.moves(self.program.system.actions)

    def behaviour(self, index: int) -> Behaviour:
        """The shortest behaviour to a state that state `index` stands for."""
        initial, steps, _ = self.lifted(index)
        return Behaviour(self.program.packing.unpack(initial), tuple(steps))

    def behaviour_and_step(self, index: int, unwanted: Callable[[View, Changes | Packed], object]) -> Behaviour:
        """The same with one more step, of which `unwanted` is false."""
        initial, steps, state = self.lifted(index)
        view = self.quotient.look(state)
        action, arguments, _ = next(found for found in self._moves(view) if not unwanted(view, found[2]))
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
