"""The search by counts on systems written by hand: sizes, budgets, what it refuses, and when it is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engines.builders import everywhere, mcs_lock, peterson, put, read, scalarset, step, system, window
from tests.engines.test_quotient import counter, pairs
from tests.native.test_counting_agreement import agree, counting, plain, safety
from tests.specs.answers import specification
from verifier.engines.explicit import check
from verifier.engines.explicit.compiler import Program
from verifier.engines.native import NativeUnavailable, automatic
from verifier.engines.native.automatic import AutomaticSearch
from verifier.engines.native.counting import ledger, patterns
from verifier.engines.native.counting.search import CountingSearch
from verifier.engines.native.unavailable import Uncountable
from verifier.engines.verdict import Budget, Outcome
from verifier.engines.watch import Stopped, Watch
from verifier.language.specification import Specification, open_specification
from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Arithmetic,
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    Implies,
    Less,
    Next,
    Not,
    Some,
    Variable,
)
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import Property, PropertyKind, System, Update
from verifier.system.types import BOOL, IntType, OptionalType

PAGE_FLIP = Path(__file__).parents[1] / "bench" / "page_flip.flip"
STUCK = Property("stuck", PropertyKind.STUCK)


def symmetry_of(model: System) -> Symmetry:
    return infer(Program(model).interpreter, safety(model))


def compared(model: System) -> CountingSearch:
    """The search of the system, after it was held against the plain one."""
    program, claims = Program(model), safety(model)
    symmetry = infer(program.interpreter, claims)
    found = counting(program, claims, symmetry)
    agree(model, plain(program, claims, symmetry), found, claims)
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_several_variables_of_one_orbit(size: int) -> None:
    """Two and three parameters, quantifiers in one another, counts, and updates of all blocks, at every size."""
    model = pairs(size)
    if size == 1:
        assert not symmetry_of(model).orbits
    else:
        compared(model)


@pytest.mark.parametrize("pages", [2, 300])
def test_counts_beyond_a_byte(pages: int) -> None:
    """As many states as there are counts, a single cell that names a page, and a trace over all pages."""
    found = compared(counter(pages))
    assert len(found.states) == pages + 2
    assert len(found.shown["full"].steps) == pages


@pytest.mark.parametrize(("make", "size"), [(peterson, 4), (window, 5)])
def test_known_systems(make: Callable[[int], System], size: int) -> None:
    """Processes that take turns, and a window that changes hands."""
    compared(make(size))


def test_a_queue_is_refused() -> None:
    """Its members point at one another."""
    model = mcs_lock(3)
    with pytest.raises(NativeUnavailable, match="hold one another"):
        counting(Program(model), safety(model), symmetry_of(model))


def flags(size: int, *updates: Update, claim: Expression = TRUE) -> System:
    """Pages with a flag and one that is pointed at, actions that set one flag or two, and another with the updates."""
    page = scalarset("Page", size)
    p, q = Variable("p", page), Variable("q", page)
    flag = everywhere("flag", (page,), BOOL, False)
    held = everywhere("held", (), OptionalType(page), None)
    both = (put(flag, p, value=TRUE), put(flag, q, value=TRUE))
    actions = (
        step("set", (p,), Not(read(flag, p)), put(flag, p, value=TRUE)),
        step("both", (p, q), And((Not(Equal(p, q)), Not(read(flag, p)), Not(read(flag, q)))), *both),
        step("hold", (p,), read(flag, p), put(held, value=Some(p, OptionalType(page)))),
        step("other", (), TRUE, *updates),
    )
    claims = (Property("step", PropertyKind.STEP, claim), Property("conflict", PropertyKind.CONFLICT), STUCK)
    return system("flags", (flag, held), actions, *claims)


PAGE = scalarset("Page", 6)
P, Q = Variable("p", PAGE), Variable("q", PAGE)
FLAG, HELD = everywhere("flag", (PAGE,), BOOL, False), everywhere("held", (), OptionalType(PAGE), None)


@pytest.mark.parametrize(
    "update",
    [
        Update("flag", (P,), Not(read(FLAG, P)), (P,)),
        Update("flag", (P,), TRUE, (P,), Equal(read(HELD), Some(P, OptionalType(PAGE)))),
        Update("flag", (P,), Exists(Q, And((Not(Equal(P, Q)), Not(read(FLAG, Q))))), (P,)),
        Update("flag", (P,), ForAll(Q, Implies(Not(read(FLAG, Q)), Equal(P, Q))), (P,)),
        Update("held", (), Some(P, OptionalType(PAGE)), (P,), read(FLAG, P)),
        Update("held", (), Constant(None, OptionalType(PAGE)), (P,), read(FLAG, P)),
    ],
)
def test_updates_of_all_blocks(update: Update) -> None:
    """Each block's turn sees itself and the others; turns that meet in one cell are a conflict as soon as two do."""
    compared(flags(6, update))


