"""Unrolling finds counterexamples as short as breadth-first search does."""

from __future__ import annotations

from hypothesis import HealthCheck, event, given, settings

from tests.bounded.oracle import search
from tests.proof.inference.protocols import protocol
from tests.proof.inference.test_circuit import claimed, nothing
from tests.strategies import systems
from verifier.engines.proof.inference.circuit import Circuit
from verifier.engines.proof.inference.shortest import shortest, skeleton
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.system.interpreter import Interpreter
from verifier.system.system import System

DEPTH = 3


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(systems())
def test_lengths_are_those_of_breadth_first_search(system: System) -> None:
    """A claim is violated within a depth if and only if the obvious search says so, by a behaviour just as short."""
    expected = search(system, DEPTH).decided
    found = shortest(Circuit(system, nothing), claimed(system), DEPTH, Watch(Budget()))
    lengths = {violation.claim.name: len(violation.behaviour.steps) for violation in found}

    assert lengths == {claim.name: expected[claim.name] for claim in claimed(system) if claim.name in expected}
    event(f"violated: {len(found)}")
    for violation in found:
        interpreter = Interpreter(system)
        confirm(interpreter, violation.claim, replay(interpreter, violation.behaviour))


def test_the_skeleton_of_a_counterexample_is_its_actions() -> None:
    """Without the members that it happened to."""
    system = protocol("lock_service", "keeps_it")
    (violation,) = shortest(Circuit(system, nothing), claimed(system), 10, Watch(Budget()))
    names = skeleton(violation.behaviour)

    assert len(names) == 8
    assert set(names) == {"ask", "grant", "enter", "leave", "collect"}
