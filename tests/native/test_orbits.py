"""The search of one state of each orbit in machine code finds what the plain search under the same symmetry finds, and
the search of all states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import everywhere, mcs_lock, peterson, put, read, scalarset, step, system
from tests.native.symmetric import pointing_systems
from tests.native.test_checkpoint import ALWAYS
from tests.native.test_counting_agreement import lengths, plain, safety, shows_it
from tests.native.test_counting_search import links
from tests.native.test_crew import arranged
from verifier.engines.explicit import check
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.search import KINDS, Search
from verifier.engines.explicit.stuck import find_stuck
from verifier.engines.explicit.vacuity import findings
from verifier.engines.native import NativeUnavailable, automatic, bits, canonical, images, kernel, stuck, vacuity
from verifier.engines.native.automatic import AutomaticSearch
from verifier.engines.native.counting.search import CountingSearch
from verifier.engines.native.search import NativeSearch
from verifier.engines.verdict import Budget, Keeping, Outcome
from verifier.engines.watch import Stopped, Watch
from verifier.system.expressions import (
    FALSE,
    TRUE,
    Equal,
    Exists,
    ForAll,
    Implies,
    IsSome,
    Next,
    Not,
    Some,
    Variable,
)
from verifier.system.symmetry import NO_SYMMETRY, Symmetry, infer
from verifier.system.system import Anything, Kind, Property, PropertyKind, System
from verifier.system.types import BOOL, OptionalType

NOW = Watch(Budget())
STUCK = Property("stuck", PropertyKind.STUCK)

MANNERS: dict[str, list[tuple[object, str, object]]] = {
    "as it is": [],
    "functions for each action": [(kernel, "TOGETHER", 0), (kernel, "BATCH", 1)],
    "small words": [(bits, "WORD", 5)],
}
"""Ways of writing the same code, by the constants that choose between them."""


def symmetry_of(model: System) -> Symmetry:
    return infer(Program(model).interpreter, safety(model))


def reduced(
    program: Program, claims: list[Property], symmetry: Symmetry, budget: Budget | None = None, places: int = 16
) -> NativeSearch:
    """The search in machine code, to its end."""
    sought = [claim for claim in claims if claim.kind in KINDS]
    search = NativeSearch(program, sought, Watch(budget or Budget(threads=1)), places, symmetry)
    search.run(whole=True)
    return search


def agree(model: System, other: Search, found: NativeSearch, claims: list[Property]) -> None:
    """The same orbits, each once, the same depth; equally short behaviours, which really happen; the same findings."""
    keys = [other.space.quotient.key(state) for state in found.states]
    assert len(set(keys)) == len(keys)
    assert set(keys) == set(other.space.states)
    assert (found.depth, found.complete) == (other.space.depth, True)
    assert found.transitions >= other.space.transitions
    assert lengths(found.shown) == lengths(other.shown)
    for claim in claims:
        if claim.name in found.shown:
            assert shows_it(model, claim, found.shown[claim.name])
    other_stuck = find_stuck(other.space, NOW)
    with pytest.MonkeyPatch.context() as patch:  # so that machine code answers everything
        patch.setattr(stuck, "FEW", -1)
        patch.setattr(vacuity, "SAMPLE", 1)
        patch.setattr(vacuity, "CHUNK", 2)
        shown = found.find_stuck(NOW)
        assert found.findings(claims, NOW) == findings(other.space, claims, NOW)
    assert (shown and len(shown.steps)) == (other_stuck and len(other_stuck.steps))


def compare(model: System, places: int = 16, budget: Budget | None = None) -> None:
    program, claims = Program(model), safety(model)
    symmetry = infer(program.interpreter, claims)
    assume(symmetry.orbits)
    other = plain(program, claims, symmetry, 200)
    agree(model, other, reduced(program, claims, symmetry, budget, places), claims)


@given(pointing_systems(), st.sampled_from((1, 16, 1024)))
@settings(max_examples=5, deadline=None)
def test_random_systems(model: System, places: int) -> None:
    """Whatever their members hold."""
    compare(model, places)


@pytest.mark.long
@pytest.mark.parametrize("manner", MANNERS)
@given(pointing_systems(), st.sampled_from((1, 16, 1024)))
@settings(max_examples=40, deadline=None)
def test_many_random_systems(manner: str, model: System, places: int) -> None:
    """The same, however the code is written."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in MANNERS[manner]:
            patch.setattr(module, name, value)
        compare(model, places)


