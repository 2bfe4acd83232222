"""What a small instance shows is done in a large one, where that is possible, and nothing else is made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.language.elaborating import specification
from verifier.engines import explicit
from verifier.engines.verdict import LONGER_TRACE, Behaviour, Budget, Outcome
from verifier.evidence.checking import Expectations, Search, check
from verifier.evidence.confirm import confirm
from verifier.evidence.grown import SHARE, but_for_growing, grown, smaller
from verifier.evidence.replay import replay
from verifier.evidence.results import CheckResult
from verifier.evidence.trace import Subject
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.interpreter import Interpreter
from verifier.system.system import Kind, PropertyKind

ROOT = Path(__file__).parents[2]

PAGES = """
enum Vm { vm1, vm2 }
sort Page size 40
state owner(Page): Vm = vm1
state seen(Page): bool
state ended: bool
state idle: bool

action give(p: Page) { when owner(p) == vm1 and not ended;  owner(p) := vm2 }
hardware see(p: Page) { seen(p) := true }
action finish { when not ended;  when all p: Page: owner(p) == vm2;  ended := true }
unfair action rest(p: Page) { when ended;  idle := not idle }

never      end:     ended
reachable  ends:    ended
never      noticed: ended and all p: Page: seen(p)
eventually unseen:  some p: Page: seen(p)
never      two:     ended and (count p: Page: owner(p) == vm2) == 2
always     fine:    ended implies all p: Page: owner(p) == vm2
"""


SUBJECT = Subject("pages", "pages.flip", "", None, "as written", ())


def checked(text: str, budget: Budget, *claims: str, engine_only: bool = False) -> CheckResult:
    spec = specification(text)
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    asked = tuple(made.system.property_named(name) for name in claims)
    search = Search(symmetry=False, budget=budget)
    family = None if engine_only else spec.family
    return check(SUBJECT, made.system, asked, Expectations(others_open=True), search, family=family)


def outcomes(result: CheckResult) -> dict[str, Outcome]:
    return {judged.verdict.property: judged.verdict.outcome for judged in result.verdicts}


def test_what_a_search_does_not_get_to_is_shown_by_more_of_the_same() -> None:
    """Forty pages are given one by one: of 2^40 states a few are searched."""
    claims = ("end", "ends", "noticed", "fine")
    assert set(outcomes(checked(PAGES, Budget(states=50), *claims, engine_only=True)).values()) == {
        Outcome.UNDETERMINED
    }

    result = checked(PAGES, Budget(states=50), *claims)

    assert outcomes(result) == {
        "end": Outcome.VIOLATED,
        "ends": Outcome.HOLDS,
        "noticed": Outcome.VIOLATED,
        "fine": Outcome.UNDETERMINED,
    }
    traces = {j.verdict.property: j.trace for j in result.verdicts if j.verdict.method == LONGER_TRACE}
    assert {name: len(trace.steps) for name, trace in traces.items() if trace} == {"end": 41, "ends": 41, "noticed": 81}


def test_what_only_the_small_instance_violates_is_not_claimed() -> None:
    """Two pages are all there are, in the small one."""
    assert outcomes(checked(PAGES, Budget(states=50), "two")) == {"two": Outcome.UNDETERMINED}


def test_too_much_work_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's specification may have any number of members."""
    steps, followers, cells = 3, 38, 82
    monkeypatch.setattr("verifier.evidence.grown.MOST", steps * followers * cells)
    assert outcomes(checked(PAGES, Budget(states=50), "end")) == {"end": Outcome.VIOLATED}
    monkeypatch.setattr("verifier.evidence.grown.MOST", steps * followers * cells - 1)
    assert outcomes(checked(PAGES, Budget(states=50), "end")) == {"end": Outcome.UNDETERMINED}


def test_a_lasso_keeps_its_loop() -> None:
    spec = specification(PAGES)
    family = spec.family()
    small, made = smaller(family, 2), spec.elaborate()
    assert small is not None
    assert isinstance(made, Elaborated)
    claim = made.system.property_named("unseen")
    loop = (("rest", (1,)), ("rest", (0,)))
    steps = (("give", (0,)), ("give", (1,)), ("finish", ()), *loop)
    lasso = Behaviour(next(Interpreter(small).initial_states()), steps, loop=3)
    large = Interpreter(made.system)

    found = grown(small, large, claim, lasso)

    assert found is not None
    assert found.loop == 41
    assert found.steps[41:] == loop
    assert confirm(large, claim, replay(large, found))


