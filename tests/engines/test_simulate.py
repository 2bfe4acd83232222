"""Random walks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.builders import two_phase_commit
from tests.engines.test_explicit import shows
from tests.strategies import systems
from verifier.engines.explicit.simulate import simulate
from verifier.engines.verdict import Budget
from verifier.system.system import PropertyKind, System


def test_walks_count_what_happens() -> None:
    """Actions fired add up to the steps, none fires that was not enabled, and the same seed gives the same walks."""
    model = two_phase_commit(3)
    first = simulate(model, model.properties, seed=7, walks=20, length=30)
    assert sum(first.fired.values()) == first.steps
    assert all(first.fired[name] <= first.enabled[name] for name in first.fired)
    assert first == simulate(model, model.properties, seed=7, walks=20, length=30)
    assert first != simulate(model, model.properties, seed=8, walks=20, length=30)
    assert "consistent" not in first.shown
    assert 1 < first.states <= 288


@given(systems(), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_what_a_walk_shows_is_real(model: System, seed: int) -> None:
    """Every behaviour that a walk shows replays and ends in the violation, or in what was sought."""
    claims = [claim for claim in model.properties if claim.kind is not PropertyKind.STUCK]
    walks = simulate(model, claims, seed, walks=5, length=6)
    for name, behaviour in walks.shown.items():
        assert shows(model, model.property_named(name), behaviour)


def test_a_budget_ends_the_walks() -> None:
    """Walks that are cut short say why."""
    model = two_phase_commit(3)
    walks = simulate(model, model.properties, seed=1, walks=10**9, length=10, budget=Budget(seconds=0.1))
    assert "0.1 seconds" in walks.reason
    assert 0 < walks.walks < 10**9
