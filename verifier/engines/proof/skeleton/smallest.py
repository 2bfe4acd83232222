"""The smallest sizes at which the steps of a counterexample, or some of them, violate the claim.

A search has found the steps at some sizes. Of these only the names of the actions are kept, the *skeleton*; parameters,
the initial state and the sizes are open again. Each choice of sizes is asked about by itself, the smallest first. At
the first that has such a behaviour the fewest steps are looked for, and if these are not some of those before, it all
begins again with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from verifier.engines.proof.inference.circuit import Circuit
from verifier.engines.proof.inference.shortest import shortest, skeleton
from verifier.engines.proof.skeleton.line import Line
from verifier.engines.proof.skeleton.scale import Numbers, Scale
from verifier.engines.proof.solver import Answer, Solver
from verifier.engines.proof.terms import TooLargeError
from verifier.engines.proof.translation import UnsupportedError
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.system import System

QUERY_SECONDS = 5.0
"""The longest time for one question."""


@dataclass(frozen=True, slots=True)
class Smallest:
    """A behaviour of the system of these sizes that violates the claim.

    Without a `reason`, no smaller sizes have one that takes these steps or some of them; with one, that is not known.
    `fewest` says that no behaviour of the system violates the claim in fewer steps.
    """

    numbers: Numbers
    system: System
    behaviour: Behaviour
    fewest: bool = False
    reason: str = ""


def smallest(
    scale: Scale, claim: str, numbers: Numbers, steps: Sequence[str], solver: Solver, watch: Watch
) -> Smallest | str:
    """The smallest sizes where the claim is violated by `steps`, or by others that are found on the way.

    The steps are said to do so at sizes `numbers`. If they do not, or if that cannot be seen, why. What is not known
    when the watch ends the search stays open. `solver` is z3.
    """
    search = _Search(scale, claim, solver, watch)
    try:
        with interruptible():
            first = search.at(numbers, steps)
    except (Stopped, _Undecided) as end:
        return str(end)
    return "these steps are not possible there" if first is None else search.smaller(first)


class _Undecided(Exception):  # noqa: N818  (an end, not an error)
    """The solver does not say whether there is such a behaviour; the message says why."""


@dataclass(frozen=True)
class _Search:
    scale: Scale
    claim: str
    solver: Solver
    watch: Watch

    def smaller(self, best: Smallest) -> Smallest:
        """From there to sizes and steps that are as few as can be found."""
        while True:
            names = tuple(skeleton(best.behaviour))
            try:
                with interruptible():
                    best = self._with_fewest_members(best, names)
            except Stopped as stopped:
                return replace(best, reason=str(stopped))
            if best.fewest:
                return best
            try:
                with interruptible():
                    best = self._with_fewest_steps(best)
            except Stopped:
                return best
            if _is_part(skeleton(best.behaviour), names):
                return best

    def _with_fewest_members(self, best: Smallest, names: Sequence[str]) -> Smallest:
        """The same steps, or some of them, at the smallest sizes. Raises Stopped."""
        reason = ""
        for numbers in self._below(best.numbers):
            try:
                found = self.at(numbers, names)
            except _Undecided as undecided:
                reason = str(undecided)
            else:
                if found is not None:
                    return replace(found, reason=reason)
        return replace(best, reason=reason)

    def _below(self, numbers: Numbers) -> Iterator[Numbers]:
        """All sizes that are less somewhere and more nowhere, those with the fewest members in all first."""
        choices = product(*(range(low, high + 1) for low, high in zip(self.scale.least, numbers, strict=True)))
        return iter(sorted((choice for choice in choices if choice != numbers), key=sum))

    def at(self, numbers: Numbers, names: Sequence[str]) -> Smallest | None:
        """A behaviour with some of these steps at exactly these sizes, if there is one. Raises _Undecided, Stopped."""
        system = self.scale.system(numbers)
        if system is None:
            return None
        try:
            line = Line(system, system.property_named(self.claim), names, self._look)
        except (UnsupportedError, TooLargeError) as error:
            raise _Undecided(str(error) or "the formulas grow too large") from None
        self._look()
        seconds = QUERY_SECONDS
        if self.watch.budget.seconds is not None:
            seconds = min(seconds, max(0.1, self.watch.budget.seconds - self.watch.seconds))
        reply = self.solver.ask(line.text, seconds, self._look, tables=line.tables())
        if reply.answer is Answer.UNKNOWN:
            raise _Undecided(reply.reason)
        return None if reply.model is None else Smallest(numbers, system, line.behaviour(reply.model))

    def _with_fewest_steps(self, best: Smallest) -> Smallest:
        """At the same sizes. Raises Stopped."""
        claim = best.system.property_named(self.claim)
        for found in shortest(Circuit(best.system, self._look), (claim,), len(best.behaviour.steps), self.watch):
            return replace(best, behaviour=found.behaviour, fewest=True)
        return best

    def _look(self) -> None:
        self.watch.say("smaller sizes", self.claim)


def _is_part(some: Sequence[str], steps: Sequence[str]) -> bool:
    """Whether these are some of the steps, in their order."""
    left = iter(steps)
    return all(step in left for step in some)