def test_that_nothing_remains_possible_is_left_to_a_search() -> None:
    spec = specification("""
    sort Page size 40
    state done(Page): bool
    environment finish(p: Page) { when not done(p);  done(p) := true }
    action look { when some p: Page: not done(p) }
    final false
    """)
    small, made = smaller(spec.family(), 2), spec.elaborate()
    assert small is not None
    assert isinstance(made, Elaborated)
    claim = next(claim for claim in made.system.properties if claim.kind is PropertyKind.STUCK)
    (verdict,) = explicit.check(small, [claim]).verdicts
    assert verdict.behaviour is not None
    assert grown(small, Interpreter(made.system), claim, verdict.behaviour) is None


def test_an_action_that_the_large_instance_lacks_ends_it() -> None:
    spec = specification(PAGES)
    small, made = smaller(spec.family(), 2), spec.elaborate()
    assert small is not None
    assert isinstance(made, Elaborated)
    (verdict,) = explicit.check(small, [made.system.property_named("end")]).verdicts
    assert verdict.behaviour is not None
    without = replace(made.system, actions=tuple(a for a in made.system.actions if a.name != "give"))
    assert grown(small, Interpreter(without), made.system.property_named("end"), verdict.behaviour) is None


@pytest.mark.parametrize("first", [True, False])
def test_after_the_first_violation_nothing_else_is_looked_for(first: bool) -> None:
    """If that is what was asked for; `ends` is far away, and nothing smaller is looked at for it."""
    spec = specification("spec pages\n" + PAGES + "never given: some p: Page: owner(p) == vm2\n")
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    asked = tuple(made.system.property_named(name) for name in ("given", "ends"))
    search = Search(symmetry=False, first=first, budget=Budget(states=500))
    with patch("verifier.evidence.checking.what_remains", side_effect=lambda *given: given[2]) as look:
        result = check(SUBJECT, made.system, asked, Expectations(others_open=True), search, family=spec.family)

    assert outcomes(result) == {"given": Outcome.VIOLATED, "ends": Outcome.UNDETERMINED}
    assert look.called is not first


def test_nothing_is_smaller_than_the_smallest() -> None:
    family = specification(PAGES.replace("size 40", "size 2")).family()
    assert smaller(family, 2) is None
    assert but_for_growing(Budget(seconds=10), lambda: family) == Budget(seconds=10)


def test_time_is_kept_for_it() -> None:
    family = specification(PAGES).family()
    assert but_for_growing(Budget(seconds=10), lambda: family) == Budget(seconds=10 * (1 - SHARE))
    assert but_for_growing(Budget(states=10), lambda: family) == Budget(states=10)


VIOLATED = [
    ("ownership_copy", "no_second_copy", "nothing_lost", 464),
    ("ownership_flip", "no_invalidate", "dma_confined", 496),
    ("ownership_flip", "not_rearmed", "resumed", 493),
    ("flip_rollback", "never_commits", "atomic", 1233),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant", "claim", "steps"), VIOLATED)
def test_variants_are_refuted_at_their_real_size(name: str, variant: str, claim: str, steps: int) -> None:
    """With the 225 pages of the figure, every one of them handed over."""
    spec = open_specification(ROOT / "specs" / f"{name}.flip")
    assert isinstance(spec, Specification)
    made, family = spec.elaborate(variant, "as written"), spec.family(variant, "as written")
    small = smaller(family, 2)
    assert small is not None
    assert isinstance(made, Elaborated)
    asked = made.system.property_named(claim)
    (verdict,) = explicit.check(small, [small.property_named(claim)]).verdicts
    assert verdict.behaviour is not None
    large = Interpreter(made.system)
    found = grown(small, large, asked, verdict.behaviour)
    assert found is not None
    assert len(found.steps) == steps
    assert confirm(large, asked, replay(large, found))
    assert Kind.STEP in {step.action.kind for step in replay(large, found).steps}
