"""Slow and obvious answers to compare engines with, from the reference interpreter alone."""

from __future__ import annotations

from itertools import chain, combinations

from verifier.engines.verdict import Behaviour
from verifier.system.interpreter import Arguments, Failure, Interpreter
from verifier.system.layout import State
from verifier.system.system import Action, Fairness, Kind, Property, PropertyKind, System

Edge = tuple[State, Action, Arguments, State]


class TooMany(Exception):  # noqa: N818  (an end, not an error)
    """The system has more states than a test wants to look at."""


def explore(system: System, limit: int) -> tuple[dict[State, int], list[Edge], list[tuple[State, Failure]]]:
    """The depth of every reachable state, the transitions and the failures. Raises TooMany."""
    interpreter = Interpreter(system)
    depths: dict[State, int] = {}
    for state in interpreter.initial_states():
        depths[state] = 0
    edges: list[Edge] = []
    failures: list[tuple[State, Failure]] = []
    queue = list(depths)
    for state in queue:
        if len(depths) > limit:
            raise TooMany
        for action, arguments in interpreter.enabled(state):
            outcome = interpreter.perform(action, arguments, state)
            failures.extend((state, failure) for failure in outcome.failures)
            if outcome.state is not None:
                edges.append((state, action, arguments, outcome.state))
                if outcome.state not in depths:
                    depths[outcome.state] = depths[state] + 1
                    queue.append(outcome.state)
    return depths, edges, failures


def closure(starts: set[State], edges: list[Edge]) -> set[State]:
    """The states reachable from `starts` along the edges."""
    reached = set(starts)
    grew = True
    while grew:
        found = {target for source, _, _, target in edges if source in reached} - reached
        reached |= found
        grew = bool(found)
    return reached


def unit(action: Action, arguments: Arguments) -> tuple[str, Arguments]:
    return action.name, arguments[: action.fair_parameters]


def fair_loop(loop: set[State], inner: list[Edge], edges: list[Edge]) -> bool:
    """Whether visiting exactly `loop` for ever, taking all `inner` edges, is fair; `edges` are all there are."""
    taken = {unit(action, arguments) for _, action, arguments, _ in inner}
    for fairness in (Fairness.WEAK, Fairness.STRONG):
        for wanted in {unit(a, args) for s, a, args, _ in edges if s in loop and a.fairness is fairness} - taken:
            enabling = {source for source, a, args, _ in edges if unit(a, args) == wanted} & loop
            if enabling == loop or fairness is Fairness.STRONG:
                return False
    return True


def violates(system: System, claim: Property) -> bool:
    """Whether a fair behaviour violates an EVENTUALLY or LEADS_TO property: tries every set of states as its loop."""
    interpreter = Interpreter(system)
    depths, edges, _ = explore(system, 12)
    waiting = {state for state in depths if not interpreter.holds(claim.formula, state)}
    if claim.kind is PropertyKind.EVENTUALLY:
        starts = {state for state in waiting if depths[state] == 0}
    else:
        starts = {state for state in waiting if interpreter.holds(claim.trigger, state)}
    pending = closure(starts, [edge for edge in edges if edge[0] in waiting and edge[3] in waiting])
    for loop in map(set, chain.from_iterable(combinations(pending, n + 1) for n in range(len(pending)))):
        inner = [edge for edge in edges if edge[0] in loop and edge[3] in loop]
        if all(closure({state}, inner) == loop for state in loop) and fair_loop(loop, inner, edges):
            return True
    return False


def stuck_states(system: System, limit: int) -> set[State]:
    """The stuck states, as `System` defines them."""
    interpreter = Interpreter(system)
    depths, edges, _ = explore(system, limit)
    useful = [edge for edge in edges if edge[1].kind is not Kind.FAULT]
    stuck = set()
    for state in depths:
        if not interpreter.holds(system.final, state):
            reached = closure({state}, useful)
            if not any(a.kind is Kind.STEP for source, a, _, _ in useful if source in reached):
                stuck.add(state)
    return stuck


def replay(system: System, behaviour: Behaviour) -> tuple[list[State], tuple[Failure, ...]]:
    """The states of a behaviour and the failures of its last action; the last action may lead to no state."""
    interpreter = Interpreter(system)
    assert behaviour.initial in set(interpreter.initial_states())
    states = [behaviour.initial]
    failures: tuple[Failure, ...] = ()
    for number, (name, arguments) in enumerate(behaviour.steps):
        action = system.action(name)
        assert interpreter.is_enabled(action, arguments, states[-1])
        outcome = interpreter.perform(action, arguments, states[-1])
        failures = outcome.failures
        if outcome.state is None:
            assert number == len(behaviour.steps) - 1
        else:
            states.append(outcome.state)
    return states, failures
