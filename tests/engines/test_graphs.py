"""Liveness, stuck states and scenarios against brute force."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import enumeration, everywhere, member, put, read, scalarset, step, system, window
from tests.engines.oracles import TooMany, explore, fair_loop, replay, stuck_states, violates
from tests.strategies import graphs, systems
from verifier.engines.explicit import check
from verifier.engines.verdict import Behaviour, Outcome
from verifier.system.expressions import FALSE, TRUE, And, Equal, Exists, Expression, IsSome, Not, Read, Variable
from verifier.system.interpreter import Interpreter
from verifier.system.span import Span
from verifier.system.system import (
    Action,
    Check,
    Fairness,
    Gap,
    Kind,
    Perform,
    Property,
    PropertyKind,
    Scenario,
    System,
)
from verifier.system.types import BOOL


def fair_lasso(model: System, claim: Property, behaviour: Behaviour) -> bool:
    """Whether the behaviour is a real lasso that never reaches the goal after its trigger, and its loop is fair."""
    states, _ = replay(model, behaviour)
    assert behaviour.loop is not None
    if states[-1] != states[behaviour.loop]:
        return False
    interpreter = Interpreter(model)
    waiting = [not interpreter.holds(claim.formula, state) for state in states]
    if claim.kind is PropertyKind.EVENTUALLY:
        broken = all(waiting)
    else:
        triggered = [interpreter.holds(claim.trigger, state) for state in states]
        broken = any(triggered[i] and all(waiting[i:]) for i in range(behaviour.loop + 1))
        broken = broken or (all(waiting[behaviour.loop :]) and any(triggered[behaviour.loop :]))
    _, edges, _ = explore(model, 100)
    path = [
        (source, model.action(name), arguments, target)
        for source, (name, arguments), target in zip(states, behaviour.steps, states[1:], strict=False)
    ]
    return broken and fair_loop(set(states[behaviour.loop :]), path[behaviour.loop :], edges)


@given(graphs())
@settings(max_examples=250, deadline=None)
def test_liveness_is_what_brute_force_says(model: System) -> None:
    """`eventually` and `leads to` under any mixture of weak and strong fairness; every lasso is real, fair and bad."""
    claims = [claim for claim in model.properties if claim.kind is not PropertyKind.STUCK]
    for claim, verdict in zip(claims, check(model, claims).verdicts, strict=True):
        assert (verdict.outcome is Outcome.VIOLATED) == violates(model, claim)
        if verdict.behaviour is not None:
            assert fair_lasso(model, claim, verdict.behaviour)


@given(systems())
@settings(max_examples=100, deadline=None)
def test_liveness_of_random_systems(model: System) -> None:
    """The same for systems with parameters, failing updates and several initial states."""
    claim = Property("goal", PropertyKind.EVENTUALLY, model.properties[4].formula)
    try:
        depths, _, _ = explore(model, 12)
    except TooMany:
        assume(False)
    assume(len(depths) <= 9)
    (verdict,) = check(model, (claim,)).verdicts
    assert (verdict.outcome is Outcome.VIOLATED) == violates(model, claim)


@given(st.one_of(graphs(), systems()), st.booleans())
@settings(max_examples=120, deadline=None)
def test_stuck_is_what_brute_force_says(model: System, symmetry: bool) -> None:
    """Stuck states are found with a shortest way to the nearest one, with symmetry and without."""
    try:
        depths, _, _ = explore(model, 60)
    except TooMany:
        assume(False)
    claim = Property("stuck", PropertyKind.STUCK)
    stuck = stuck_states(model, 100)
    (verdict,) = check(model, (claim,), symmetry=symmetry).verdicts
    assert (verdict.outcome is Outcome.VIOLATED) == bool(stuck)
    if verdict.behaviour is not None:
        states, _ = replay(model, verdict.behaviour)
        assert states[-1] in stuck
        assert len(verdict.behaviour.steps) == min(depths[state] for state in stuck)


def test_stuck_looks_through_idle_states_but_not_through_faults() -> None:
    """Hardware and environment may take several moves before a step is possible again; a fault does not count."""
    phase = enumeration("Phase", "a", "b", "c", "d")
    at = everywhere("at", (), phase, 0)
    for kind, outcome in ((Kind.ENVIRONMENT, Outcome.HOLDS), (Kind.FAULT, Outcome.VIOLATED)):
        moves = [
            step(f"to_{after}", (), Equal(read(at), member(phase, name)), put(at, value=member(phase, after)), kind=who)
            for name, after, who in zip("abcd", "bcda", (Kind.HARDWARE, kind, kind, Kind.STEP), strict=True)
        ]
        model = system("hops", (at,), tuple(moves), final=FALSE)
        (verdict,) = check(model, (Property("stuck", PropertyKind.STUCK),)).verdicts
        assert verdict.outcome is outcome


def test_stuck_recognises_representatives() -> None:
    """Under symmetry an idle state is found again under any names."""
    page = scalarset("Page", 3)
    p = Variable("p", page)
    flag = everywhere("flag", (page,), BOOL, False)
    land = step("land", (p,), TRUE, put(flag, p, value=TRUE), kind=Kind.HARDWARE)
    model = system("idle", (flag,), (land,), final=FALSE)
    (verdict,) = check(model, (Property("stuck", PropertyKind.STUCK),)).verdicts
    assert verdict.states == 4
    assert verdict.behaviour == Behaviour((False, False, False), ())


def test_a_deadlock_is_a_lasso_with_an_empty_loop() -> None:
    """Where nothing can happen the behaviour rests: its loop is its last state and takes no action."""
    done = everywhere("done", (), BOOL, False)
    goal = everywhere("goal", (), BOOL, False)
    model = system("rest", (done, goal), (step("end", (), Not(read(done)), put(done, value=TRUE)),))
    (verdict,) = check(model, (Property("goal", PropertyKind.EVENTUALLY, read(goal)),)).verdicts
    assert verdict.behaviour == Behaviour((False, False), (), 0)


def test_without_fairness_nothing_need_happen_and_with_it_the_goal_is_reached() -> None:
    """An enabled action may be put off for ever exactly when it is not fair."""
    done = everywhere("done", (), BOOL, False)
    claim = Property("done", PropertyKind.EVENTUALLY, read(done))
    for fairness, outcome in ((Fairness.NONE, Outcome.VIOLATED), (Fairness.WEAK, Outcome.HOLDS)):
        end = step("end", (), Not(read(done)), put(done, value=TRUE), fairness=fairness)
        model = system("one", (done,), (end,))
        assert check(model, (claim,)).verdicts[0].outcome is outcome


def switching(fairness: Fairness) -> System:
    """A hardware switch goes on and off; `leave` is possible only while it is on."""
    phase = enumeration("Phase", "off", "on", "gone")
    at = everywhere("at", (), phase, 0)

    def here(name: str) -> Expression:
        return Equal(read(at), member(phase, name))

    def go(name: str, after: str, kind: Kind, fair: Fairness) -> Action:
        return step(f"to_{after}", (), here(name), put(at, value=member(phase, after)), kind=kind, fairness=fair)

    actions = (
        go("off", "on", Kind.STEP, Fairness.WEAK),
        go("on", "off", Kind.HARDWARE, Fairness.NONE),
        go("on", "gone", Kind.STEP, fairness),
    )
    return system(
        "switching", (at,), actions, Property("gone", PropertyKind.EVENTUALLY, here("gone")), final=here("gone")
    )


def test_strong_fairness_forbids_missing_every_chance() -> None:
    """Weak fairness lets a loop disable an action again and again; strong fairness does not."""
    weak, strong = switching(Fairness.WEAK), switching(Fairness.STRONG)
    (verdict,) = check(weak, weak.properties).verdicts
    assert verdict.outcome is Outcome.VIOLATED
    assert verdict.behaviour == Behaviour((0,), (("to_on", ()), ("to_off", ())), 0)
    assert check(strong, strong.properties).verdicts[0].outcome is Outcome.HOLDS


def scenario(possible: bool, *happenings: Perform | Gap | Check) -> Property:
    return Property("story", PropertyKind.SCENARIO, scenario=Scenario(happenings, possible))


def test_scenarios_are_performed_as_written() -> None:
    """Without a gap actions follow each other at once; checks hold where they stand; arguments may be left open."""
    model = window(3)
    give, mapped = Perform("give", (1,)), Perform("map", (1,))
    owned = Check(Exists(Variable("a", model.functions[2].parameters[0]), IsSome(_table(model))))

    def outcome(claim: Property) -> Outcome:
        (verdict,) = check(model, (claim,)).verdicts
        if verdict.behaviour is not None:
            replay(model, verdict.behaviour)
        return verdict.outcome

    assert outcome(scenario(True, give, mapped, owned)) is Outcome.HOLDS
    assert outcome(scenario(True, mapped)) is Outcome.VIOLATED
    assert outcome(scenario(True, Gap(), mapped)) is Outcome.HOLDS
    assert outcome(scenario(False, mapped)) is Outcome.HOLDS
    assert outcome(scenario(False, Gap(), Perform("fill", (None,)))) is Outcome.VIOLATED
    assert outcome(scenario(True, give, Perform("map", (2,)))) is Outcome.VIOLATED
    assert outcome(scenario(True, give, owned)) is Outcome.VIOLATED
    assert outcome(scenario(True, Gap(), Check(And((TRUE, Not(TRUE)))))) is Outcome.VIOLATED


def _table(model: System) -> Read:
    table = model.function("table")
    return Read("table", (Variable("a", table.parameters[0]),), table.result)


def test_a_scenarios_witness_is_shortest_and_names_what_it_names() -> None:
    """With gaps the witness has no needless actions, and its arguments are the scenario's also under symmetry."""
    model = window(4)
    claim = scenario(True, Gap(), Perform("fill", (2,)), Gap(), Perform("fill", (3,)))
    (verdict,) = check(model, (claim,)).verdicts
    assert verdict.behaviour is not None
    names = verdict.behaviour.steps
    assert sorted(names) == sorted(
        [("give", (2,)), ("map", (2,)), ("fill", (2,)), ("give", (3,)), ("map", (3,)), ("fill", (3,))]
    )


def test_a_scenario_that_is_not_possible_says_where_it_ends() -> None:
    """The reason names the first line that no behaviour gets past, an action or a check; impossible ones have none."""
    model = window(3)

    def reason(possible: bool, *happenings: Perform | Gap | Check) -> str:
        placed = tuple(replace(h, span=Span("a.flip", line, 1, line, 2)) for line, h in enumerate(happenings, 1))
        return check(model, (scenario(possible, *placed),)).verdicts[0].reason

    give, mapped, never = Perform("give", (1,)), Perform("map", (1,)), Check(FALSE)
    assert reason(True, give, mapped, give, mapped) == "nothing gets past a.flip:3:1"
    assert reason(True, Gap(), mapped, never, Gap()) == "nothing gets past a.flip:3:1"
    assert reason(True, give, mapped) == reason(False, mapped) == ""
