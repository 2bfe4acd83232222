"""The search of all sizes in machine code finds what the plain one finds, which is the obvious version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from tests.every_size.chips import families
from tests.every_size.families import HARMLESS, NotGrowingError, family, family_of_orbit
from tests.every_size.test_containment import CHIP_CLAIMS
from tests.every_size.test_rules import ALL, LARGER, PAGES
from tests.every_size.test_specs import BENCHMARK, ROOT, opened, safety
from tests.native.symmetric import symmetric_systems
from verifier.engines.every_size import automatic, prove
from verifier.engines.every_size.automatic import Found, natively
from verifier.engines.every_size.counts import AllSizes, TooFewBlocks
from verifier.engines.every_size.frame import Builder, Frame
from verifier.engines.every_size.many import NotForEverySize
from verifier.engines.every_size.search import KINDS, Search
from verifier.engines.explicit.quotient import Quotient
from verifier.engines.native import NativeUnavailable, counting_search
from verifier.engines.native.counting.ledger import Keys
from verifier.engines.native.counting.search import CountingSearch
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped, Watch
from verifier.language.specification import Elaborated
from verifier.system.family import Family
from verifier.system.interpreter import Interpreter
from verifier.system.symmetry import infer
from verifier.system.system import System


def native(frame: Frame) -> tuple[Found, CountingSearch]:
    """What machine code finds, and the search that found it."""
    made: list[CountingSearch] = []

    def keeping(*arguments: Any) -> CountingSearch:
        made.append(counting_search(*arguments))
        return made[0]

    with patch.object(automatic, "counting_search", keeping):
        found = natively(frame, Watch(Budget(states=200_000)))
    return found, made[0]


def agree(frame: Frame, states: int = 2000) -> Found | None:
    """Both searches find the same, as far as an order of states does not matter; None if neither can say anything.

    Raises Stopped if there are too many states, and NativeUnavailable.
    """
    sizes = AllSizes(frame.program, frame.symmetry, frame.many, frame.least)
    plain = Search(frame.program, sizes, frame.claims, Watch(Budget(states=states)))
    try:
        plain.run()
    except TooFewBlocks:
        with pytest.raises((TooFewBlocks, NativeUnavailable)):
            native(frame)
        return None
    except NotForEverySize:
        with pytest.raises(NativeUnavailable):
            native(frame)
        return None
    found, search = native(frame)
    steps = {name: suspect.steps for name, suspect in plain.suspects.items()}
    assert {name: suspect.steps for name, suspect in found.suspects.items()} == steps
    for name, suspect in found.suspects.items():
        ranges = zip(suspect.blocks, frame.least, frame.many, strict=True)
        assert suspect.claim == name
        assert all(least <= blocks <= many for blocks, least, many in ranges)
    if len(steps) < len(frame.claims):  # otherwise neither has come to its end
        keys = list(Keys(search.ledger, cast(Quotient, SimpleNamespace(counted_key=sizes._rows.key_of))))
        assert Counter(keys) == Counter(plain.states)
        measured = found.states, found.transitions, found.depth
        assert measured == (len(plain.states), plain.transitions, plain.depth)
        assert [search.blocks(i) for i in range(len(plain._beginnings))] == plain._beginnings
    return found


def framed(made: Family, claims: Iterable[str], many: int = 0) -> Frame:
    frame = Builder(made, (*claims, HARMLESS.name)).build()
    return replace(frame, many=tuple(max(many, number) for number in frame.many))


@pytest.mark.slow
@given(symmetric_systems(), st.data())
@settings(max_examples=150, deadline=None)
def test_random_systems(model: System, data: st.DataObject) -> None:
    """Systems of every kind, one size of which is free."""
    names = tuple(claim.name for claim in model.properties if claim.kind in KINDS)
    orbits = infer(Interpreter(model), [c for c in model.properties if c.kind in KINDS]).orbits
    assume(orbits)
    try:
        made = family_of_orbit(model, data.draw(st.sampled_from(orbits)), here=2)
        found = agree(framed(made, names, data.draw(st.sampled_from((0, 0, 3)))))
    except (NotForEverySize, NotGrowingError, TooFewBlocks, Stopped, NativeUnavailable) as reason:
        event(type(reason).__name__)
        assume(False)
        raise
    event(f"compared {found is not None}")


@pytest.mark.slow
@given(families(), st.sampled_from((0, 0, 4)))
@settings(max_examples=150, deadline=None)
def test_random_chips(made: Family, many: int) -> None:
    """Chips are moved about in all ways that a step can."""
    try:
        found = agree(framed(made, CHIP_CLAIMS, many))
    except (NotForEverySize, TooFewBlocks, Stopped, NativeUnavailable) as reason:
        event(type(reason).__name__)
        assume(False)
        raise
    event(f"compared {found is not None}")


def test_two_groups_of_many_that_become_one() -> None:
    """What is left of either comes to have the same row: its numbers add up, and each sum is one next state."""
    text = """
    action join(p: Page, q: Page) {
      when done(p) and not done(q)
      bad := true
      all r: Page where r != p and r != q { seen(r) := true;  done(r) := true }
    }
    always fine: all p: Page: seen(p) implies done(p)
    """
    found = agree(framed(family(PAGES + text), ("fine",)))
    assert found is not None
    assert not found.suspects


@pytest.mark.slow
@pytest.mark.parametrize("text", [case.values[0] for case in (*LARGER, *ALL)])
def test_each_rule(text: str) -> None:
    """What each rule about "many" is there for. One cannot be: a `count` of blocks that a binder takes one by one."""
    made = family(PAGES + text)
    system = made.at(made.here)
    assert system is not None
    frame = Builder(made, tuple(claim.name for claim in system.properties if claim.kind in KINDS)).build()
    if "all p: Page { if (count q" in text:
        with pytest.raises(NativeUnavailable, match="are counted where those that were equal may differ"):
            agree(frame)
    else:
        assert agree(frame) is not None


FLIPS = [
    pytest.param(1, 2_676, id="one"),
    pytest.param(2, 15_204, id="two", marks=pytest.mark.slow),
    pytest.param(0, 52_896, id="all", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("limit", "states"), FLIPS)
def test_the_page_flip(limit: int, states: int) -> None:
    """One page on its way, or two, or any number: all claims are proved, and of as many states in both ways."""
    spec = opened(BENCHMARK)
    frame = Builder(spec.family(None, "two", {"limit": limit}), safety(spec, {"limit": limit})).build()
    found = agree(frame, 60_000)
    assert found is not None
    assert (found.states, dict(found.suspects)) == (states, {})


SUBJECTS = [
    (path, variant)
    for path in (BENCHMARK, *sorted((ROOT / "specs").glob("*.flip")))
    for variant in (None, *(variant.name for variant in opened(path).variants))
]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "variant"), SUBJECTS, ids=lambda part: part.stem if isinstance(part, Path) else part)
def test_protocols(path: Path, variant: str | None) -> None:
    """Protocols and their variants, as far as the plain search comes; machine code comes further, and no mistake is
    proved.
    """
    spec = opened(path)
    made = spec.elaborate(variant)
    assert isinstance(made, Elaborated)
    names = tuple(claim.name for claim in made.system.properties if claim.kind in KINDS)
    try:
        frame = Builder(spec.family(variant), names).build()
    except NotForEverySize:
        pytest.skip("it has no size")
    try:
        agree(frame)
    except Stopped:
        with suppress(Stopped):
            suspects = natively(frame, Watch(Budget(states=300_000))).suspects
            wrong = {name for name, outlook in made.expected.items() if outlook == "violated"}
            assert wrong & {claim.name for claim in frame.claims} <= suspects.keys()


# Which search is taken


def proved_flip(budget: Budget, machine_code: bool = True) -> tuple[set[str], str]:
    """The claims of the benchmark that are proved, and how; or why none is."""
    spec = opened(BENCHMARK)
    made = spec.elaborate(None, "four_singly")
    assert isinstance(made, Elaborated)
    found = prove(spec.family(None, "four_singly"), made.system.properties, Watch(budget), machine_code)
    return {verdict.property for verdict in found.verdicts}, "; ".join(
        {verdict.method for verdict in found.verdicts} or {found.reason}
    )


def test_many_states_are_searched_in_machine_code() -> None:
    """The method says so; the same is proved without it."""
    names, method = proved_flip(Budget())
    assert method == "proved for every size of Page (2676 abstract states), by machine code"
    assert proved_flip(Budget(), machine_code=False) == (names, method.removesuffix(", by machine code"))


def test_few_states_are_not() -> None:
    text = "always one: all p: Page: seen(p) implies done(p)"
    made = family(PAGES + text)
    system = made.at(made.here)
    assert system is not None
    with patch.object(automatic, "counting_search", side_effect=AssertionError):
        found = prove(made, system.properties, Watch(Budget()))
    assert {verdict.method for verdict in found.verdicts} == {
        f"proved for every size of Page ({found.states} abstract states)"
    }


def test_without_machine_code_the_plain_search_does_it_all() -> None:
    with patch.object(automatic, "counting_search", side_effect=NativeUnavailable("none here")):
        names, method = proved_flip(Budget())
    assert names
    assert method == "proved for every size of Page (2676 abstract states)"


def test_a_search_that_is_cut_short_proves_nothing() -> None:
    """Not even where nothing was violated so far."""
    assert proved_flip(Budget(states=2_600)) == (set(), "the budget of 2600 states was used up")


def test_what_needs_more_room_gets_it() -> None:
    """Where a state has more blocks than the system, another system is searched, with room enough."""
    with patch("verifier.engines.every_size.frame.ROOM", 4):
        names, method = proved_flip(Budget())
    assert names
    assert method == "proved for every size of Page (2676 abstract states), by machine code"
    spec = opened(BENCHMARK)
    with patch("verifier.engines.every_size.frame.ROOM", 4):
        frame = Builder(spec.family(None, "four_singly"), safety(spec, {"limit": 1})).build()
    with pytest.raises(TooFewBlocks):
        native(frame)


def test_the_size_that_needs_room_is_told() -> None:
    """There may be several; both searches name the same one."""
    text = """
    sort Chip size 2
    state colour(Chip): 0 .. 9 = 0
    action paint(c: Chip) { when colour(c) < 9;  colour(c) := colour(c) + 1 }
    always done_is_done: all p: Page: done(p) implies done(p)
    """
    with patch("verifier.engines.every_size.frame.ROOM", 8):
        frame = Builder(family(PAGES + text), ("done_is_done",)).build()
    with pytest.raises(TooFewBlocks) as plain:
        Search(
            frame.program,
            AllSizes(frame.program, frame.symmetry, frame.many, frame.least),
            frame.claims,
            Watch(Budget()),
        ).run()
    with pytest.raises(TooFewBlocks) as fast:
        native(frame)
    sorts = {sort for sort, _ in frame.symmetry.orbits[fast.value.args[0]][0]}
    assert plain.value.args == fast.value.args
    assert sorts == {"Chip"}


def test_a_violation_is_suspected_with_its_sizes() -> None:
    """The fewest pages that show it: three are done when there are three, after as many steps."""
    text = PAGES + "never three: (count p: Page: done(p)) == 3"
    frame = Builder(family(text), ("three",)).build()
    found, _ = native(frame)
    suspect = found.suspects["three"]
    assert (suspect.claim, suspect.steps) == ("three", 3)
    assert frame.many == (4,)
    assert suspect.blocks in ((3,), (4,))


def test_a_step_that_violates_counts() -> None:
    """A violated state is reached; of a violated step the end is beyond it."""
    text = PAGES + "always two: (count p: Page: done(p)) < 2\nstep first: no p: Page: next(done(p))"
    found, _ = native(Builder(family(text), ("two", "first")).build())
    assert {name: suspect.steps for name, suspect in found.suspects.items()} == {"two": 2, "first": 1}
