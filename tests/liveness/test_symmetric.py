"""Liveness on the quotient by a symmetry says what it says on the whole graph."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import enumeration, everywhere, member, put, read, scalarset, step, system
from tests.engines.oracles import TooMany, explore
from tests.specs.answers import SPECS, specification
from tests.strategies import systems
from verifier.engines.explicit import check
from verifier.engines.explicit.liveness import lift
from verifier.engines.explicit.liveness.symmetric import lively_symmetry
from verifier.engines.verdict import Outcome, Verdict
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.system.expressions import TRUE, And, Equal, Exists, Expression, ForAll, Not, Some, Variable
from verifier.system.interpreter import Interpreter
from verifier.system.system import Fairness, Kind, Property, PropertyKind, System
from verifier.system.types import BOOL, OptionalType

LIVELY = (PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO)


def both(model: System, claims: tuple[Property, ...]) -> list[tuple[Verdict, Verdict]]:
    """The verdicts with symmetry and without; every lasso is seen by the reference interpreter."""
    reduced, whole = (check(model, claims, symmetry=symmetry).verdicts for symmetry in (True, False))
    interpreter = Interpreter(model)
    for claim, *verdicts in zip(claims, reduced, whole, strict=True):
        for verdict in verdicts:
            assert verdict.outcome is not Outcome.UNDETERMINED, verdict.reason
            if verdict.behaviour is not None:
                confirm(interpreter, claim, replay(interpreter, verdict.behaviour))
    return list(zip(reduced, whole, strict=True))


@given(systems(), st.booleans(), st.sampled_from(Fairness))
@settings(max_examples=150, deadline=None)
def test_reduced_is_unreduced(model: System, apart: bool, fairness: Fairness) -> None:
    """Of random systems, with units of fairness for members of their sorts and without; a way is as short as before."""
    actions = (a if apart else replace(a, fair_parameters=0) for a in model.actions)
    model = replace(model, actions=tuple(replace(a, fairness=fairness) if a.name == "a0" else a for a in actions))
    always, reachable = model.properties[3].formula, model.properties[4].formula
    claims = (
        Property("goal", PropertyKind.EVENTUALLY, reachable),
        Property("response", PropertyKind.LEADS_TO, always, reachable),
    )
    assume(lively_symmetry(Interpreter(model), claims).orbits)
    try:
        explore(model, 150)
    except TooMany:
        assume(False)
    for reduced, whole in both(model, claims):
        assert reduced.outcome is whole.outcome
        if reduced.behaviour is not None and whole.behaviour is not None and reduced.method == "trace":
            assert reduced.behaviour.loop == whole.behaviour.loop


def lamps(size: int, *properties: Property, fair_parameters: int = 0, fairness: Fairness = Fairness.WEAK) -> System:
    """Lamps that are switched on and off again by hand."""
    lamp = scalarset("Lamp", size)
    one = Variable("one", lamp)
    lit = everywhere("lit", (lamp,), BOOL, False)
    on = step("on", (one,), Not(read(lit, one)), put(lit, one, value=TRUE), fairness=fairness)
    off = step("off", (one,), read(lit, one), put(lit, one, value=Not(TRUE)), kind=Kind.HARDWARE)
    return system("lamps", (lit,), (replace(on, fair_parameters=fair_parameters), off), *properties, final=TRUE)


def all_lit(model: System) -> Property:
    lit = model.function("lit")
    lamp = Variable("lamp", lit.parameters[0])
    return Property("lit", PropertyKind.EVENTUALLY, ForAll(lamp, read(lit, lamp)))


def some_lit(model: System) -> Property:
    lit = model.function("lit")
    lamp = Variable("lamp", lit.parameters[0])
    return Property("some", PropertyKind.EVENTUALLY, Exists(lamp, read(lit, lamp)))


def test_units_of_the_moving_sort_forbid_the_reduction() -> None:
    """Fair as a whole, four lamps are five states; where it is assumed of each lamp, there are all sixteen."""
    for parameters, states in ((0, 5), (1, 16)):
        model = lamps(4, fair_parameters=parameters, fairness=Fairness.STRONG)
        (verdict,) = check(model, (all_lit(model),)).verdicts
        assert (verdict.states, verdict.outcome) == (states, Outcome.VIOLATED)
        (some,) = check(model, (some_lit(model),)).verdicts
        assert some.outcome is Outcome.HOLDS
        assert ("symmetry" in some.method) == (parameters == 0)


def test_fairness_of_each_member_is_more_than_fairness_of_some() -> None:
    """Only one lamp out of three is left out for ever: not if it is assumed of each, which the quotient cannot see."""
    lamp = scalarset("Lamp", 3)
    one = Variable("one", lamp)
    lit, ever = everywhere("lit", (lamp,), BOOL, False), everywhere("ever", (lamp,), BOOL, False)
    on = step("on", (one,), Not(read(lit, one)), put(lit, one, value=TRUE), put(ever, one, value=TRUE))
    off = step("off", (one,), read(lit, one), put(lit, one, value=Not(TRUE)), kind=Kind.HARDWARE)
    claim = Property("each", PropertyKind.EVENTUALLY, ForAll(one, read(ever, one)))
    for parameters, outcome in ((0, Outcome.VIOLATED), (1, Outcome.HOLDS)):
        fair = replace(on, fairness=Fairness.STRONG, fair_parameters=parameters)
        model = system("each", (lit, ever), (fair, off), final=TRUE)
        for verdict in both(model, (claim,))[0]:
            assert verdict.outcome is outcome


def token(size: int) -> System:
    """A token goes from hand to hand, never back to the one who had it before; whoever has it may keep it for ever."""
    guest = scalarset("Guest", size)
    maybe = OptionalType(guest)
    to = Variable("to", guest)
    holder, before = everywhere("holder", (), maybe, None), everywhere("before", (), maybe, None)
    there: Expression = Some(to, maybe)
    others = And((Not(Equal(read(holder), there)), Not(Equal(read(before), there))))
    passed = step(
        "pass", (to,), others, put(holder, value=there), put(before, value=read(holder)), fairness=Fairness.WEAK
    )
    return replace(system("token", (holder, before), (passed,), final=TRUE), sorts=(guest.sort,))


def test_a_loop_is_followed_until_a_real_state_comes_back() -> None:
    """Up to symmetry the token is where it was after one step; three guests are back after three."""
    model = token(3)
    never = Property("never", PropertyKind.EVENTUALLY, Not(TRUE))
    ((reduced, whole),) = both(model, (never,))
    assert reduced.states < whole.states
    assert reduced.behaviour is not None
    assert reduced.behaviour.loop is not None
    assert len(reduced.behaviour.steps) - reduced.behaviour.loop == 3
    assert reduced.method == "trace, perhaps not the shortest"


def test_a_loop_comes_back_at_once_where_it_can() -> None:
    """One lamp is lit, another one too, and one goes out: the one that makes the state what it was."""
    lamp = scalarset("Lamp", 3)
    one, other = Variable("one", lamp), Variable("other", lamp)
    lit = everywhere("lit", (lamp,), BOOL, False)
    two = Exists(one, Exists(other, And((Not(Equal(one, other)), read(lit, one), read(lit, other)))))
    x = Variable("x", lamp)
    on = step("on", (x,), And((Not(read(lit, x)), Not(two))), put(lit, x, value=TRUE), fairness=Fairness.WEAK)
    off = step("off", (x,), And((read(lit, x), two)), put(lit, x, value=Not(TRUE)), fairness=Fairness.WEAK)
    model = system("turns", (lit,), (on, off), final=TRUE)
    ((reduced, whole),) = both(model, (Property("never", PropertyKind.EVENTUALLY, Not(TRUE)),))
    assert reduced.states < whole.states
    assert reduced.behaviour is not None
    assert (len(reduced.behaviour.steps), reduced.behaviour.loop, reduced.method) == (3, 1, "trace")


def test_a_loop_that_does_not_come_back_in_time_is_undetermined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lift, "STEPS", 3)
    never = Property("never", PropertyKind.EVENTUALLY, Not(TRUE))
    (verdict,) = check(token(3), (never,)).verdicts
    assert verdict.outcome is Outcome.UNDETERMINED
    assert verdict.reason == "there is a fair loop up to symmetry, but 3 steps lead to no state of it again"


def test_a_step_taken_by_a_named_member_does_not_stop_the_others_from_being_alike() -> None:
    """Orbits that fairness sees are left out, one by one: two sorts, fairness of the members of one of them."""
    page, slot = scalarset("Page", 3), scalarset("Slot", 2)
    p, s = Variable("p", page), Variable("s", slot)
    used, busy = everywhere("used", (page,), BOOL, False), everywhere("busy", (slot,), BOOL, False)
    use = step("use", (p,), Not(read(used, p)), put(used, p, value=TRUE))
    work = replace(
        step("work", (s,), Not(read(busy, s)), put(busy, s, value=TRUE)), fairness=Fairness.WEAK, fair_parameters=1
    )
    model = system("two", (used, busy), (use, work), final=TRUE)
    claim = Property("all", PropertyKind.EVENTUALLY, ForAll(s, read(busy, s)))
    (verdict,) = check(model, (claim,)).verdicts
    assert (verdict.outcome, verdict.states) == (Outcome.HOLDS, 4 * 4)
    assert "symmetry of Page" in verdict.method


def test_strong_fairness_up_to_symmetry() -> None:
    """A switch that some page closes again and again lets the guest go only if that is strongly fair."""
    page = scalarset("Page", 3)
    phase = enumeration("Phase", "in", "out")
    p = Variable("p", page)
    on, at = everywhere("on", (page,), BOOL, False), everywhere("at", (), phase, 0)
    here = Equal(read(at), member(phase, "in"))
    for fairness, outcome in ((Fairness.WEAK, Outcome.VIOLATED), (Fairness.STRONG, Outcome.HOLDS)):
        actions = (
            step("close", (p,), Not(read(on, p)), put(on, p, value=TRUE), fairness=Fairness.WEAK),
            step("open", (p,), read(on, p), put(on, p, value=Not(TRUE)), kind=Kind.HARDWARE),
            step(
                "leave",
                (),
                And((here, Exists(p, read(on, p)))),
                put(at, value=member(phase, "out")),
                fairness=fairness,
            ),
        )
        model = system("switch", (on, at), actions, final=TRUE)
        claim = Property("left", PropertyKind.EVENTUALLY, Not(here))
        for verdict in both(model, (claim,))[0]:
            assert verdict.outcome is outcome


def _progress(name: str) -> list[tuple[str, str | None]]:
    spec = specification(name)
    return [(name, None), *((name, variant.name) for variant in spec.variants)]


CASES = [case for path in sorted(SPECS.glob("*.flip")) for case in _progress(path.stem)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant"), CASES)
def test_the_protocols_get_the_same_answers(name: str, variant: str | None) -> None:
    """Every protocol and every variant of it, with every step made strongly fair in its turn or none fair at all."""
    elaborated = specification(name).elaborate(variant, None)
    assert not isinstance(elaborated, tuple)
    model = elaborated.system
    claims = tuple(claim for claim in model.properties if claim.kind in LIVELY)
    unfair = replace(model, actions=tuple(replace(a, fairness=Fairness.NONE) for a in model.actions))
    strong = replace(model, actions=tuple(replace(a, fairness=Fairness.STRONG) for a in model.actions))
    for changed in (model, unfair, strong):
        for reduced, whole in both(changed, claims):
            assert reduced.outcome is whole.outcome
