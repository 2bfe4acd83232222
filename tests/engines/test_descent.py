"""Going down for a violation: what it shows is true, soon found, and as short as what it has seen allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.strategies import systems
from verifier.engines.explicit import check
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.descent import Dive, Within, descend, first_found
from verifier.engines.explicit.search import KINDS, Search
from verifier.engines.verdict import LONGER_TRACE, Budget, Outcome
from verifier.engines.watch import Stopped, Watch
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.interpreter import Interpreter
from verifier.system.symmetry import infer
from verifier.system.system import Property, System

PAGE_FLIP = Path(__file__).parents[1] / "bench" / "page_flip.flip"


def page_flip(variant: str | None, pages: int) -> tuple[System, list[Property]]:
    specification = open_specification(PAGE_FLIP)
    assert isinstance(specification, Specification)
    found = specification.elaborate(variant, None, {"Page": pages})
    assert isinstance(found, Elaborated)
    return found.system, [claim for claim in found.system.properties if claim.kind in KINDS]


def test_a_deep_violation_is_found_long_before_all_that_is_nearer() -> None:
    """Breadth first, nearly all of 2.1 million states lie before it."""
    system, claims = page_flip("bug", 6)
    dive = Dive(Program(system), claims, Watch(Budget()), None, seed=0, most=10_000)

    dive.run(whole=False)

    assert set(dive.shown) == {"old_confined"}
    assert len(dive.space.states) < 10_000
    assert not dive.space.complete


def test_what_is_given_is_shortened() -> None:
    """The behaviour is no longer than the way of the dive, and is at least as long as the shortest there is (28)."""
    system, claims = page_flip("bug", 6)
    program = Program(system)
    dive = Dive(program, claims, Watch(Budget()), None, seed=0, most=10_000)
    dive.run(whole=False)

    shown = descend(program, claims, Watch(Budget())).shown["old_confined"]

    assert 28 <= len(shown.steps) < len(dive.shown["old_confined"].steps)
    interpreter = Interpreter(system)
    confirm(interpreter, system.property_named("old_confined"), replay(interpreter, shown))


def test_under_a_symmetry_it_goes_down_among_representatives() -> None:
    """The behaviour names real pages all the same."""
    system, claims = page_flip("bug", 4)
    interpreter = Interpreter(system)

    shown = descend(Program(system), claims, Watch(Budget()), infer(interpreter, claims)).shown

    assert set(shown) == {"old_confined"}
    confirm(interpreter, system.property_named("old_confined"), replay(interpreter, shown["old_confined"]))


def test_nothing_is_shown_of_what_holds() -> None:
    """The dives end by themselves, however many states are left."""
    system, claims = page_flip(None, 6)

    assert descend(Program(system), claims, Watch(Budget())).shown == {}


def test_a_search_within_given_states_leaves_out_the_others() -> None:
    """Nothing is reached that the given space does not have, and all of it is that can be reached within it."""
    system, claims = page_flip(None, 2)
    program = Program(system)
    dive = Dive(program, claims, Watch(Budget()), None, seed=0, most=100)
    dive.run(whole=True)

    within = Within(program, claims, Watch(Budget()), dive.space)
    within.run(whole=True)

    assert len(dive.space.states) < 704
    assert set(within.space.states) == set(dive.space.states)


def test_the_budget_ends_a_dive() -> None:
    """As it ends every search."""
    system, claims = page_flip(None, 6)

    with pytest.raises(Stopped):
        descend(Program(system), claims, Watch(Budget(states=500)))


def test_what_is_near_is_found_by_the_shortest_way() -> None:
    """Only what the first look does not show is looked for further down, and it says so."""
    near, claims = page_flip("bug", 2)
    deep, others = page_flip("bug", 6)

    one = first_found(Program(near), claims, Watch(Budget()))
    two = first_found(Program(deep), others, Watch(Budget()))

    broad = Search(Program(near), claims, Watch(Budget()))
    broad.run(whole=True)
    assert (one.shown, one.shortest) == (broad.shown, True)
    assert (set(two.shown), two.shortest) == ({"old_confined"}, False)


def test_a_search_cut_short_looks_further_down() -> None:
    """What lies too deep for the budget is shown, and the verdict says that there may be a shorter trace."""
    system, claims = page_flip("bug", 6)

    report = check(system, claims, Budget(states=20_000), symmetry=False)

    by_name = {verdict.property: (verdict.outcome, verdict.method) for verdict in report.verdicts}
    assert by_name.pop("old_confined") == (Outcome.VIOLATED, LONGER_TRACE)
    assert {outcome for outcome, _ in by_name.values()} == {Outcome.UNDETERMINED}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(systems())
def test_what_is_shown_of_random_systems_is_true_and_not_shorter_than_can_be(system: System) -> None:
    """Every behaviour is confirmed, and breadth-first search shows the same claim by one as long or shorter."""
    claims = [claim for claim in system.properties if claim.kind in KINDS]
    program = Program(system)
    broad = Search(program, claims, Watch(Budget()))
    broad.run(whole=True)

    shown = descend(program, claims, Watch(Budget())).shown

    assert set(shown) <= set(broad.shown)
    assert bool(shown) == bool(broad.shown)
    for name, behaviour in shown.items():
        assert len(behaviour.steps) >= len(broad.shown[name].steps)
        confirm(program.interpreter, system.property_named(name), replay(program.interpreter, behaviour))
