"""The native search on systems written by hand: known counts, ends of ranges, budgets, and what it refuses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.engines.builders import (
    always,
    everywhere,
    mcs_lock,
    peterson,
    put,
    reachable,
    read,
    scalarset,
    step,
    system,
    two_phase_commit,
    window,
)
from tests.engines.oracles import explore, replay
from verifier.engines.explicit.compiler import Program
from verifier.engines.native import NativeUnavailable, native_search
from verifier.engines.native.search import NativeSearch
from verifier.engines.verdict import Budget, Progress
from verifier.engines.watch import Stopped, Watch, memory_used
from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Arithmetic,
    Constant,
    Count,
    Equal,
    ForAll,
    Implies,
    IsSome,
    Less,
    Next,
    Not,
    Number,
    Open,
    Some,
    Variable,
)
from verifier.system.system import Assertion, Property, PropertyKind, System, Update
from verifier.system.types import BOOL, IntType, OptionalType

slow = pytest.mark.slow


def searched(model: System, places: int = 16, whole: bool = True, budget: Budget | None = None) -> NativeSearch:
    search = NativeSearch(Program(model), model.properties, Watch(budget or Budget()), places)
    search.run(whole)
    return search


@pytest.mark.parametrize(
    ("make", "size", "states", "transitions"),
    [
        (two_phase_commit, 3, 288, 1_145),
        (two_phase_commit, 4, 1_568, 8_257),
        (two_phase_commit, 5, 8_832, 58_145),
        (two_phase_commit, 6, 50_816, 402_305),
        (two_phase_commit, 7, 296_448, 2_744_705),
        (peterson, 3, 882, 2_040),
        (peterson, 4, 22_281, 64_024),
        (mcs_lock, 3, 7_597, 20_469),
        pytest.param(peterson, 5, 628_868, 2_226_300, marks=slow),
        pytest.param(mcs_lock, 4, 554_221, 2_013_460, marks=slow),
    ],
)
def test_published_numbers_of_states(make: Callable[[int], System], size: int, states: int, transitions: int) -> None:
    """The counts that other tools report, with a table that grows from almost nothing on the way."""
    search = searched(make(size))
    assert len(search.states) == states
    assert (search.transitions, search.complete) == (transitions, True)


def test_growing_changes_nothing() -> None:
    """Order, parents and depth are the same whatever the first size of the table, and no state is there twice."""
    small, large = (searched(two_phase_commit(5), places) for places in (1, 1 << 16))
    assert list(small.states) == list(large.states)
    assert list(small.parents) == list(large.parents)
    assert (small.transitions, small.depth) == (large.transitions, large.depth)
    assert len(set(small.states)) == len(small.states)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (-5, -2), (7, 7), (250, 260), (-(2**40), -(2**40) + 3)])
@pytest.mark.parametrize("step_by", [1, -1])
@pytest.mark.parametrize("optional", [False, True])
def test_ends_of_ranges(low: int, high: int, step_by: int, optional: bool) -> None:
    """A counter takes every value of its range and no other; the step beyond either end is a failure at full depth."""
    number = IntType(low, high)
    kind = OptionalType(number) if optional else number
    start = low if step_by == 1 else high
    count = everywhere("count", (), kind, start)
    now = Open(read(count), number) if optional else read(count)
    more = Arithmetic("+", now, Constant(step_by, IntType(step_by, step_by)), IntType(low - 1, high + 1))
    value = Some(more, OptionalType(more.type)) if optional else more
    model = system(
        "ends",
        (count,),
        (step("move", (), IsSome(read(count)) if optional else TRUE, put(count, value=value)),),
        Property("range", PropertyKind.RANGE),
        Property("conflict", PropertyKind.CONFLICT),
    )
    search = searched(model)
    values = [Program(model).packing.unpack(state)[0] for state in search.states]
    assert values == list(range(low, high + 1))[::step_by]
    assert list(search.shown) == ["range"]
    assert len(search.shown["range"].steps) == high - low + 1


def test_a_sort_of_one_member_takes_no_room() -> None:
    """Its values are known; a function over it is one cell; all of its cells are in one word."""
    only = scalarset("Only", 1)
    o = Variable("o", only)
    at, seen = everywhere("at", (only,), only, 0), everywhere("seen", (only,), OptionalType(only), None)
    model = system(
        "alone",
        (at, seen),
        (step("look", (o,), Equal(read(at, o), o), put(seen, o, value=Constant(0, OptionalType(only)))),),
        reachable("looked", ForAll(o, IsSome(read(seen, o)))),
    )
    search = searched(model)
    assert (len(search.states), search.transitions) == (2, 2)
    assert [name for name, _ in search.shown["looked"].steps] == ["look"]


def one_by_one(pages: int) -> System:
    """Pages are taken one after another; each is done before the next, and any that is done may be seen to be so."""
    page = scalarset("Page", pages)
    p, q = Variable("p", page), Variable("q", page)
    holder = everywhere("holder", (page,), OptionalType(page), None)
    done = everywhere("done", (page,), BOOL, False)
    number = IntType(0, pages - 1)
    earlier_done = ForAll(q, Implies(Less(Number(q, number), Number(p, number)), read(done, q)))
    free = Not(IsSome(read(holder, p)))
    all_done = Update("done", (q,), TRUE, (q,), IsSome(read(holder, q)))
    pairs = ForAll(p, ForAll(q, Implies(And((read(done, p), Equal(read(holder, p), read(holder, q)))), Equal(p, q))))
    some = Less(Constant(0, IntType(0, 0)), Count(p, IsSome(read(holder, p)), IntType(0, pages)))
    return system(
        "one_by_one",
        (holder, done),
        (
            step("take", (p,), And((free, earlier_done)), put(holder, p, value=Some(p, OptionalType(page)))),
            step("finish", (), some, all_done),
        ),
        always("different", pairs),
        reachable("over", ForAll(p, read(done, p))),
        Property("conflict", PropertyKind.CONFLICT),
    )


@pytest.mark.parametrize("pages", [7, 8, 40, 225])
def test_states_of_many_words(pages: int) -> None:
    """Two states for every page, however many words they take; the code does not grow with the pages."""
    model = one_by_one(pages)
    search = searched(model)
    states = list(search.states)
    assert (len(states), search.transitions, search.depth) == (2 * pages + 1, 3 * pages, 2 * pages)
    held = bytes(range(1, pages + 1))
    assert (states[0], states[-1]) == (bytes(2 * pages), held + b"\1" * pages)
    assert list(search.shown) == ["over"]


def test_window_is_the_interpreters() -> None:
    """Optional pages, a constant table that is followed, and the shortest ways to both claims."""
    model = window(3)
    depths, edges, _ = explore(model, 10_000)
    search = searched(model)
    assert (len(search.states), search.transitions, search.depth) == (len(depths), len(edges), max(depths.values()))
    assert {name: len(found.steps) for name, found in search.shown.items()} == {"all_cached": 9, "confined": 4}
    for behaviour in search.shown.values():
        replay(model, behaviour)


@pytest.mark.parametrize(
    ("budget", "word"),
    [(Budget(states=100), "100 states"), (Budget(seconds=0), "0 seconds"), (Budget(memory=1), "memory")],
)
def test_a_budget_ends_the_search(budget: Budget, word: str) -> None:
    """The search stops with the reason and says that it is not complete; what it has found by then it shows."""
    model = two_phase_commit(7)
    search = NativeSearch(Program(model), model.properties, Watch(budget))
    with pytest.raises(Stopped, match=word):
        search.run(whole=True)
    assert not search.complete
    assert list(search.shown) == (["never_aborts"] if budget.states else [])
    assert len(search.states) < 1000


def test_a_budget_of_states_ends_the_search_at_the_same_state() -> None:
    """How many states there are then does not depend on time, nor on the room there was."""
    counts = set()
    for places in (1, 64, 1 << 16):
        model = two_phase_commit(6)
        search = NativeSearch(Program(model), model.properties, Watch(Budget(states=20_000)), places)
        with pytest.raises(Stopped):
            search.run(whole=True)
        counts.add((len(search.states), search.transitions, search.depth))
    assert len(counts) == 1


def test_a_budget_of_memory_is_looked_at_before_growing() -> None:
    """Memory that the budget does not allow is never asked for."""
    watch = Watch(Budget())
    search = NativeSearch(Program(two_phase_commit(8)), [], watch)
    limit = memory_used() + 12_000_000
    watch.budget = Budget(memory=limit)
    with pytest.raises(Stopped, match="memory"):
        search.run(whole=True)
    assert len(search.states) > 40_000
    assert memory_used() <= limit


def test_a_step_that_should_not_be_is_shown() -> None:
    """The behaviour ends in the step that violates the property, not in another one from the same state."""
    model = two_phase_commit(3)
    aborted = read(model.function("abort"))
    claim = Property("never_begins", PropertyKind.STEP, Implies(Not(aborted), Next(Not(aborted))))
    search = searched(replace(model, properties=(claim,)))
    assert search.shown["never_begins"].steps == (("TMAbort", ()),)


def test_an_interrupt_ends_the_search() -> None:
    """An interrupt from the keyboard becomes Stopped, and what was found is kept."""

    def interrupt(progress: Progress) -> None:
        if progress.states > 1000:
            raise KeyboardInterrupt

    model = two_phase_commit(9)
    search = NativeSearch(Program(model), model.properties, Watch(Budget(), interrupt))
    with pytest.raises(Stopped, match="interrupted"):
        search.run(whole=True)
    assert not search.complete
    assert list(search.shown) == ["never_aborts"]


def test_a_search_ends_when_everything_is_decided() -> None:
    """Without a reason to see the whole space the search ends near the state that decided the last claim."""
    model = two_phase_commit(7)
    never = model.properties[2]
    search = NativeSearch(Program(model), [never], Watch(Budget()))
    search.run(whole=False)
    assert (len(search.states) < 1000, search.complete, list(search.shown)) == (True, False, [never.name])
    nothing = NativeSearch(Program(model), [], Watch(Budget()))
    nothing.run(whole=True)
    assert (len(nothing.states), nothing.complete) == (296_448, True)


def test_failed_assertions_do_not_stop_the_step() -> None:
    """Assertions of several properties, one of which nobody asks about: the step is taken and the first is shown."""
    count = everywhere("count", (), IntType(0, 3), 0)
    more = Arithmetic("+", read(count), Constant(1, IntType(1, 1)), IntType(1, 4))

    def below(limit: int) -> Less:
        return Less(read(count), Constant(limit, IntType(limit, limit)))

    asserting = replace(
        step("up", (), below(3), put(count, value=more)),
        assertions=(Assertion("one", below(1)), Assertion("unasked", FALSE), Assertion("two", below(2))),
    )
    claims = [Property(name, PropertyKind.ASSERTION) for name in ("two", "one", "nobody")]
    search = searched(system("asserting", (count,), (asserting,), *claims))
    assert {name: len(found.steps) for name, found in search.shown.items()} == {"two": 3, "one": 2}
    assert len(search.states) == 4


def test_numbers_too_large_for_a_word_are_refused() -> None:
    """Neither a cell nor an expression may need more than a word holds; nothing is cut off."""
    wide = everywhere("wide", (), IntType(0, 2**70), 0)
    factor = everywhere("factor", (), IntType(0, 2**40), 0)
    square = Equal(Arithmetic("*", read(factor), read(factor), IntType(0, 2**80)), read(factor))
    for model in (
        system("wide", (wide,), (step("stay", (), TRUE),)),
        system("product", (factor,), (step("stay", (), square),)),
    ):
        with pytest.raises(NativeUnavailable, match="word"):
            native_search(Program(model), (), Watch(Budget()))


def test_without_llvmlite_there_is_no_native_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason names what is missing."""
    for name in [name for name in sys.modules if name.startswith(("llvmlite", "verifier.engines.native."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    with pytest.raises(NativeUnavailable, match="llvmlite is not installed"):
        native_search(Program(two_phase_commit(2)), (), Watch(Budget()))
