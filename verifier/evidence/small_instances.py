"""A claim in small instances of the specification, as it was written: a second look at what a proof is about."""

from __future__ import annotations

from verifier.engines import explicit
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import TRACE, Budget, Observer, Outcome, Verdict
from verifier.evidence.proving import Violation
from verifier.system.system import Property

SEARCHED = (1, 2, 3)
"""The sizes of instances where a violation is looked for, or the next ones that there are."""


def in_small_instances(
    about: Uniform, claim: Property, budget: Budget, observer: Observer | None = None
) -> Violation | Verdict | None:
    """A violation; the verdict that it holds, if there is one instance only and all of it was searched.

    The budget is for each of the instances; none is smaller than what a proof would be about.
    """
    systems, least = about.systems, dict(about.least)
    tried: set[tuple[int, ...]] = set()
    for most in SEARCHED:
        numbers = tuple(min(size.most, max(most, least.get(size, size.least))) for size in systems.sizes)
        system = None if numbers in tried else systems.at(numbers)
        tried.add(numbers)
        if system is None:
            continue
        found = explicit.check(system, (system.property_named(claim.name),), budget, observer).verdicts[0]
        if found.outcome is Outcome.VIOLATED:
            assert found.behaviour is not None
            settings = ((name, str(n)) for size, n in zip(systems.sizes, numbers, strict=True) for name in size.names)
            return Violation(system, found.behaviour, settings=tuple(settings), fewest=found.method == TRACE)
        if found.outcome is Outcome.HOLDS and not systems.sizes:
            return found
    return None
