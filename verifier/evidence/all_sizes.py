"""What is known of an instance because it is known of all sizes, and which other sizes to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verifier.engines.verdict import Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Watch
from verifier.evidence.results import Finding
from verifier.evidence.trace import place_of
from verifier.language.for_any import UNNAMED
from verifier.system.family import Family, Suspicion
from verifier.system.system import Property

if TYPE_CHECKING:
    from verifier.engines.every_size import EverySize

SHARE = 0.25
"""How much of the seconds of a check may go into the search of all sizes."""

QUICK = 1000
"""How many abstract states that search may have where nobody said how long a check may take: about 0.1 seconds.

Machine code takes three times as long to be made, so it is left to those who give the check some time.
"""

MOST = 40_000_000
"""How many it may have in any case: about 90 seconds and 1.3 GB in machine code."""

ELSEWHERE, ELSEWHERE_SHARE = 3000, 0.1
"""How many states, or which part of the seconds if there is a limit, one attempt at another size may take."""

MakeFamily = Callable[[], Family]


@dataclass(frozen=True, slots=True)
class AllSizes:
    """By name, the verdicts of claims that hold for every size; and what another size may violate.

    `partly` says that some size that the specification is about was left as it is in the instance. `findings` say why
    nothing is known, if that is so, and what may help.
    """

    proved: dict[str, Verdict]
    suspicions: tuple[Suspicion, ...] = ()
    seconds: float = 0.0
    partly: bool = False
    findings: tuple[Finding, ...] = ()

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
    family = make_family()
    found = prove(family, properties, watch, machine_code=seconds is not None)
    proved = {verdict.property: verdict for verdict in found.verdicts}
    partly = len(found.sizes) < len(family.sizes)
    return AllSizes(proved, found.suspicions, watch.seconds, partly, tuple(_tried(family, properties, found, most)))


def _tried(family: Family, properties: tuple[Property, ...], found: EverySize, most: int) -> Iterator[Finding]:
    """Why nothing is known of all sizes, in a line; nothing where it is not about sizes or there are no such claims."""
    from verifier.engines.every_size import KINDS

    claims = [claim for claim in properties if claim.kind in KINDS]
    about = family.sizes or [kept for kept in family.kept if kept.reason != UNNAMED]
    if not found.reason or not about or not claims:
        return
    if not found.cut:
        why = found.reason
    elif most == QUICK:
        why = f"there are more than {QUICK} abstract states: --time 60 may help"
    else:
        why = f"{found.reason}: a larger one may help"
    yield Finding("every size", f"not proved for every size by counts: {why}", place_of(claims[0].span))
