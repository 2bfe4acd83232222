"""The obvious way: take every behaviour with these steps, or some of them, in the reference interpreter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from verifier.engines.proof.conditions import STATE_CLAIMS
from verifier.engines.proof.family import Family
from verifier.engines.proof.instances import instance
from verifier.engines.proof.skeleton.scale import Numbers, Scale
from verifier.system.interpreter import (
    Arguments,
    AssertionFailed,
    Interpreter,
    Outcome,
    OutOfRange,
    WrittenTwice,
)
from verifier.system.layout import State
from verifier.system.system import Action, Property, PropertyKind, System
from verifier.system.types import values_of


class TooManyError(Exception):
    """There are more states than a test has time for."""


def scale_of_blocks(family: Family) -> Scale:
    """The numbers of blocks themselves as sizes."""
    alone = tuple(tuple(int(one == other) for other in range(len(family.orbits))) for one in range(len(family.orbits)))
    return Scale(family.least, family.least, alone, lambda sizes: instance(family, sizes))


def choices_below(least: Numbers, numbers: Numbers) -> Iterator[Numbers]:
    """All sizes that are less somewhere and more nowhere."""
    choices = product(*(range(low, high + 1) for low, high in zip(least, numbers, strict=True)))
    return (choice for choice in choices if choice != numbers)


def is_violated(system: System, claim: Property, names: Sequence[str], most: int = 2000) -> bool:
    """Whether some behaviour that takes these steps, or some of them, violates the claim. Raises TooManyError.

    A claim about states is violated at the end, and another one by the last of the steps.
    """
    interpreter = Interpreter(system)
    states: dict[State, None] = {}
    for state in interpreter.initial_states():
        states[state] = None
        _limit(states, most)
    for number, name in enumerate(names, 1):
        after = dict(states)
        for state in states:
            for arguments in _choices(interpreter, system.action(name), state):
                outcome = interpreter.perform(system.action(name), arguments, state)
                if number == len(names) and claim.kind not in STATE_CLAIMS:
                    if _breaks(interpreter, claim, state, outcome):
                        return True
                elif outcome.state is not None:
                    after[outcome.state] = None
                    _limit(after, most)
        states = after
    return claim.kind in STATE_CLAIMS and any(not interpreter.holds(claim.formula, state) for state in states)


def _limit(states: dict[State, None], most: int) -> None:
    if len(states) > most:
        raise TooManyError


def _choices(interpreter: Interpreter, action: Action, state: State) -> Iterator[Arguments]:
    for arguments in product(*(values_of(parameter.type) for parameter in action.parameters)):
        if interpreter.is_enabled(action, arguments, state):
            yield arguments


def _breaks(interpreter: Interpreter, claim: Property, state: State, outcome: Outcome) -> bool:
    match claim.kind:
        case PropertyKind.ASSERTION:
            return any(isinstance(f, AssertionFailed) and f.property == claim.name for f in outcome.failures)
        case PropertyKind.RANGE:
            return any(isinstance(f, OutOfRange) for f in outcome.failures)
        case PropertyKind.CONFLICT:
            return any(isinstance(f, WrittenTwice) for f in outcome.failures)
        case _:
            return outcome.state is not None and not interpreter.evaluate(claim.formula, state, {}, outcome.state)
