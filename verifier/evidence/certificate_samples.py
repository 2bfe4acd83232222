"""Lemmas and claims held against the reference interpreter in one instance: by example, as many as there is time for.

Reached states are looked at first. Then states near them are, with a few cells changed at random, as far as the lemmas
allow them: an inductive lemma is kept by every step from there as well.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.solver.client import Wait
from verifier.engines.proof.transfer import transfer
from verifier.system.expressions import Expression, Read, walk
from verifier.system.interpreter import AssertionFailed, Interpreter, Outcome, OutOfRange, WrittenTwice
from verifier.system.layout import State
from verifier.system.system import Property, PropertyKind, System
from verifier.system.types import values_of

INITIAL = 200
"""Initial states that are looked at."""
REACHED = 2_000
"""Reached states that are looked at in one instance."""
CHANGES = 3
"""Cells that are changed at most to get from a reached state to one that may not be."""


@dataclass
class Samples:
    """How much was looked at."""

    reached: int = 0
    others: int = 0
    steps: int = 0


def sample(
    system: System, lemmas: Sequence[Lemma], claims: Sequence[str], until: float, seen: Samples, wait: Wait
) -> str | None:
    """What speaks against the lemmas or the claims, in a sentence; None if nothing was found until then."""
    return _Sampling(system, lemmas, claims, until, seen, wait).run()


class _Sampling:
    def __init__(
        self, system: System, lemmas: Sequence[Lemma], claims: Sequence[str], until: float, seen: Samples, wait: Wait
    ) -> None:
        sorts = {sort.name: sort for sort in system.sorts}
        self._interpreter = Interpreter(system)
        self._claims = [claim for claim in system.properties if claim.name in claims]
        on_states = [(c.name, c.formula) for c in self._claims if c.kind is PropertyKind.ALWAYS]
        made = [(f"lemma {lemma.name}", transfer(lemma.formula, sorts)) for lemma in lemmas]
        self._on_states = [_OnStates(name, formula, _reads(formula)) for name, formula in (*made, *on_states)]
        self._until = until
        self._seen = seen
        self._wait = wait
        self._chance = random.Random(0)

    def run(self) -> str | None:
        half = (time.monotonic() + self._until) / 2
        known = dict.fromkeys(islice(self._interpreter.initial_states(), INITIAL))
        for state in known:
            broken = self._broken(state, None)
            if broken is not None:
                return f"{broken} does not hold in a state that is reached"
        waiting = deque(known)
        while waiting and time.monotonic() < half:
            self._wait()
            self._seen.reached += 1
            after, against = self._steps(waiting.popleft())
            if against is not None:
                return against
            new = [state for state in after if state not in known][: REACHED - len(known)]
            known.update(dict.fromkeys(new))
            waiting.extend(dict.fromkeys(new))
        return self._others(list(known))

    def _others(self, known: list[State]) -> str | None:
        """What speaks against the lemmas in states near the known ones, where all lemmas hold."""
        while time.monotonic() < self._until and known:
            self._wait()
            near = self._chance.choice(known)
            state = self._changed(near)
            if state != near and self._broken(state, near) is None:
                self._seen.others += 1
                _, against = self._steps(state)
                if against is not None:
                    return against
                if len(known) < REACHED:
                    known.append(state)
        return None

    def _changed(self, state: State) -> State:
        cells = self._interpreter.layout.cells
        changed = list(state)
        for _ in range(self._chance.randint(1, CHANGES)):
            place = self._chance.randrange(len(cells))
            changed[place] = self._chance.choice(values_of(cells[place].type))
        return tuple(changed)

    def _broken(self, state: State, near: State | None) -> str | None:
        """A lemma, or a claim on states, that does not hold. All do in `near`: what differs is what is looked at."""
        changed = None
        if near is not None:
            cells = self._interpreter.layout.cells
            changed = {cell.function for cell, old, new in zip(cells, near, state, strict=True) if old != new}
        for one in self._on_states:
            is_kept = changed is not None and one.reads.isdisjoint(changed)
            if not is_kept and not self._interpreter.holds(one.formula, state):
                return one.name
        return None

    def _steps(self, state: State) -> tuple[list[State], str | None]:
        """The states after the steps from one where all lemmas hold, and what a step breaks."""
        reached = []
        for action, arguments in self._interpreter.enabled(state):
            self._seen.steps += 1
            outcome = self._interpreter.perform(action, arguments, state)
            broken = next((c.name for c in self._claims if self._violates(c, state, outcome)), None)
            if broken is None and outcome.state is not None:
                broken = self._broken(outcome.state, state)
                reached.append(outcome.state)
            if broken is not None:
                return reached, f"{broken} is broken by {action.name} from a state that the lemmas allow"
        return reached, None

    def _violates(self, claim: Property, state: State, outcome: Outcome) -> bool:
        match claim.kind:
            case PropertyKind.STEP if outcome.state is not None:
                return not self._interpreter.evaluate(claim.formula, state, {}, outcome.state)
            case PropertyKind.ASSERTION:
                return any(isinstance(f, AssertionFailed) and f.property == claim.name for f in outcome.failures)
            case PropertyKind.RANGE:
                return any(isinstance(f, OutOfRange) for f in outcome.failures)
            case PropertyKind.CONFLICT:
                return any(isinstance(f, WrittenTwice) for f in outcome.failures)
            case _:
                return False


@dataclass(frozen=True, slots=True)
class _OnStates:
    """What must hold in every state, and the functions that it reads."""

    name: str
    formula: Expression
    reads: frozenset[str]


def _reads(formula: Expression) -> frozenset[str]:
    return frozenset(node.function for node in walk(formula) if isinstance(node, Read))
