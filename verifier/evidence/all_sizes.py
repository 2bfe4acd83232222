"""What is known of an instance because it is known of all sizes, and which other sizes to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from verifier.engines.verdict import Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Watch
from verifier.system.family import Family, Suspicion
from verifier.system.system import Property

SHARE = 0.25
"""How much of the seconds of a check may go into the search of all sizes."""

QUICK = 1000
"""How many abstract states that search may have where nobody said how long a check may take: about 0.1 seconds.

Machine code takes three times as long to be made, so it is left to those who give the check some time.
"""

MOST = 10_000_000
"""How many it may have in any case: about 20 seconds and 600 MB in machine code."""

ELSEWHERE, ELSEWHERE_SHARE = 3000, 0.1
"""How many states, or which part of the seconds if there is a limit, one attempt at another size may take."""

MakeFamily = Callable[[], Family]


@dataclass(frozen=True, slots=True)
class AllSizes:
    """By name, the verdicts of claims that hold for every size; and what another size may violate."""

    proved: dict[str, Verdict]
    suspicions: tuple[Suspicion, ...] = ()
    seconds: float = 0.0

    def strengthened(self, verdict: Verdict) -> Verdict:
        """The verdict on one instance, or the one for every size, which says more; an ERROR if they contradict."""
        proved = self.proved.get(verdict.property)
        if proved is None:
            return verdict
        if verdict.outcome is Outcome.VIOLATED:
            reason = f"the tool contradicts itself: {proved.method}, but violated in this instance"
            return replace(verdict, outcome=Outcome.ERROR, behaviour=None, reason=reason)
        return proved

    def left(self, budget: Budget) -> Budget:
        """What is left of the budget for the instance."""
        seconds = budget.seconds
        return budget if seconds is None else replace(budget, seconds=max(0.0, seconds - self.seconds))


def part_for_other_sizes(budget: Budget) -> Budget:
    """What may be spent on one attempt to find a violation at another size."""
    if budget.seconds is None:
        return Budget(None, min(ELSEWHERE, budget.states or ELSEWHERE), budget.memory, threads=budget.threads)
    return Budget(budget.seconds * ELSEWHERE_SHARE, budget.states, budget.memory, threads=budget.threads)


NOTHING = AllSizes({})


def look_at_all_sizes(
    make_family: MakeFamily, properties: tuple[Property, ...], budget: Budget, observer: Observer | None
) -> AllSizes:
    """What a search of all sizes at once shows, within a part of the budget."""
    from verifier.engines.every_size import prove

    seconds = None if budget.seconds is None else budget.seconds * SHARE
    most = QUICK if seconds is None else MOST
    watch = Watch(Budget(seconds, min(most, budget.states or most), budget.memory), observer)
    found = prove(make_family(), properties, watch, machine_code=seconds is not None)
    return AllSizes({verdict.property: verdict for verdict in found.verdicts}, found.suspicions, watch.seconds)
