"""What the bounded engine says of systems written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bounded.systems import action, flip, two_phase_commit, uniform
from verifier.engines.bounded import check
from verifier.engines.verdict import Behaviour, Budget, Outcome, Progress, Verdict
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Arithmetic,
    Constant,
    Equal,
    Implies,
    IsSome,
    Less,
    Next,
    Open,
    Read,
)
from verifier.system.interpreter import Interpreter
from verifier.system.system import Anything, Assertion, Property, PropertyKind, System, Update
from verifier.system.types import BOOL, IntType, OptionalType

SMALL = IntType(0, 3)
X = Read("x", (), SMALL)
PLUS_ONE = Arithmetic("+", X, Constant(1, SMALL), IntType(1, 4))


def counter(*properties: Property, assertions: tuple[Assertion, ...] = ()) -> System:
    """A number from 0 to 3 that grows until it leaves its range."""
    grow = replace(action("grow", (), (), Update("x", (), PLUS_ONE)), assertions=assertions)
    return System("counter", (), (uniform("x", (), SMALL, 0),), (grow,), properties)


def only(system: System, depth: int, budget: Budget | None = None) -> Verdict:
    """The verdict for the only property of a system."""
    (verdict,) = check(system, system.properties, depth, budget or Budget())
    return verdict


def test_two_phase_commit() -> None:
    """Nothing is violated that holds, and what can happen happens in as few steps as it can."""
    system = two_phase_commit(3)

    consistent, never_committed, can_abort = check(system, system.properties, 9, Budget())

    assert (consistent.outcome, consistent.method) == (Outcome.UNDETERMINED, "no violation within 9 steps")
    assert (never_committed.outcome, never_committed.method, never_committed.depth) == (Outcome.VIOLATED, "trace", 8)
    assert (can_abort.outcome, can_abort.method, can_abort.depth) == (Outcome.HOLDS, "trace", 3)


def test_a_hand_over_without_invalidation_lets_dma_escape() -> None:
    """The shortest behaviour has 12 steps and replays; with invalidation there is none as short."""
    broken, sound = flip(2, invalidates=False), flip(2)

    verdict, _ = check(broken, broken.properties, 14, Budget())
    other, _ = check(sound, sound.properties, 14, Budget())

    assert (verdict.outcome, verdict.depth) == (Outcome.VIOLATED, 12)
    assert verdict.behaviour is not None
    confirm(Interpreter(broken), broken.properties[0], replay(Interpreter(broken), verdict.behaviour))
    assert other.outcome is Outcome.UNDETERMINED


def test_leaving_a_range_ends_the_behaviour() -> None:
    """The step out of the range is the last of its behaviour, and no state follows it."""
    system = counter(
        Property("range", PropertyKind.RANGE), Property("three", PropertyKind.ALWAYS, Less(X, Constant(3, SMALL)))
    )

    outside, three = check(system, system.properties, 9, Budget())

    assert (outside.outcome, outside.depth) == (Outcome.VIOLATED, 4)
    assert outside.behaviour == Behaviour((0,), (("grow", ()),) * 4)
    assert (three.outcome, three.depth) == (Outcome.VIOLATED, 3)


def test_nothing_is_violated_before_its_depth() -> None:
    """A search that is one step too short finds nothing, and says how far it looked."""
    verdict = only(counter(Property("range", PropertyKind.RANGE)), 3)

    assert (verdict.outcome, verdict.method, verdict.depth) == (
        Outcome.UNDETERMINED,
        "no violation within 3 steps",
        3,
    )
    assert verdict.reason == "behaviours of more than 3 steps were not searched"


def test_a_reachable_that_is_not_found_is_undetermined() -> None:
    """A witness may need more steps; that there is none is never established."""
    verdict = only(counter(Property("never", PropertyKind.REACHABLE, FALSE)), 2)

    assert (verdict.outcome, verdict.method) == (Outcome.UNDETERMINED, "no witness within 2 steps")


def test_the_end_of_all_behaviours_establishes_nothing() -> None:
    """Even a system that cannot take a step is only searched, not proved."""
    system = replace(counter(Property("fine", PropertyKind.ALWAYS, TRUE)), actions=())

    assert only(system, 5).outcome is Outcome.UNDETERMINED


def test_an_assertion_is_violated_by_the_step_that_fails_it() -> None:
    """The step fails it in the state before, even if the step itself breaks."""
    system = counter(
        Property("low", PropertyKind.ASSERTION), assertions=(Assertion("low", Less(X, Constant(3, SMALL))),)
    )

    verdict = only(system, 9)

    assert (verdict.outcome, verdict.depth) == (Outcome.VIOLATED, 4)


def test_a_property_of_steps_speaks_of_both_states() -> None:
    """The value after a step is that of the next state; steps that break are not steps."""
    moves = Property("stays below", PropertyKind.STEP, Less(Next(X), Constant(3, SMALL)))
    at_three = Property("never from three", PropertyKind.STEP, Less(X, Constant(3, SMALL)))

    assert only(counter(moves), 9).depth == 3
    assert only(counter(at_three), 9).outcome is Outcome.UNDETERMINED


def test_two_writes_to_one_cell_are_a_conflict() -> None:
    """Even of the same value, and the behaviour ends there."""
    double = action("double", (), (), Update("x", (), X), Update("x", (), X))
    claims = (Property("conflict", PropertyKind.CONFLICT), Property("range", PropertyKind.RANGE))
    system = System("double", (), (uniform("x", (), SMALL, 0),), (double,), claims)

    conflict, outside = check(system, claims, 4, Budget())

    assert (conflict.outcome, conflict.depth) == (Outcome.VIOLATED, 1)
    assert outside.outcome is Outcome.UNDETERMINED


def test_a_conflict_is_seen_across_a_write_that_does_not_happen() -> None:
    """The first and the last of three writes are to one cell, whatever the condition of the second."""
    at_one = Equal(X, Constant(1, SMALL))
    writes = (Update("x", (), X), Update("x", (), X, (), at_one), Update("x", (), X))
    claim = Property("conflict", PropertyKind.CONFLICT)

    verdict = only(
        System("triple", (), (uniform("x", (), SMALL, 0),), (action("triple", (), (), *writes),), (claim,)), 1
    )

    assert verdict.outcome is Outcome.VIOLATED


def test_an_optional_is_opened_only_where_it_is_present() -> None:
    """Arithmetic on what an optional holds is of no concern where it holds nothing."""
    kind = OptionalType(SMALL)
    held = Read("held", (), kind)
    more = Arithmetic("+", Open(held, SMALL), Constant(1, SMALL), IntType(1, 4))
    claim = Property("two", PropertyKind.REACHABLE, And((IsSome(held), Equal(more, Constant(2, SMALL)))))
    fill = action("fill", (), (), Update("held", (), Constant(1, kind)))

    verdict = only(System("optional", (), (uniform("held", (), kind, None),), (fill,), (claim,)), 3)

    assert (verdict.outcome, verdict.depth) == (Outcome.HOLDS, 1)


def test_a_function_is_read_only_where_it_is_defined() -> None:
    """A guarded argument may have a wider type than the parameter."""
    guarded = Implies(Less(X, Constant(3, SMALL)), Read("mark", (PLUS_ONE,), BOOL))
    claim = Property("marked", PropertyKind.ALWAYS, guarded)
    system = counter(claim)
    system = replace(system, functions=(*system.functions, uniform("mark", (SMALL,), BOOL, True)))

    assert only(system, 9).method == "no violation within 9 steps"


def test_any_initial_value_is_tried() -> None:
    """A cell that may be anything at first is chosen to suit."""
    anything = replace(uniform("x", (), SMALL, 0), initial=Anything())
    claim = Property("not two", PropertyKind.REACHABLE, Equal(X, Constant(2, SMALL)))

    verdict = only(System("any", (), (anything,), (), (claim,)), 1)

    assert verdict.behaviour == Behaviour((2,), ())


@pytest.mark.parametrize("kind", ["EVENTUALLY", "LEADS_TO", "STUCK", "SCENARIO"])
def test_other_properties_are_refused_by_name(kind: str) -> None:
    """What the engine cannot decide is neither skipped nor guessed."""
    verdict = only(counter(Property("other", PropertyKind[kind])), 3)

    assert (verdict.outcome, verdict.method) == (Outcome.UNDETERMINED, "not checked")
    assert verdict.reason == f"the bounded engine does not handle '{PropertyKind[kind].value}' properties"


def test_a_time_budget_cuts_the_search_short() -> None:
    """Without time nothing is checked, and the verdict says why."""
    verdict = only(counter(Property("range", PropertyKind.RANGE)), 3, Budget(seconds=0))

    assert (verdict.outcome, verdict.method) == (Outcome.UNDETERMINED, "not checked")
    assert "time budget" in verdict.reason


def test_many_cells_do_not_outlast_a_time_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is looked at from the first constant that is made, not only when the solver is asked."""
    made: list[str] = []
    monkeypatch.setattr("verifier.engines.bounded.step.cell_constants", lambda name, *_: made.append(name))

    only(counter(Property("range", PropertyKind.RANGE)), 3, Budget(seconds=0))

    assert made == []


