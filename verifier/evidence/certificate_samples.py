"""Lemmas and claims held against the reference interpreter in one instance: by example, as many as there is time for.

Reached states are looked at first. Then states near them are, with a few cells changed at random, as far as the lemmas
allow them: an inductive lemma is kept by every step from there as well.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.solver.client import Wait
from verifier.engines.proof.transfer import transfer
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
        self._lemmas = [Lemma(lemma.name, transfer(lemma.formula, sorts)) for lemma in lemmas]
        self._claims = [claim for claim in system.properties if claim.name in claims]
        self._until = until
        self._seen = seen
        self._wait = wait
        self._chance = random.Random(0)

    def run(self) -> str | None:
        half = (time.monotonic() + self._until) / 2
        known: list[State] = []
        for state in self._reached():
            known.append(state)
            self._seen.reached += 1
            broken = self._broken(state)
            if broken is not None:
                return f"{broken} does not hold in a state that is reached"
            against = self._steps(state)
            if against is not None:
                return against
            self._wait()
            if time.monotonic() > half:
                break
        while time.monotonic() < self._until and known:
            self._wait()
            state = self._changed(self._chance.choice(known))
            if self._broken(state) is None:
                self._seen.others += 1
                against = self._steps(state)
                if against is not None:
                    return against
                if len(known) < REACHED:
                    known.append(state)
        return None

    def _reached(self) -> Iterator[State]:
        """Reachable states, breadth first."""
        seen = dict.fromkeys(islice(self._interpreter.initial_states(), INITIAL))
        waiting = deque(seen)
        while waiting:
            state = waiting.popleft()
            yield state
            if len(seen) >= REACHED or time.monotonic() > self._until:
                continue
            for action, arguments in self._interpreter.enabled(state):
                after = self._interpreter.perform(action, arguments, state).state
                if after is not None and after not in seen:
                    seen[after] = None
                    waiting.append(after)

    def _changed(self, state: State) -> State:
        cells = self._interpreter.layout.cells
        changed = list(state)
        for _ in range(self._chance.randint(1, CHANGES)):
            place = self._chance.randrange(len(cells))
            changed[place] = self._chance.choice(values_of(cells[place].type))
        return tuple(changed)

    def _broken(self, state: State) -> str | None:
        """A lemma, or a claim on states, that does not hold."""
        for lemma in self._lemmas:
            if not self._interpreter.holds(lemma.formula, state):
                return f"lemma {lemma.name}"
        for claim in self._claims:
            if claim.kind is PropertyKind.ALWAYS and not self._interpreter.holds(claim.formula, state):
                return claim.name
        return None

    def _steps(self, state: State) -> str | None:
        """What a step from a state that the lemmas allow breaks."""
        for action, arguments in self._interpreter.enabled(state):
            self._seen.steps += 1
            outcome = self._interpreter.perform(action, arguments, state)
            broken = next((c.name for c in self._claims if self._violates(c, state, outcome)), None)
            if broken is None and outcome.state is not None:
                broken = self._broken(outcome.state)
            if broken is not None:
                return f"{broken} is broken by {action.name} from a state that the lemmas allow"
        return None

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
