"""Behaviours are performed again; what the system cannot follow is contradicted."""

from __future__ import annotations

import pytest

from tests.evidence.systems import INITIAL, SYSTEM
from verifier.engines.verdict import Behaviour
from verifier.evidence.replay import ContradictionError, replay
from verifier.system.interpreter import Interpreter, OutOfRange

INTERPRETER = Interpreter(SYSTEM)


def test_a_run_has_the_states_in_between() -> None:
    """States are what the interpreter computes, the initial one first."""
    run = replay(INTERPRETER, Behaviour(INITIAL, (("nic.stop", ()), ("hv1.give", (1,)))))
    assert run.states == (INITIAL, (0, 0, 0, False, 0), (0, 1, 0, False, 1))
    assert run.last == (0, 1, 0, False, 1)


def test_a_failing_last_step_has_no_state_after_it() -> None:
    """Leaving a range is a failure of the step, and there is no next state."""
    gives = (("hv1.give", (0,)), ("hv1.give", (1,)), ("hv1.give", (2,)))
    run = replay(INTERPRETER, Behaviour(INITIAL, gives))
    assert run.last is None
    assert OutOfRange("given", 3) in run.steps[-1].failures
    assert len(run.states) == 3


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (Behaviour((0, 0, 0, False, 0), ()), "not an initial state: on differs"),
        (Behaviour((0, 0), ()), "2 cells, not 5"),
        (Behaviour(INITIAL, (("nic.go", ()),)), "step 1: there is no action nic.go"),
        (Behaviour(INITIAL, (("hv1.give", (7,)),)), "do not fit"),
        (Behaviour(INITIAL, (("hv1.give", ()),)), "do not fit"),
        (Behaviour(INITIAL, (("nic.stop", ()), ("nic.stop", ()))), "step 2, nic.stop, is not possible"),
        (Behaviour(INITIAL, (("hv1.twice", ()), ("nic.stop", ()))), "follows a step that has no next state"),
        (Behaviour(INITIAL, (("nic.stop", ()),), loop=0), "does not lead back to state 0"),
        (Behaviour(INITIAL, (), loop=3), "return to state 3"),
    ],
)
def test_contradictions(behaviour: Behaviour, message: str) -> None:
    """Each way in which a behaviour can be wrong has its own message."""
    with pytest.raises(ContradictionError, match=message):
        replay(INTERPRETER, behaviour)