def test_a_memory_budget_cuts_the_search_short() -> None:
    """What was searched before stands."""
    verdict = only(counter(Property("range", PropertyKind.RANGE)), 9, Budget(memory=1))

    assert (verdict.outcome, verdict.method) == (Outcome.UNDETERMINED, "no violation within 0 steps")
    assert "memory budget" in verdict.reason


def test_the_observer_hears_of_every_depth() -> None:
    """Depths are reported in order, with the number of properties that are still open."""
    heard: list[Progress] = []
    system = counter(Property("range", PropertyKind.RANGE), Property("fine", PropertyKind.ALWAYS, TRUE))

    check(system, system.properties, 5, Budget(), heard.append)

    assert [(progress.depth, progress.waiting) for progress in heard] == [
        (0, 2),
        (1, 2),
        (2, 2),
        (3, 2),
        (4, 1),
        (5, 1),
    ]


def test_the_same_question_has_the_same_answer() -> None:
    """Behaviours are the same from run to run."""
    system = flip(2, invalidates=False)

    first, second = (check(system, system.properties, 12, Budget()) for _ in range(2))

    assert [verdict.behaviour for verdict in first] == [verdict.behaviour for verdict in second]


def test_properties_that_look_alike_are_answered_one_by_one() -> None:
    """Equal properties given twice have a verdict each."""
    claim = Property("range", PropertyKind.RANGE)
    system = counter(claim)

    assert [verdict.depth for verdict in check(system, (claim, claim), 9, Budget())] == [4, 4]
