"""The way back from numbers of states to behaviours: parents, and the actions that lead from one to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import overload

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.quotient import Key, Quotient
from verifier.engines.explicit.search import shows
from verifier.engines.explicit.space import Space
from verifier.engines.verdict import Behaviour
from verifier.system.layout import State
from verifier.system.system import Property, PropertyKind

Steps = list[tuple[str, tuple[bool | int | None, ...]]]


class Behaviours:
    """Shortest behaviours, with the actions that come first in the order of actions and of their arguments.

    They are made by the plain program and the interpreter: a kernel that took a step that there is not is found out.
    """

    def __init__(self, program: Program, states: Sequence[Packed], parents: Sequence[int]) -> None:
        self._program = program
        self._states = states
        self._parents = parents

    def to(self, index: int) -> Behaviour:
        """One to state `index`."""
        initial, steps, _ = self._path(index)
        return Behaviour(initial, tuple(steps))

    def showing(self, claim: Property, index: int) -> Behaviour:
        """One to state `index`, and on to what shows the claim if that is something a transition does."""
        initial, steps, state = self._path(index)
        if claim.kind is PropertyKind.STEP:
            steps.append(self._step(claim, state))
        elif claim.kind not in (PropertyKind.ALWAYS, PropertyKind.REACHABLE):
            steps.append(self._failure(claim, state))
        return Behaviour(initial, tuple(steps))

    def _path(self, index: int) -> tuple[State, Steps, Packed]:
        """Where a shortest way to state `index` begins, its steps, and the state."""
        path = [index]
        while (parent := self._parents[path[-1]]) >= 0:
            path.append(parent)
        first, *rest = (self._states[number] for number in reversed(path))
        steps: Steps = []
        state = first
        for following in rest:
            steps.append(
                next(
                    (a.name, arguments) for a, arguments, after in self._program.successors(state) if after == following
                )
            )
            state = following
        return self._program.packing.unpack(first), steps, state

    def _step(self, claim: Property, state: Packed) -> tuple[str, tuple[bool | int | None, ...]]:
        usual = self._program.relation(claim.formula)
        return next((a.name, args) for a, args, after in self._program.successors(state) if not usual(state, after))

    def _failure(self, claim: Property, state: Packed) -> tuple[str, tuple[bool | int | None, ...]]:
        interpreter = self._program.interpreter
        values = self._program.packing.unpack(state)
        return next(
            (action.name, arguments)
            for action, arguments in interpreter.enabled(values)
            if any(shows(claim, failure) for failure in interpreter.perform(action, arguments, values).failures)
        )


class Orbits(Sequence[Key]):
    """Some states as a quotient stores them."""

    def __init__(self, states: Sequence[Packed], quotient: Quotient) -> None:
        self._states = states
        self._quotient = quotient

    def __len__(self) -> int:
        return len(self._states)

    @overload
    def __getitem__(self, index: int) -> Key: ...

    @overload
    def __getitem__(self, index: slice) -> list[Key]: ...

    def __getitem__(self, index: int | slice) -> Key | list[Key]:
        if isinstance(index, slice):
            return list(map(self._quotient.key, self._states[index]))
        return self._quotient.key(self._states[index])

    def __iter__(self) -> Iterator[Key]:
        return map(self._quotient.key, self._states)


class OrbitBehaviours:
    """The same where a state stands for all its images: the way back goes from real state to real state."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def to(self, index: int) -> Behaviour:
        """One to a state that state `index` stands for."""
        return self._space.behaviour(index)

    def showing(self, claim: Property, index: int) -> Behaviour:
        """One to such a state, and on to what shows the claim if that is something a transition does."""
        space = self._space
        if claim.kind in (PropertyKind.ALWAYS, PropertyKind.REACHABLE):
            return space.behaviour(index)
        if claim.kind is PropertyKind.STEP:
            return space.behaviour_and_step(index, space.quotient.relation(claim.formula))
        return space.behaviour_and_failure(index, partial(shows, claim))