@pytest.mark.slow
@given(pointing_systems())
@settings(max_examples=25, deadline=None)
def test_nothing_is_decided_otherwise_than_without_symmetry(model: System) -> None:
    """Every claim has the same answer, and one that a behaviour shows is shown in as many steps."""
    program, claims = Program(model), safety(model)
    symmetry = infer(program.interpreter, claims)
    assume(symmetry.orbits)
    whole = plain(program, claims, None, 1000)
    found = reduced(program, claims, symmetry)
    assert lengths(found.shown) == lengths(whole.shown)
    assert (found.find_stuck(NOW) is None) == (find_stuck(whole.space, NOW) is None)
    assert found.findings(claims, NOW) == findings(whole.space, claims, NOW)


def told(found: NativeSearch) -> tuple[object, ...]:
    counted = found.transitions, found.depth, found.complete, found.shown, found.fired
    return list(found.states), list(found.parents), counted, list(found.store.first)


@pytest.mark.slow
@given(pointing_systems())
@settings(max_examples=15, deadline=None)
def test_threads_find_the_same(model: System) -> None:
    """States in the same order, and the same states that show something: steps are looked at before they are moved."""
    program, claims = Program(model), safety(model)
    symmetry = infer(program.interpreter, claims)
    assume(symmetry.orbits)
    plain(program, claims, symmetry, 200)
    alone = told(reduced(program, claims, symmetry))
    with pytest.MonkeyPatch.context() as patch:
        arranged(patch, "few at a time")
        alone_so = told(reduced(program, claims, symmetry))
        assert told(reduced(program, claims, symmetry, Budget(threads=3))) == alone_so
    assert alone_so[0] == alone[0]


@pytest.mark.parametrize(
    ("model", "orbits"),
    [(peterson(2), 25), (peterson(3), 172), (peterson(4), 1132), (mcs_lock(2), 81), (mcs_lock(3), 1285)],
)
def test_counts_are_those_of_cmurphi(model: System, orbits: int) -> None:
    """The published numbers of states with exact symmetry reduction."""
    program, claims = Program(model), safety(model)
    found = reduced(program, claims, infer(program.interpreter, claims))
    assert (len(found.states), found.shown) == (orbits, {})


def anyhow(size: int, *claims: Property) -> System:
    """Pages that point at pages, from the beginning."""
    model = links(size)
    (link,) = model.functions
    return replace(model, functions=(replace(link, initial=Anything()),), properties=(*claims, STUCK))


def test_all_initial_states_are_looked_at() -> None:
    """One for each way in which four pages may point at pages or at none, up to their names."""
    model = anyhow(4)
    program, claims = Program(model), safety(model)
    found = reduced(program, claims, symmetry_of(model))
    other = plain(program, claims, symmetry_of(model))
    assert len(found.states) == len(other.space.states) == 45
    agree(model, other, found, claims)
    (claim,) = (Property("tied", PropertyKind.ALWAYS, FALSE),)
    (verdict,) = check(anyhow(4, claim), (claim,)).verdicts
    assert verdict.outcome is Outcome.VIOLATED


