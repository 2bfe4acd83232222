"""The exhaustive engine as a whole: verdicts, behaviours, budgets, findings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from tests.engines.builders import (
    always,
    enumeration,
    everywhere,
    member,
    peterson,
    put,
    reachable,
    read,
    step,
    system,
    two_phase_commit,
)
from tests.engines.oracles import TooMany, explore, replay
from tests.strategies import systems
from verifier.engines.explicit import check
from verifier.engines.native.automatic import FEW
from verifier.engines.verdict import Behaviour, Budget, Outcome, Progress
from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Arithmetic,
    Constant,
    Equal,
    Expression,
    Implies,
    Less,
    Next,
    Not,
    Or,
)
from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice
from verifier.system.span import Span
from verifier.system.system import Action, Assertion, Condition, Kind, Property, PropertyKind, System
from verifier.system.types import BOOL, IntType

FAILURES = {
    PropertyKind.RANGE: OutOfRange,
    PropertyKind.CONFLICT: WrittenTwice,
    PropertyKind.ASSERTION: AssertionFailed,
}


def shows(model: System, claim: Property, behaviour: Behaviour) -> bool:
    """Whether a behaviour, replayed, ends in what violates the claim (or reaches what it seeks)."""
    states, failures = replay(model, behaviour)
    interpreter = Interpreter(model)
    if claim.kind in FAILURES:
        return any(isinstance(failure, FAILURES[claim.kind]) for failure in failures)
    if claim.kind is PropertyKind.STEP:
        return not interpreter.evaluate(claim.formula, states[-2], {}, states[-1])
    if claim.kind is PropertyKind.REACHABLE:
        return interpreter.holds(claim.formula, states[-1])
    return not interpreter.holds(claim.formula, states[-1])


@given(systems())
@settings(max_examples=80, deadline=None)
def test_verdicts_are_right_and_behaviours_shortest(model: System) -> None:
    """Every safety verdict is what brute force says; its behaviour replays, shows it, and none is shorter."""
    try:
        depths, edges, failures = explore(model, 400)
    except TooMany:
        assume(False)
    interpreter = Interpreter(model)
    report = check(model, model.properties)
    assert report.depth == max(depths.values(), default=0)
    for claim, verdict in zip(model.properties, report.verdicts, strict=True):
        if claim.kind in FAILURES:
            bad = [depths[state] + 1 for state, failure in failures if isinstance(failure, FAILURES[claim.kind])]
        elif claim.kind is PropertyKind.STEP:
            bad = [depths[s] + 1 for s, _, _, t in edges if not interpreter.evaluate(claim.formula, s, {}, t)]
        elif claim.kind is PropertyKind.STUCK:
            continue
        else:
            sought = claim.kind is PropertyKind.REACHABLE
            bad = [depth for state, depth in depths.items() if interpreter.holds(claim.formula, state) == sought]
        if bad:
            assert verdict.outcome is (Outcome.HOLDS if claim.kind is PropertyKind.REACHABLE else Outcome.VIOLATED)
            assert verdict.behaviour is not None
            assert len(verdict.behaviour.steps) == min(bad)
            assert shows(model, claim, verdict.behaviour)
        else:
            assert verdict.outcome is (Outcome.VIOLATED if claim.kind is PropertyKind.REACHABLE else Outcome.HOLDS)
            assert verdict.behaviour is None


@pytest.mark.parametrize(
    ("managers", "states"),
    [(3, 288), (4, 1_568), (5, 8_832), (6, 50_816), pytest.param(7, 296_448, marks=pytest.mark.slow)],
)
def test_two_phase_commit_has_the_published_number_of_states(managers: int, states: int) -> None:
    """Gray and Lamport's model: the distinct states that TLC reports, and the verdicts on three claims."""
    model = two_phase_commit(managers)
    report = check(model, model.properties)
    assert report.states == states
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.HOLDS, Outcome.HOLDS, Outcome.VIOLATED]
    by = ", by machine code" if states > FEW else ""
    assert report.verdicts[0].method == f"exhaustive for this instance ({states} states){by}"
    assert managers != 7 or report.transitions == 2_744_705


