"""Bounded search in z3: is there a behaviour of at most so many steps that violates a property?

A second opinion on the same system as the other engines, sharing nothing with them but the system. Behaviours are
searched by length, shortest first, so the first that is found is a shortest one. The search never establishes that a
property holds, except that a `reachable` does.

Importing this module loads z3 (slow): import it where it is used.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import z3

from verifier.engines.bounded.path import Goal, Path, UnknownError
from verifier.engines.bounded.step import STATE_KINDS, STEP_KINDS, Step
from verifier.engines.bounded.translation import OutOfTimeError
from verifier.engines.verdict import TRACE, Behaviour, Budget, Observer, Outcome, Progress, Verdict
from verifier.engines.watch import memory_used
from verifier.system.system import Property, PropertyKind, System

NOT_CHECKED = "not checked"


def check(
    system: System,
    properties: tuple[Property, ...],
    depth: int,
    budget: Budget,
    observer: Observer | None = None,
) -> tuple[Verdict, ...]:
    """A verdict for each property, in order, from the behaviours of at most `depth` steps.

    A behaviour that violates a property (or witnesses a `reachable`) is as short as any that does; for a property of
    steps its last step is the one that violates it. `budget.states` does not apply: no states are stored.
    """
    search = _Search(system, properties, depth, budget, observer)
    reason = search.run()
    return tuple(search.verdict(claim, reason) for claim in properties)


class _Search:
    def __init__(
        self, system: System, properties: tuple[Property, ...], depth: int, budget: Budget, observer: Observer | None
    ) -> None:
        self._system = system
        self._properties = properties
        self._depth = depth
        self._budget = budget
        self._observer = observer
        self._start = time.monotonic()
        self._open = [claim for claim in properties if claim.kind in STATE_KINDS + STEP_KINDS]
        self._decided: dict[int, Verdict] = {}
        self._completed = -1

    def run(self) -> str:
        """Search; the answer says why no more can be said of the properties that are still open."""
        deadline = None if self._budget.seconds is None else self._start + self._budget.seconds
        context = z3.Context()
        try:
            step = Step(self._system, context, deadline)
            goals = {id(claim): Goal(step.decided_by(claim), claim.kind in STATE_KINDS) for claim in self._open}
            path = Path(step, context, deadline)
            while True:
                self._decide(path, goals)
                self._completed = path.length
                self._report()
                if not self._open or path.length == self._depth:
                    return f"behaviours of more than {self._depth} steps were not searched"
                if self._memory_is_used_up():
                    return f"the memory budget was used up at {path.length} steps"
                path.extend()
        except OutOfTimeError:
            return f"the time budget was used up at {self._completed + 1} steps"
        except UnknownError as unknown:
            return f"z3 gave no answer at {self._completed + 1} steps: {unknown}"

    def _decide(self, path: Path, goals: Mapping[int, Goal]) -> None:
        """Decide every property that a behaviour of the path's length decides."""
        while self._open:
            found = path.find([goals[id(claim)] for claim in self._open])
            if found is None:
                return
            for claim, shown in zip(tuple(self._open), found.goals, strict=True):
                if shown:
                    self._open.remove(claim)
                    self._decided[id(claim)] = self._believe(claim, found.behaviour)

    def _believe(self, claim: Property, behaviour: Behaviour) -> Verdict:
        """The verdict that the behaviour gives."""
        length = len(behaviour.steps)
        seconds = time.monotonic() - self._start
        outcome = Outcome.HOLDS if claim.kind is PropertyKind.REACHABLE else Outcome.VIOLATED
        return Verdict(claim.name, outcome, TRACE, depth=length, seconds=seconds, behaviour=behaviour)

    def verdict(self, claim: Property, reason: str) -> Verdict:
        """What is known of the property after the search that ended for `reason`."""
        if id(claim) in self._decided:
            return self._decided[id(claim)]
        if claim not in self._open:
            reason = f"the bounded engine does not handle '{claim.kind.value}' properties"
            return Verdict(claim.name, Outcome.UNDETERMINED, NOT_CHECKED, reason=reason)
        seconds = time.monotonic() - self._start
        if self._completed < 0:
            return Verdict(claim.name, Outcome.UNDETERMINED, NOT_CHECKED, seconds=seconds, reason=reason)
        sought = "witness" if claim.kind is PropertyKind.REACHABLE else "violation"
        method = f"no {sought} within {self._completed} steps"
        return Verdict(claim.name, Outcome.UNDETERMINED, method, depth=self._completed, seconds=seconds, reason=reason)

    def _memory_is_used_up(self) -> bool:
        limit = self._budget.memory
        return limit is not None and memory_used() > limit

    def _report(self) -> None:
        if self._observer is not None:
            seconds = time.monotonic() - self._start
            self._observer(Progress("bounded", 0, 0, self._completed, len(self._open), seconds))
