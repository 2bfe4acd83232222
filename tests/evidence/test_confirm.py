"""A run decides a property only if its end (or its loop) shows what the property's kind asks for."""

from __future__ import annotations

import pytest

from tests.evidence import systems
from tests.evidence.systems import INITIAL, SYSTEM
from verifier.engines.verdict import Behaviour, Outcome
from verifier.evidence.confirm import confirm, shown_by_a_run
from verifier.evidence.failing import FailingPart
from verifier.evidence.replay import ContradictionError, replay
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property

INTERPRETER = Interpreter(SYSTEM)
STOP = ("nic.stop", ())
TWICE = ("hv1.twice", ())


def give(page: int) -> tuple[str, tuple[int, ...]]:
    return ("hv1.give", (page,))


def behaviour(*steps: tuple[str, tuple[int, ...]], loop: int | None = None) -> Behaviour:
    return Behaviour(INITIAL, steps, loop)


def confirmed(claim: Property, *steps: tuple[str, tuple[int, ...]], loop: int | None = None) -> tuple[FailingPart, ...]:
    return confirm(INTERPRETER, claim, replay(INTERPRETER, behaviour(*steps, loop=loop)))


def test_the_failing_part_names_the_values_for_which_it_fails() -> None:
    """Of "all p: not on implies owner(p) == vm1" it is the page given away, with what was read."""
    (part,) = confirmed(systems.NO_VM2, STOP, give(1))
    assert part.text == "not on implies owner(p) == vm1"
    assert part.bindings == (("p", "0xe2"),)
    assert part.cells == (("on", "false"), ("owner(0xe2)", "vm2"))


def test_a_property_can_fail_for_several_values() -> None:
    """`never some p, q: ...` fails for each pair."""
    parts = confirmed(systems.TOGETHER, give(2))
    assert [part.bindings for part in parts] == [
        (("p", "0xe1"), ("q", "0xe3")),
        (("p", "0xe2"), ("q", "0xe3")),
    ]
    assert parts[0].text == "not (owner(p) == vm1 and owner(q) == vm2)"


def test_a_disjunction_is_one_part() -> None:
    """Nobody can say which half of an "or" should have held."""
    (part,) = confirmed(systems.EITHER, STOP)
    assert part.text == "on or (all p: Page: owner(p) == vm2)"


def test_a_property_of_steps_shows_both_states() -> None:
    """What is read in the state after the step is told apart."""
    (part,) = confirmed(systems.KEPT, give(0))
    assert part.cells == (("owner(0xe1)", "vm1"), ("next(owner(0xe1))", "vm2"))


def test_failures_of_the_last_step() -> None:
    """Assertions, ranges and double writes say what went wrong."""
    assert confirmed(systems.STOPPED_FIRST, give(0))[0].text == "not on"
    out = confirmed(systems.IN_RANGE, give(0), give(1), give(2))
    assert out[0].text == "given would become 3, which is not in 0 .. 2"
    assert confirmed(systems.SINGLE_WRITE, TWICE)[0].text == "on is written twice"


def test_witnesses_fail_in_nothing() -> None:
    """A state that is to be reachable, and a scenario that is to be possible."""
    assert confirmed(systems.MIDWAY, give(0)) == ()
    assert confirmed(systems.ONE_GIVEN, STOP, give(2)) == ()
    assert confirmed(systems.FIRST_GIVEN, give(0)) == ()
    assert shown_by_a_run(systems.MIDWAY) is shown_by_a_run(systems.ONE_GIVEN) is Outcome.HOLDS
    assert shown_by_a_run(systems.NEVER_STOPPED) is shown_by_a_run(systems.NO_VM2) is Outcome.VIOLATED


def test_an_impossible_scenario_is_violated_by_performing_it() -> None:
    assert confirmed(systems.NEVER_STOPPED, give(0), STOP)


def test_a_behaviour_may_end_where_nothing_fair_is_possible() -> None:
    """Once two pages are given, the third give has no next state, so nothing is put off."""
    (part,) = confirmed(systems.FINISHED, give(0), give(1), loop=2)
    assert part.text == "all p: Page: owner(p) == vm2 never comes to hold"


def test_what_is_owed_after_the_trigger() -> None:
    (part,) = confirmed(systems.ANSWERED, give(0), give(1), loop=2)
    assert part.text == "not on never comes to hold, though some p: Page: owner(p) == vm2 held after step 2"


def test_stuck_is_looked_for_past_hardware() -> None:
    """With two pages given no step has a next state, before or after the device stops."""
    (part,) = confirmed(systems.NOT_STUCK, give(0), give(1))
    assert part.text == "no step of the protocol remains possible"


@pytest.mark.parametrize(
    ("claim", "told", "message"),
    [
        (systems.NO_VM2, behaviour(give(0)), "the formula holds where it ends"),
        (systems.NO_VM2, behaviour(TWICE), "its last step has no next state"),
        (systems.MIDWAY, behaviour(STOP), "does not hold where it ends"),
        (systems.KEPT, behaviour(STOP), "as the formula demands"),
        (systems.KEPT, behaviour(), "it has no steps"),
        (systems.STOPPED_FIRST, behaviour(STOP, give(0)), "nothing goes wrong in its last step"),
        (systems.IN_RANGE, behaviour(give(0)), "nothing goes wrong in its last step"),
        (systems.SINGLE_WRITE, behaviour(give(0), give(1), give(2)), "nothing goes wrong"),
        (systems.FINISHED, behaviour(give(0)), "must go on for ever"),
        (systems.FINISHED, behaviour(STOP, loop=1), r"not fair: hv1.give is put off for ever"),
        (systems.ANSWERED, behaviour(STOP, give(0), give(1), loop=3), "what is owed does happen"),
        (systems.NOT_STUCK, behaviour(give(0)), "a step of the protocol remains possible"),
        (systems.ONE_GIVEN, behaviour(give(0)), "does not perform the scenario"),
        (systems.ONE_GIVEN, behaviour(give(0), STOP), "does not perform the scenario"),
        (systems.FIRST_GIVEN, behaviour(give(1)), "does not perform the scenario"),
    ],
)
def test_what_a_run_does_not_show(claim: Property, told: Behaviour, message: str) -> None:
    """A run that does not decide the property is refused, with the reason."""
    run = replay(INTERPRETER, told)
    with pytest.raises(ContradictionError, match=message):
        confirm(INTERPRETER, claim, run)


def test_a_trigger_that_never_holds_owes_nothing() -> None:
    idle = systems.claim("idle", systems.ANSWERED.kind, systems.ALL_GIVEN, systems.ALL_GIVEN)
    with pytest.raises(ContradictionError, match="nothing is owed"):
        confirmed(idle, give(0), give(1), loop=2)