def test_symmetry_shows_in_the_method() -> None:
    """A verdict on representatives says so."""
    model = peterson(3)
    (verdict,) = check(model, model.properties).verdicts
    assert verdict.method == "exhaustive for this instance (172 states), reduced by symmetry of Pid"


def test_the_search_goes_on_after_a_violation() -> None:
    """A property decided early does not keep later ones from their verdict, nor the count from being complete."""
    model = two_phase_commit(3)
    at_once = Property("at_once", PropertyKind.ALWAYS, FALSE)
    report = check(model, (at_once, *model.properties))
    assert [v.outcome.value for v in report.verdicts] == ["violated", "holds", "holds", "violated"]
    assert report.verdicts[0].behaviour == Behaviour(next(Interpreter(model).initial_states()), ())
    assert report.states == 288
    early = check(model, (at_once,))
    assert (early.states, early.findings) == (1, ())
    stuck = check(model, (at_once, Property("stuck", PropertyKind.STUCK)))
    assert (stuck.states, stuck.verdicts[1].outcome) == (288, Outcome.HOLDS)


@pytest.mark.parametrize(
    ("budget", "word"),
    [(Budget(states=100), "100 states"), (Budget(seconds=0), "0 seconds"), (Budget(memory=1), "memory")],
)
def test_a_budget_leaves_the_undecided_undetermined(budget: Budget, word: str) -> None:
    """What was shown before the cut stays; everything else is undetermined with the budget as the reason."""
    model = two_phase_commit(6)
    live = Property("live", PropertyKind.EVENTUALLY, FALSE)
    stuck = Property("stuck", PropertyKind.STUCK)
    report = check(model, (*model.properties, live, stuck), budget)
    for verdict in report.verdicts:
        if verdict.behaviour is None:
            assert verdict.outcome is Outcome.UNDETERMINED
            assert word in verdict.reason
    assert report.findings == ()
    assert report.verdicts[0].outcome is Outcome.UNDETERMINED


def test_an_interrupt_leaves_the_undecided_undetermined() -> None:
    """An interrupt from the keyboard ends the search with verdicts, not with a traceback."""

    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    model = two_phase_commit(9)
    report = check(model, model.properties, observer=interrupt)
    assert report.verdicts[0].outcome is Outcome.UNDETERMINED
    assert report.verdicts[0].reason == "interrupted"
    assert report.verdicts[2].outcome is Outcome.VIOLATED


def test_progress_is_reported() -> None:
    """The observer sees growing searches about five times a second."""
    seen: list[Progress] = []
    model = two_phase_commit(9)
    report = check(model, model.properties, Budget(seconds=0.7), observer=seen.append)
    assert 1 <= len(seen) <= 5
    assert [p.states for p in seen] == sorted(p.states for p in seen)
    assert report.seconds < 2


def counter(limit: int) -> tuple[System, Property, Property]:
    """A counter that leaves its range, and writes a flag twice on the way."""
    count = everywhere("count", (), IntType(-1, 3), -1)
    flag = everywhere("flag", (), BOOL, False)
    more = Arithmetic("+", read(count), Constant(1, IntType(1, 1)), IntType(0, 4))
    small = Less(read(count), Constant(limit, IntType(limit, limit)))
    model = system(
        "counter",
        (count, flag),
        (
            step("up", (), small, put(count, value=more)),
            step(
                "twice",
                (),
                Equal(read(count), Constant(1, IntType(1, 1))),
                put(flag, value=TRUE),
                put(flag, value=TRUE),
            ),
        ),
    )
    return model, Property("range", PropertyKind.RANGE), Property("conflict", PropertyKind.CONFLICT)


