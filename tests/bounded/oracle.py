"""The obvious breadth-first search with the reference interpreter."""

from __future__ import annotations

from dataclasses import dataclass, field

from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice
from verifier.system.layout import State
from verifier.system.system import PropertyKind, System


@dataclass
class Search:
    """What was reached, and for each property that was decided the length of the shortest behaviour that does it."""

    states: set[State] = field(default_factory=set)
    decided: dict[str, int] = field(default_factory=dict)
    complete: bool = False
    """Whether every reachable state was reached."""


def search(system: System, depth: int | None = None) -> Search:
    """Search behaviours of at most `depth` steps, or all of them."""
    interpreter = Interpreter(system)
    result = Search()
    level = list(dict.fromkeys(interpreter.initial_states()))
    length = 0
    while level:
        result.states.update(level)
        for claim in system.properties:
            shown = {PropertyKind.ALWAYS: False, PropertyKind.REACHABLE: True}.get(claim.kind)
            if shown is not None and any(interpreter.holds(claim.formula, state) is shown for state in level):
                result.decided.setdefault(claim.name, length)
        if length == depth:
            return result
        following: dict[State, None] = {}
        length += 1
        for state in level:
            for action, arguments in interpreter.enabled(state):
                outcome = interpreter.perform(action, arguments, state)
                for failure in outcome.failures:
                    result.decided.setdefault(failure_name(system, failure), length)
                if outcome.state is None:
                    continue
                for claim in system.properties:
                    if claim.kind is PropertyKind.STEP and not interpreter.evaluate(
                        claim.formula, state, {}, outcome.state
                    ):
                        result.decided.setdefault(claim.name, length)
                if outcome.state not in result.states:
                    following[outcome.state] = None
        level = list(following)
    result.complete = True
    return result


def failure_name(system: System, failure: AssertionFailed | OutOfRange | WrittenTwice) -> str:
    """The property that the failure violates."""
    if isinstance(failure, AssertionFailed):
        return failure.property
    kind = PropertyKind.RANGE if isinstance(failure, OutOfRange) else PropertyKind.CONFLICT
    return next((claim.name for claim in system.properties if claim.kind is kind), kind.value)
