"""Claims said in other words: what they then say of a system is what they said of it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import graphs, systems
from verifier.engines import explicit
from verifier.engines.proof.rephrased import can_be_rephrased, rephrased
from verifier.engines.verdict import Budget, Outcome
from verifier.system.expressions import FALSE, TRUE, Not, Read
from verifier.system.family import Family
from verifier.system.interpreter import Interpreter
from verifier.system.system import (
    Action,
    Check,
    Formula,
    Function,
    Gap,
    Kind,
    Perform,
    Property,
    PropertyKind,
    Scenario,
    System,
    Update,
)
from verifier.system.types import BOOL, values_of

BUDGET = Budget(states=20_000)


def outcome(system: System, claim: Property) -> Outcome:
    return explicit.check(system, (claim,), BUDGET).verdicts[0].outcome


def said_otherwise(system: System, name: str) -> tuple[System, Property]:
    """The system with more state, and its only claim."""
    made = rephrased(Family((), lambda _: system), name).at(())
    assert made is not None
    return made, made.properties[0]


@st.composite
def scenarios(draw: st.DrawFn, system: System) -> Scenario:
    """What a random walk does, told with gaps, with some arguments, with checks, and not always truly."""
    formulas = [c.formula for c in system.properties if c.kind is not PropertyKind.STEP]
    interpreter = Interpreter(system)
    state = draw(st.sampled_from(list(interpreter.initial_states())))
    happenings: list[Perform | Gap | Check] = []
    for _ in range(draw(st.integers(1, 5))):
        enabled = list(interpreter.enabled(state))
        if not enabled:
            break
        action, arguments = draw(st.sampled_from(enabled))
        after = interpreter.perform(action, arguments, state).state
        if after is None:
            break
        told = draw(st.sampled_from(("gap", "done", "done", "done", "wrong")))
        if told == "gap":
            happenings.append(Gap())
        else:
            if told == "wrong":
                arguments = tuple(draw(st.sampled_from(values_of(p.type))) for p in action.parameters)
            shown = tuple(a if draw(st.booleans()) else None for a in arguments)
            happenings.append(Perform(action.name, shown))
        if draw(st.booleans()):
            happenings.append(Check(draw(st.sampled_from(formulas))))
        state = after
    return Scenario(tuple(happenings), possible=False)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.one_of(systems(), graphs()))
def test_a_monitor_comes_to_its_end_exactly_if_the_scenario_can_be_performed(
    data: st.DataObject, drawn: System
) -> None:
    """Whatever actions, arguments, gaps and checks there are, in any order."""
    claim = Property("scenario", PropertyKind.SCENARIO, scenario=data.draw(scenarios(drawn)))
    system = replace(drawn, properties=(claim,))
    expected = outcome(system, claim)
    if expected is not Outcome.UNDETERMINED:
        assert outcome(*said_otherwise(system, "scenario")) is expected


def test_a_gap_behind_a_check_goes_on_when_the_check_holds_no_more() -> None:
    """The check is of the state in which the gap begins."""
    on = Read("on", (), BOOL)
    flip = Action("flip", Kind.STEP, "s", (), TRUE, (Update("on", (), Not(on)),))
    happenings = (Perform("flip", ()), Check(on), Gap(), Check(Not(on)))
    claim = Property("scenario", PropertyKind.SCENARIO, scenario=Scenario(happenings, possible=False))
    system = System("s", (), (Function("on", (), BOOL, Formula((), FALSE)),), (flip,), (claim,))

    assert outcome(system, claim) is Outcome.VIOLATED
    assert outcome(*said_otherwise(system, "scenario")) is Outcome.VIOLATED


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_where_steps_come_to_be_possible_nothing_is_stuck(system: System) -> None:
    """If the claim in other words holds, the claim holds: a random walk with hardware, environment and faults."""
    stuck = next(claim for claim in system.properties if claim.kind is PropertyKind.STUCK)
    if outcome(*said_otherwise(system, stuck.name)) is Outcome.HOLDS:
        assert outcome(system, stuck) is Outcome.HOLDS


@given(systems())
def test_what_is_to_be_possible_is_not_rephrased(system: System) -> None:
    """A trace shows it, not a proof."""
    possible = Property("s", PropertyKind.SCENARIO, scenario=Scenario((Gap(),), possible=True))

    assert not can_be_rephrased(possible)
    assert [claim.name for claim in system.properties if can_be_rephrased(claim)] == ["stuck"]
