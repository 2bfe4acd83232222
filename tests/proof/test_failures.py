"""Steps that no lemma stops: small, replayed, and told in the words of the specification."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proof.specs import claims_of, opened
from tests.strategies import states_of, systems
from verifier.engines.proof.partial import PartialInterpreter, Unknown
from verifier.engines.proof.prover import prove
from verifier.evidence.failed_step import FailedStep, failed_step
from verifier.system.interpreter import Interpreter
from verifier.system.system import PropertyKind, System
from verifier.system.types import render


def step_of(name: str, goal: str, without: tuple[str, ...] = (), variant: str | None = None) -> FailedStep:
    found = opened(name, variant)
    proof = prove(found.family, [claim for claim in claims_of(found) if claim.name not in without])
    failure = proof.failure(goal)
    assert failure is not None, proof.proved
    return failed_step(found.family, failure)


def facts_of(step: FailedStep) -> dict[str, str]:
    cells = Interpreter(step.system).layout.cells
    return {cells[place].name: render(cells[place].type, step.state[place]) for place in step.facts}


def test_only_what_matters_is_shown_and_members_are_called_after_their_role() -> None:
    step = step_of("handover", "in_place", without=("drained",))

    assert step.action is not None
    assert step.action.name == "move"
    assert facts_of(step) == {"phase": "moving", "write(d)": "p"}
    assert [part.text for part in step.failing] == ["write(d) is not none implies owner(write(d)) == vm1"]


def test_the_instance_is_as_small_as_can_be() -> None:
    step = step_of("handover", "in_place", without=("drained",))

    assert [len(sort.members) for sort in step.system.sorts if sort.name in ("Page", "Device")] == [1, 1]


def test_each_sort_is_as_small_as_can_be() -> None:
    """Three slots are needed, and one page is enough."""
    step = step_of("corners", "three")

    assert [len(sort.members) for sort in step.system.sorts if sort.name in ("Page", "Slot")] == [1, 3]


@pytest.mark.parametrize(
    ("goal", "facts"),
    [
        ("in_range", {"level(s)": "3"}),
        ("in_hue", {"place(slot0#0)": "p", "hue(p)": "blue"}),
    ],
)
def test_steps_that_go_wrong_are_shown_too(goal: str, facts: dict[str, str]) -> None:
    assert facts_of(step_of("corners", goal)) == facts


def test_writing_twice_needs_two_slots_with_one_page() -> None:
    places = [value for cell, value in facts_of(step_of("corners", "single_write")).items() if cell.startswith("place")]

    assert len(places) == 2
    assert len(set(places)) == 1


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(systems(), st.data())
def test_what_is_settled_by_some_cells_is_so_whatever_the_others_are(system: System, data: st.DataObject) -> None:
    """The law of partial states: an answer agrees with the reference interpreter on every completion."""
    interpreter = Interpreter(system)
    partial = PartialInterpreter(interpreter)
    state = data.draw(states_of(system))
    known = {place: value for place, value in enumerate(state) if data.draw(st.booleans())}
    for claim in system.properties:
        if claim.kind in (PropertyKind.ALWAYS, PropertyKind.REACHABLE):
            value = partial.value(claim.formula, known, {})
            assert isinstance(value, Unknown) or value == interpreter.holds(claim.formula, state)
    for action, arguments in interpreter.enabled(state):
        outcome = interpreter.perform(action, arguments, state)
        if outcome.state is not None:
            for place, value in partial.after(action, arguments, known).items():
                assert outcome.state[place] == value
