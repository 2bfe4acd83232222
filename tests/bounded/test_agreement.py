"""The bounded engine and the reference interpreter say the same of random systems."""

from __future__ import annotations

from hypothesis import HealthCheck, event, given, settings

from tests.bounded.oracle import search
from tests.strategies import systems
from verifier.engines.bounded import check
from verifier.engines.verdict import Budget, Outcome
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.system.interpreter import Interpreter
from verifier.system.system import PropertyKind, System

DEPTH = 3


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(systems())
def test_every_verdict_and_length_is_that_of_breadth_first_search(system: System) -> None:
    """A property is decided if and only if the obvious search decides it, by a behaviour just as short that replays."""
    claims = tuple(claim for claim in system.properties if claim.kind is not PropertyKind.STUCK)
    expected = search(system, DEPTH).decided
    verdicts = check(system, claims, DEPTH, Budget())

    for claim, verdict in zip(claims, verdicts, strict=True):
        if claim.name in expected:
            event(f"{claim.name} decided at {expected[claim.name]}")
            decided = Outcome.HOLDS if claim.kind is PropertyKind.REACHABLE else Outcome.VIOLATED
            assert (verdict.outcome, verdict.depth) == (decided, expected[claim.name]), (claim, verdict)
            assert verdict.behaviour is not None
            confirm(Interpreter(system), claim, replay(Interpreter(system), verdict.behaviour))
        else:
            assert verdict.outcome is Outcome.UNDETERMINED, (claim, verdict)
            assert verdict.depth == DEPTH