def same(variable: Variable) -> Expression:
    return Equal(read(FLAG, variable), Next(read(FLAG, variable)))


@pytest.mark.parametrize(
    "claim",
    [
        ForAll(P, Implies(read(FLAG, P), Next(read(FLAG, P)))),
        ForAll(P, ForAll(Q, Implies(And((Not(Equal(P, Q)), Next(read(FLAG, P)))), read(FLAG, Q)))),
        Exists(P, Exists(Q, And((Not(Equal(P, Q)), same(P), same(Q))))),
        Less(
            Count(P, Next(read(FLAG, P)), IntType(0, 6)),
            Arithmetic("+", Count(P, read(FLAG, P), IntType(0, 6)), Constant(1, IntType(1, 1)), IntType(1, 7)),
        ),
    ],
)
def test_steps_seen_from_both_ends(claim: Expression) -> None:
    """A step makes blocks differ that were alike: a two-state formula sees each of them."""
    compared(flags(6, Update("flag", (P,), FALSE, (P,), read(FLAG, P)), claim=claim))


def links(size: int) -> System:
    """Pages that point at pages: two of them make a state that no counts describe."""
    page = scalarset("Page", size)
    p, q = Variable("p", page), Variable("q", page)
    link = everywhere("link", (page,), OptionalType(page), None)
    return system(
        "links", (link,), (step("tie", (p, q), TRUE, put(link, p, value=Some(q, OptionalType(page)))),), STUCK
    )


def test_a_state_that_cannot_be_counted_is_refused() -> None:
    """It is not left out: the search ends there and says why."""
    model = links(3)
    with pytest.raises(Uncountable, match="hold one another"):
        counting(Program(model), [], symmetry_of(model))


def test_cells_of_two_members_are_refused() -> None:
    """Before anything is searched."""
    page = scalarset("Page", 3)
    p, q = Variable("p", page), Variable("q", page)
    near = everywhere("near", (page, page), BOOL, False)
    model = system("near", (near,), (step("tie", (p, q), TRUE, put(near, p, q, value=TRUE)),), STUCK)
    with pytest.raises(Uncountable, match="two interchangeable members"):
        counting(Program(model), [], symmetry_of(model))


def automatically(
    model: System, monkeypatch: pytest.MonkeyPatch, budget: Budget | None = None, many: int = 100
) -> AutomaticSearch:
    """A search that leaves the plain one after so many states."""
    monkeypatch.setattr(automatic, "MANY", many * automatic.SLOWER)
    claims = [claim for claim in model.properties if claim.kind is not PropertyKind.STUCK]
    return AutomaticSearch(Program(model), claims, Watch(budget or Budget()), symmetry_of(model))


