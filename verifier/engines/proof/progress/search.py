"""A ranking for a claim of a family, or a behaviour that shows why there is none, from small instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.engines import explicit
from verifier.engines.proof.family import Family
from verifier.engines.proof.instances import instance, instance_of, members_of_size
from verifier.engines.proof.progress.ghosts import waiting, with_waiting
from verifier.engines.proof.progress.graph import MOST_STATES, MOST_STEPS, TooManyStatesError, explore
from verifier.engines.proof.progress.measures import measures
from verifier.engines.proof.progress.ranking import Ranking, Search, Unranked
from verifier.engines.proof.progress.units import units
from verifier.engines.proof.transfer import transfer
from verifier.engines.verdict import Behaviour, Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Watch
from verifier.system.system import Property, System

LASSO_SIZES = (1, 2, 3)
"""Blocks of each orbit of the instances where a lasso is looked for."""

MANY_STATES = 12_000
"""States of an instance that is larger than it must be in more than one orbit, beyond which it is given up.

On flip_rollback it takes 0.4 s to find out that there are more; with 30,000 it took 0.9 s, twice for each claim.
"""

Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lasso:
    """A behaviour of an instance of the family that waits for ever."""

    system: System
    behaviour: Behaviour


def find_ranking(family: Family, claim: Property, watch: Watch) -> Ranking | Unranked:
    """The ranking, on the largest of some small instances that has not too many states.

    Raises TooManyStatesError if each has, and Stopped.
    """
    for sizes in _sizes(family.least):
        most = (
            MANY_STATES
            if sum(size > least for size, least in zip(sizes, family.least, strict=True)) > 1
            else MOST_STATES
        )
        try:
            return searched(family, claim, sizes, watch, most).run()
        except TooManyStatesError:
            pass
    raise TooManyStatesError(f"the smallest instance has more than {MOST_STATES} states or {MOST_STEPS} steps")


def _sizes(least: Sizes) -> Iterator[Sizes]:
    """Two blocks of each orbit: with one, nothing is seen of a set that shrinks step by step. Then one of the last."""
    orbits = len(least)
    for ones in range(orbits + 1):
        yield tuple(map(max, (2,) * (orbits - ones) + (1,) * ones, least))


def searched(family: Family, claim: Property, sizes: Sizes, watch: Watch, most: int = MOST_STATES) -> Search:
    """The search for a ranking in the instance of these sizes, of at most so many states.

    Raises TooManyStatesError and Stopped.
    """
    wider = with_waiting(family, claim)
    members = members_of_size(wider, sizes)
    system = instance_of(members)
    fair = units(family.text)
    reached = explore(system, transfer(waiting(claim), members.sorts), fair, watch, most)
    return Search(system, reached, measures(family.text), fair, watch)


def find_lasso(
    family: Family, claim: Property, budget: Budget, observer: Observer | None = None
) -> Lasso | Verdict | None:
    """A fair behaviour of a small instance that violates the claim, as far as the budget for each of them goes.

    The verdict that the claim holds, if the family has one instance only, and all of it was searched.
    """
    for blocks in LASSO_SIZES if family.orbits else LASSO_SIZES[:1]:
        system = instance(family, family.sizes(blocks))
        found = explicit.check(system, (system.property_named(claim.name),), budget, observer).verdicts[0]
        if found.outcome is Outcome.VIOLATED:
            assert found.behaviour is not None
            return Lasso(system, found.behaviour)
        if found.outcome is not Outcome.HOLDS:
            return None
        if not family.orbits:
            return found
    return None
