"""What fairness of a step means when the step has branches, written in the language and decided by the engine."""

from __future__ import annotations

import pytest

from tests.language.elaborating import system_of
from verifier.engines.explicit import check
from verifier.engines.verdict import Outcome
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.system.interpreter import Interpreter


@pytest.mark.parametrize(("word", "outcome"), [("", Outcome.VIOLATED), ("strongly fair ", Outcome.HOLDS)])
def test_a_fair_step_may_take_the_same_branch_for_ever(word: str, outcome: Outcome) -> None:
    """A step that is fair has to be taken, by whichever branch; strongly fair, each branch has to be.

    The lasso passes the gate of the evidence, which judges fairness by its own means.
    """
    system = system_of(
        f"protocol {{ process p {{ {word}a: either {{ skip;  goto a }} or {{ skip }} }} }}\neventually ends: p at done"
    )
    claim = system.property_named("ends")
    (verdict,) = check(system, [claim]).verdicts

    assert verdict.outcome is outcome
    if verdict.behaviour is not None:
        interpreter = Interpreter(system)
        confirm(interpreter, claim, replay(interpreter, verdict.behaviour))


def test_a_step_whose_branches_take_turns_in_being_possible_is_taken() -> None:
    """Neither branch is possible all the time, but the step is: weak fairness is of the step."""
    system = system_of(
        "state x: bool\nhardware flicker { if x { x := false } else { x := true } }\n"
        "protocol { process p { a: either { await x } or { await not x } } }\neventually ends: p at done"
    )
    (verdict,) = check(system, [system.property_named("ends")]).verdicts

    assert verdict.outcome is Outcome.HOLDS