@pytest.mark.parametrize(("limit", "outcome"), [(3, Outcome.HOLDS), (4, Outcome.VIOLATED)])
def test_leaving_a_range_is_a_violation_and_has_no_state(limit: int, outcome: Outcome) -> None:
    """The failing action ends the behaviour; there is no state after it, neither wrapped nor clamped."""
    model, in_range, once = counter(limit)
    report = check(model, (in_range, once))
    assert [verdict.outcome for verdict in report.verdicts] == [outcome, Outcome.VIOLATED]
    assert report.states == 5 or outcome is Outcome.VIOLATED
    behaviour = report.verdicts[1].behaviour
    assert behaviour is not None
    assert [name for name, _ in behaviour.steps] == ["up", "up", "twice"]
    assert len(replay(model, behaviour)[0]) == 3


def test_every_claim_gets_a_verdict_in_order() -> None:
    """Properties of all kinds together: one verdict each, in their order."""
    model = two_phase_commit(2)
    claims = tuple(Property(kind.name, kind) for kind in PropertyKind if kind is not PropertyKind.SCENARIO)
    assert [verdict.property for verdict in check(model, claims).verdicts] == [claim.name for claim in claims]


WRITTEN = Span("a.flip", 3, 5, 3, 9)


def wrote(action: Action, formula: Expression) -> Action:
    """The action, with the part of its guard that its author wrote."""
    return replace(action, conditions=(Condition(formula, WRITTEN),))


def test_findings_name_what_has_no_effect() -> None:
    """A dead action, an idle condition, a vacuous implication and a tautology are found; the rest is left alone.

    Only conditions that somebody wrote are looked at: `late` is at b anyway, which its place in the process adds.
    """
    phase = enumeration("Phase", "a", "b", "c")
    at = everywhere("at", (), phase, 0)
    flag = everywhere("flag", (), BOOL, True)

    def here(name: str) -> Equal:
        return Equal(read(at), member(phase, name))

    model = system(
        "idle",
        (at, flag),
        (
            wrote(step("go", (), And((here("a"), read(flag))), put(at, value=member(phase, "b"))), read(flag)),
            wrote(step("back", (), here("b"), put(at, value=member(phase, "a"))), here("b")),
            step("late", (), And((here("b"), Not(here("a")))), put(at, value=member(phase, "a"))),
            wrote(step("never", (), here("c"), put(at, value=member(phase, "a"))), here("c")),
            step("off", (), FALSE, put(at, value=member(phase, "a"))),
        ),
        always("empty", Implies(here("c"), read(flag))),
        always("full", Implies(here("b"), read(flag))),
        always("true_anyway", Or((here("a"), Not(here("a"))))),
        reachable("there", here("b")),
    )
    found = [(finding.kind, finding.subject) for finding in check(model, model.properties).findings]
    assert found == [
        ("dead action", "never"),
        ("idle guard", "go"),
        ("vacuous implication", "empty"),
        ("tautology", "true_anyway"),
    ]
    assert check(model, model.properties).findings[1].span == WRITTEN


def test_a_leads_to_that_never_starts_is_found() -> None:
    """A trigger that is never true is a finding."""
    model = two_phase_commit(2)
    claim = Property("idle", PropertyKind.LEADS_TO, formula=TRUE, trigger=FALSE)
    assert [finding.subject for finding in check(model, (claim,)).findings] == ["idle"]


def test_assertions_fail_without_stopping_the_step() -> None:
    """A failed assertion violates its property; the step still takes place."""
    flag = everywhere("flag", (), BOOL, False)
    up = Action("up", Kind.STEP, "a", (), Not(read(flag)), (put(flag, value=TRUE),), (Assertion("ready", read(flag)),))
    later = Property("later", PropertyKind.STEP, Implies(read(flag), Next(read(flag))))
    model = system("asserting", (flag,), (up,))
    report = check(model, (Property("ready", PropertyKind.ASSERTION), reachable("up", read(flag)), later))
    assert [verdict.outcome.value for verdict in report.verdicts] == ["violated", "holds", "holds"]
    assert report.states == 2