@pytest.mark.parametrize("threads", [1, 2])
def test_steps_are_looked_at_between_real_states(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that points somewhere goes on to do so, and some page keeps what it has: not so for images of states."""
    arranged(monkeypatch)
    page = scalarset("Page", 3)
    p = Variable("p", page)
    link = links(3).functions[0]
    same = Equal(read(link, p), Next(read(link, p)))
    kept = Property("kept", PropertyKind.STEP, Exists(p, same))
    stays = Property("stays", PropertyKind.STEP, ForAll(p, Implies(IsSome(read(link, p)), IsSome(Next(read(link, p))))))
    always = Property("always", PropertyKind.STEP, ForAll(p, same))
    claims = [kept, stays, always]
    model = replace(links(3), properties=(*claims, STUCK))
    program, symmetry = Program(model), symmetry_of(model)
    found = reduced(program, claims, symmetry, Budget(threads=threads))
    assert lengths(found.shown) == {"always": 1}
    agree(model, plain(program, claims, symmetry), found, claims)


def ring(size: int) -> System:
    """Members are linked; hardware undoes links, and only one who is linked to itself can take a step then."""
    member = scalarset("M", size)
    kind = OptionalType(member)
    p, q = Variable("p", member), Variable("q", member)
    link, going = everywhere("link", (member,), kind, None), everywhere("going", (), BOOL, True)
    tie = step("tie", (p, q), read(going), put(link, p, value=Some(q, kind)))
    stop = replace(step("stop", (), read(going), put(going, value=FALSE)), kind=Kind.ENVIRONMENT)
    follow = step("follow", (p, q), Equal(read(link, p), Some(q, kind)), put(link, p, value=read(link, q)))
    return system("ring", (link, going), (tie, stop, replace(follow, kind=Kind.HARDWARE)), STUCK)


def test_stuck_states_are_found_through_images() -> None:
    """What the hardware does to a canonical state is looked up as a canonical state."""
    model = ring(3)
    program, claims = Program(model), safety(model)
    agree(model, plain(program, claims, symmetry_of(model)), reduced(program, claims, symmetry_of(model)), claims)


def search_kept(model: System, directory: Path | None, states: int | None = None) -> NativeSearch:
    keeping = None if directory is None else Keeping(directory, ALWAYS)
    budget = Budget(states=states, keeping=keeping, threads=1)
    claims = [claim for claim in safety(model) if claim.kind in KINDS]
    return NativeSearch(Program(model), claims, Watch(budget), 16, symmetry_of(model))


def test_a_search_that_was_stopped_goes_on(tmp_path: Path) -> None:
    """To the results of one that was not; a search of all states is another one."""
    model = mcs_lock(3)
    whole = search_kept(model, None)
    whole.run(whole=True)
    for states in (1, 100, 700):
        with pytest.raises(Stopped, match="states are kept"):
            search_kept(model, tmp_path, states).run(whole=True)
    again = search_kept(model, tmp_path)
    again.run(whole=True)
    assert told(again) == told(whole)
    assert again.find_stuck(NOW) == whole.find_stuck(NOW)
    assert len(list(tmp_path.iterdir())) == 1
    NativeSearch(Program(model), [], Watch(Budget(keeping=Keeping(tmp_path, ALWAYS)))).run(whole=True)
    assert len(list(tmp_path.iterdir())) == 2


def automatically(
    model: System, monkeypatch: pytest.MonkeyPatch, budget: Budget | None = None, many: int = 20
) -> AutomaticSearch:
    """A search that leaves the plain one after so many states."""
    monkeypatch.setattr(automatic, "MANY", many * automatic.SLOWER)
    claims = [claim for claim in model.properties if claim.kind is not PropertyKind.STUCK]
    return AutomaticSearch(Program(model), claims, Watch(budget or Budget()), symmetry_of(model))


def test_what_cannot_be_counted_is_searched_in_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """If that is known from the first states on, counting is not tried."""
    monkeypatch.setattr(automatic, "counting_search", None)
    search = automatically(mcs_lock(3), monkeypatch)
    search.run(whole=True)
    assert (search.native, search.without, search.space.complete) == (True, "", True)
    assert len(search.space.states) == 1285
    assert search.find_stuck(NOW) is None
    report = check(mcs_lock(3), mcs_lock(3).properties)
    assert report.findings == search.findings(mcs_lock(3).properties, NOW)


def test_what_comes_to_be_uncountable_is_searched_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Counting begins, finds such a state, and its checkpoint is in nobody's way."""
    tried: list[CountingSearch] = []

    def counting(*arguments: object) -> CountingSearch:
        tried.append(CountingSearch(*arguments))  # type: ignore[arg-type]
        return tried[-1]

    monkeypatch.setattr(automatic, "counting_search", counting)
    model = late(4)
    for _ in range(2):  # the second one finds everything kept
        search = automatically(model, monkeypatch, Budget(keeping=Keeping(tmp_path, ALWAYS)), many=2)
        search.run(whole=True)
        assert (search.native, search.without, search.space.complete) == (True, "", True)
        assert len(search.space.states) == len(plain(Program(model), [], symmetry_of(model)).space.states)
    assert len(tried) == 2


def late(size: int) -> System:
    """Pages that are marked one after the other, and then point at one another."""
    page = scalarset("Page", size)
    p, q = Variable("p", page), Variable("q", page)
    kind = OptionalType(page)
    link, mark = everywhere("link", (page,), kind, None), everywhere("mark", (page,), BOOL, False)
    ready = ForAll(q, read(mark, q))
    flag = step("flag", (p,), Not(read(mark, p)), put(mark, p, value=TRUE))
    tie = step("tie", (p, q), ready, put(link, p, value=Some(q, kind)))
    return system("late", (link, mark), (flag, tie), STUCK)


def test_what_is_too_much_work_goes_on_in_the_plain_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """To its end, with the reason kept; nothing that was found by then is used."""
    for module in (images, canonical):
        monkeypatch.setattr(module, "EFFORT", 100)
    with pytest.raises(NativeUnavailable, match="hard to tell apart"):
        reduced(Program(links(4)), [], symmetry_of(links(4)))
    search = automatically(links(4), monkeypatch, many=1)
    search.run(whole=True)
    assert (search.native, search.space.complete, len(search.space.states)) == (False, True, 45)
    assert "hard to tell apart" in search.without
    cut = automatically(links(5), monkeypatch, Budget(states=60), many=50)
    with pytest.raises(Stopped, match=r"60 states was used up \(without machine code: .*hard to tell apart\)"):
        cut.run(whole=True)


def test_too_much_work_is_noticed_by_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """And in the initial states, before anything is put into the store."""
    arranged(monkeypatch)
    for module in (images, canonical):
        monkeypatch.setattr(module, "EFFORT", 300)
    with pytest.raises(NativeUnavailable, match="hard to tell apart"):
        reduced(Program(links(5)), [], symmetry_of(links(5)), Budget(threads=2))
    model = anyhow(4)
    search = NativeSearch(Program(model), (), NOW, symmetry=symmetry_of(model))
    with pytest.raises(NativeUnavailable, match="hard to tell apart"):
        search.run(whole=True)
    assert len(search.states) == 0


def test_without_symmetry_nothing_is_replaced() -> None:
    """The code is that of a search of all states."""
    model = mcs_lock(2)
    search = NativeSearch(Program(model), (), NOW, symmetry=NO_SYMMETRY)
    search.run(whole=True)
    assert (len(search.states), list(search.keys)) == (159, list(search.states))


def test_what_counting_cannot_say_goes_on_in_the_plain_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of states that can be counted: counts are cheaper in Python than many members are in machine code."""

    def refused(*arguments: object) -> CountingSearch:
        raise NativeUnavailable("a formula is too hard")

    monkeypatch.setattr(automatic, "counting_search", refused)
    monkeypatch.setattr(automatic, "native_search", None)
    search = automatically(peterson(3), monkeypatch)
    search.run(whole=True)
    assert (search.native, search.without, len(search.space.states)) == (False, "a formula is too hard", 172)