def test_many_states_are_counted_in_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said of them is what the plain search says."""
    model = counter(300)
    search = automatically(model, monkeypatch)
    search.run(whole=True)
    assert (search.native, search.without, search.space.complete) == (True, "", True)
    report = check(model, (*model.properties, STUCK))
    monkeypatch.setattr(automatic, "MANY", 10**6)
    other = check(model, (*model.properties, STUCK))
    assert [(v.outcome, v.behaviour and len(v.behaviour.steps)) for v in report.verdicts] == [
        (v.outcome, v.behaviour and len(v.behaviour.steps)) for v in other.verdicts
    ]
    assert (report.states, report.transitions, report.findings) == (other.states, other.transitions, other.findings)
    assert [v.method.endswith("by machine code") for v in report.verdicts] == [False, False, True]


def test_a_budget_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found by then is kept, as incomplete, and nothing is said to hold."""
    search = automatically(counter(300), monkeypatch, Budget(states=150))
    with pytest.raises(Stopped, match="150 states"):
        search.run(whole=True)
    assert search.native
    assert not search.space.complete
    assert 150 < len(search.space.states) < 302
    verdicts = check(counter(300), (STUCK,), Budget(states=150)).verdicts
    assert [verdict.outcome for verdict in verdicts] == [Outcome.UNDETERMINED]


def test_one_of_several_ends_is_not_final() -> None:
    """Some states without a step may be final: those that are not are stuck, and the nearest of them is shown."""
    thing = scalarset("Thing", 3)
    t = Variable("t", thing)
    on, ended = everywhere("on", (thing,), BOOL, False), everywhere("ended", (), BOOL, False)
    yes, going = Constant(True, BOOL), Not(read(ended))
    turn = step("turn", (t,), And((going, Not(read(on, t)))), put(on, t, value=yes))
    end = step("end", (), going, put(ended, value=yes))
    model = system("ends", (on, ended), (turn, end), STUCK)
    for final, steps in ((Not(Exists(t, read(on, t))), 2), (Exists(t, Not(read(on, t))), 4), (TRUE, None)):
        stuck = compared(replace(model, final=final)).find_stuck(Watch(Budget()))
        assert (stuck and len(stuck.steps)) == steps


def test_keys_that_do_not_fit_are_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beginning with no bits for anything, the search finds the same, in keys of several words in the end."""
    wide = compared(pairs(7))
    monkeypatch.setattr(ledger, "FIRST_WIDTHS", (1, 0, 0))
    monkeypatch.setattr(patterns, "FEW", 1)
    narrow = compared(pairs(7))
    assert list(narrow.states) == list(wide.states)
    assert list(narrow.parents) == list(wide.parents)
    model = page_flip("ten")
    found = counting(Program(model), safety(model), symmetry_of(model), places=1)
    assert (len(found.states), found.ledger.words) == (156256, 2)


def page_flip(instance: str) -> System:
    opened = open_specification(PAGE_FLIP)
    assert isinstance(opened, Specification)
    elaborated = opened.elaborate(None, instance)
    assert not isinstance(elaborated, tuple)
    return elaborated.system


@pytest.mark.parametrize(
    ("instance", "states"), [("two", 432), ("three", 1156), ("four", 2892), ("four_singly", 972), ("six", 14104)]
)
def test_published_numbers_of_orbits(instance: str, states: int) -> None:
    """The page flip, as other tools count it."""
    model = page_flip(instance)
    found = counting(Program(model), safety(model), symmetry_of(model))
    assert (len(found.states), found.shown) == (states, {})


@pytest.mark.slow
def test_a_protocol_at_its_written_size() -> None:
    """225 pages are handed over, with 31 beside them on either side."""
    elaborated = specification("ownership_flip_guarded").elaborate(None, "as written")
    assert not isinstance(elaborated, tuple)
    model = elaborated.system
    found = counting(Program(model), safety(model), symmetry_of(model), 1 << 16)
    assert (len(found.states), found.transitions, found.depth) == (1_113_316, 7_600_112, 763)
    assert {name: len(behaviour.steps) for name, behaviour in found.shown.items()} == {"midway": 12, "works_again": 502}
