"""Violations at the smallest sizes, shown in the specification's own instance of these sizes.

A proof is about a family, in which the numbers of all that is alike are open. A violation counts only where an instance
of the specification has it: what one size makes more of together, as the pages and the addresses of a region, may have
different numbers in the family.
"""

from __future__ import annotations

from dataclasses import replace

from verifier.engines.proof.skeleton.scale import Scale, scale_of
from verifier.engines.proof.solver import Solver
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import Behaviour, Budget, Observer
from verifier.engines.watch import Watch
from verifier.evidence.confirm import confirm
from verifier.evidence.proving import Attempted, Needs, Violation
from verifier.evidence.replay import ContradictionError, replay
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property, System

SECONDS = 20.0
"""The longest time for the violation of one claim."""


def at_smallest_sizes(
    uniform: Uniform, tried: Attempted, budget: Budget, observer: Observer | None = None
) -> Attempted:
    """The same with each violation at the smallest sizes that are found; `budget.seconds` is for all of them."""
    watch = Watch(Budget(seconds=budget.seconds), observer)
    violated: dict[str, Violation] = {}
    reasons = dict(tried.reasons)
    claims = [claim for claim in uniform.family.text.properties if claim.name in tried.violated]
    with Solver("z3") as solver:
        for left, claim in zip(range(len(claims), 0, -1), claims, strict=True):
            seconds = SECONDS
            if watch.budget.seconds is not None:
                seconds = min(seconds, max(0.0, watch.budget.seconds - watch.seconds) / left)
            part = Watch(Budget(seconds=seconds), observer)
            found = _smaller(uniform, claim, tried.violated[claim.name], solver, part)
            if isinstance(found, str):
                reasons[claim.name] = found
            else:
                violated[claim.name] = found
    return replace(tried, violated=violated, reasons=reasons)


def _smaller(uniform: Uniform, claim: Property, violation: Violation, solver: Solver, watch: Watch) -> Violation | str:
    """The violation at smaller sizes, if there are any; why it is none of the specification, if it seems so."""
    # Not before there is a violation to begin with: python-sat may not be installed.
    from verifier.engines.proof.inference.shortest import skeleton
    from verifier.engines.proof.skeleton.smallest import Smallest, smallest

    scale = scale_of(uniform)
    numbers = scale.numbers(violation.blocks)
    found = smallest(scale, claim.name, numbers, skeleton(violation.behaviour), solver, watch)
    if isinstance(found, Smallest):
        reason = _contradiction(found.system, claim.name, found.behaviour)
        if reason is None:
            needs = _needs(uniform, scale, found.numbers, found.reason)
            settings = tuple((name, str(number)) for name, number in needs.by_name().items())
            return Violation(found.system, found.behaviour, scale.blocks(found.numbers), settings, found.fewest, needs)
        found = reason
    if scale.blocks(numbers) != violation.blocks or scale.system(numbers) is None:
        return _not_of_the_specification(uniform, scale, numbers, violation.blocks, found)
    return replace(violation, needs=_needs(uniform, scale, numbers, found))


def _needs(uniform: Uniform, scale: Scale, numbers: tuple[int, ...], reason: str) -> Needs:
    sizes = ((size.names, number) for (size, _), number in zip(uniform.least, numbers, strict=True))
    least = numbers == scale.least
    return Needs(tuple(sizes), least, "" if least else reason)


def _not_of_the_specification(
    uniform: Uniform, scale: Scale, numbers: tuple[int, ...], blocks: tuple[int, ...], reason: str
) -> str:
    """What to say of a violation in a member of the family that is no instance, and not seen in the next larger one."""
    orbits = zip(blocks, uniform.family.orbits, strict=True)
    found = ", ".join(f"{number} {' with '.join(kind.sort for kind in orbit)}" for number, orbit in orbits)
    sizes = _needs(uniform, scale, numbers, reason)
    return f"it is violated with {found} beside what has a name, but no instance is so; with {sizes}: {reason}"


def _contradiction(system: System, name: str, behaviour: Behaviour) -> str | None:
    """Why the reference interpreter does not see the claim violated; None if it does."""
    interpreter = Interpreter(system)
    try:
        confirm(interpreter, system.property_named(name), replay(interpreter, behaviour))
    except ContradictionError as contradiction:
        return f"the tool contradicts itself: {contradiction}"
    return None
