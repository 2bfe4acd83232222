"""Counterexamples at the smallest sizes: which these are, and what is said where they cannot be found."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.proof.inference.protocols import specification as protocol
from tests.proof.skeleton.oracle import choices_below, is_violated
from verifier.engines.proof.inference.ic3 import IC3
from verifier.engines.proof.inference.shortest import skeleton
from verifier.engines.proof.inference.sized import sized
from verifier.engines.proof.instances import instance
from verifier.engines.proof.prover import Proof, provable
from verifier.engines.proof.skeleton.scale import scale_of
from verifier.engines.proof.skeleton.smallest import Smallest, smallest
from verifier.engines.proof.solver import Answer, Solver
from verifier.engines.proof.solver.client import Reply
from verifier.engines.proof.uniform import Uniform, uniform
from verifier.engines.verdict import Behaviour, Budget
from verifier.engines.watch import Stopped, Watch
from verifier.evidence.confirm import confirm
from verifier.evidence.proving import Attempted, Needs, Violation
from verifier.evidence.replay import replay
from verifier.evidence.smallest import at_smallest_sizes
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.interpreter import Interpreter

HERE = Path(__file__).parent


@lru_cache(maxsize=32)
def opened(name: str) -> Specification:
    """A file beside the tests, one of the tests of proofs, a protocol or a specification."""
    for path in (HERE / f"{name}.flip", HERE.parent / f"{name}.flip"):
        if path.exists():
            found = open_specification(path)
            assert isinstance(found, Specification), found
            return found
    return protocol(name)


def family(name: str, variant: str | None) -> Uniform:
    spec = opened(name)
    assert isinstance(spec.elaborate(variant), Elaborated)
    return uniform(spec.family(variant))


def found_by_search(about: Uniform, names: tuple[str, ...], blocks: int | tuple[int, ...] = 2) -> Attempted:
    """What a search of one instance finds: with so many blocks of each orbit, by a behaviour of any length."""
    wanted = (blocks,) * len(about.family.least) if isinstance(blocks, int) else blocks
    sizes = tuple(map(max, wanted, about.family.least))
    small = sized(about.family, sizes, lambda: None)
    claims = [small.circuit.system.property_named(name) for name in names]
    answer = IC3(small.circuit, small.cubes, Watch(Budget())).run(claims)
    system = small.circuit.system
    found = {v.claim.name: Violation(system, v.behaviour, sizes) for v in answer.violations}
    assert found.keys() == set(names)
    return Attempted(Proof(about.family), found)


def shown(name: str, variant: str | None, claims: tuple[str, ...], blocks: int = 2) -> dict[str, Violation]:
    about = family(name, variant)
    after = at_smallest_sizes(about, found_by_search(about, claims, blocks), Budget())
    assert after.violated.keys() == set(claims)
    for claim, violation in after.violated.items():
        check(name, variant, about, claim, violation)
    return dict(after.violated)


def check(name: str, variant: str | None, about: Uniform, claim: str, violation: Violation) -> None:
    """It happens in the specification's own instance of these sizes, and the same steps do nothing in smaller ones."""
    elaborated = opened(name).elaborate(variant, None, dict(violation.settings))
    assert isinstance(elaborated, Elaborated)
    interpreter = Interpreter(elaborated.system)
    confirm(interpreter, elaborated.system.property_named(claim), replay(interpreter, violation.behaviour))
    assert violation.fewest
    assert violation.needs is not None
    assert violation.needs.reason == ""
    scale = scale_of(about)
    numbers = tuple(number for _, number in violation.needs.sizes)
    assert violation.needs.least == (numbers == scale.least)
    for fewer in choices_below(scale.least, numbers):
        system = about.instance(fewer)
        assert system is not None
        assert not is_violated(system, system.property_named(claim), skeleton(violation.behaviour), 20_000), fewer


def sizes(violation: Violation) -> dict[str, int]:
    assert violation.needs is not None
    return violation.needs.by_name()


PROTOCOLS: list[tuple[str, str, dict[str, dict[str, int]]]] = [
    ("lock_service", "generous", {"exclusive": {"Client": 2}}),
    ("lock_service", "keeps_it", {"exclusive": {"Client": 2}}),
    ("two_phase_commit", "majority", {"agreement": {"Node": 2}, "justified": {"Node": 2}}),
    ("two_phase_commit", "impatient", {"agreement": {"Node": 2}}),
    ("ring_election", "passes_all", {"one_leader": {"Node": 2}, "greatest": {"Node": 2}}),
    ("german", "eager_grant", {"coherent": {"Client": 2, "Data": 2}}),
    ("german", "forgets_owner", {"coherent": {"Client": 2, "Data": 2}}),
    ("sharded_store", "received_twice", {"two_owners": {"Node": 2, "Key": 1, "Value": 1, "Number": 2}}),
    ("handover", "no_drain", {"confined": {"Page": 1, "Device": 1}, "in_place": {"Page": 1, "Device": 1}}),
    ("handover", "still_there", {"confined": {"Page": 1, "Device": 1}}),
    ("handover", "early", {"confined": {"Page": 1, "Device": 1}}),
    ("handover", "jumps", {"in_order": {"Page": 1, "Device": 1}}),
    ("tied", "leaves_it", {"exclusive": {"window": 2, "Data": 2}}),
]


@pytest.mark.parametrize(("name", "variant", "expected"), PROTOCOLS)
def test_the_sizes_are_the_smallest_where_the_steps_violate_the_claim(
    name: str, variant: str, expected: dict[str, dict[str, int]]
) -> None:
    found = shown(name, variant, tuple(expected))

    assert {claim: sizes(violation) for claim, violation in found.items()} == expected
    assert set(expected) == {n for v in opened(name).variants if v.name == variant for n in v.violated}


def test_every_variant_of_the_protocols_is_among_them() -> None:
    names = {name for name, _, _ in PROTOCOLS}
    assert {(n, v.name) for n in names for v in opened(n).variants} == {(n, v) for n, v, _ in PROTOCOLS}


def test_sizes_that_are_needed_are_kept_one_by_one() -> None:
    """A count of three, pages that must be two for a guard, an initial state that may be anything."""
    found = shown("corners", None, ("in_hue", "in_range", "single_write")) | shown("corners", None, ("three",), 3)

    assert {claim: sizes(violation) for claim, violation in found.items()} == {
        "three": {"Page": 1, "Slot": 3},
        "in_hue": {"Page": 2, "Slot": 1},
        "in_range": {"Page": 1, "Slot": 1},
        "single_write": {"Page": 2, "Slot": 2},
    }


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("vfio_pair", marks=pytest.mark.slow),
        pytest.param("ownership_flip", marks=pytest.mark.slow),
        pytest.param("ownership_flip_guarded", marks=pytest.mark.long),
        pytest.param("flip_rollback", marks=pytest.mark.long),
    ],
)
def test_what_the_variants_of_a_specification_break_they_break_in_its_smallest_instance(name: str) -> None:
    claims = {claim.name for claim in provable(family(name, None).family.text.properties)}
    for variant in opened(name).variants:
        broken = tuple(claim for claim in variant.violated if claim in claims)
        if broken:
            found = shown(name, variant.name, broken)
            assert all(violation.needs is not None and violation.needs.least for violation in found.values())


def test_steps_that_smaller_sizes_have_no_room_for_are_left_out() -> None:
    """Two pages were moved, and one comes back: one page is enough, and one move."""
    about = family("handover", "no_drain")
    steps = ["issue", "issue", "land", "pause", "drain", "move", "move", "finish", "land"]

    with Solver("z3") as solver:
        found = smallest(scale_of(about), "confined", (2, 2), steps, solver, Watch(Budget()))

    assert isinstance(found, Smallest)
    assert (found.numbers, found.reason) == ((1, 1), "")
    assert [name for name, _ in found.behaviour.steps] == ["issue", "pause", "drain", "move", "land"]


@pytest.mark.parametrize(("claim", "steps"), [("over_it", ["climb", "climb"]), ("twice_it", ["look", "look"])])
def test_what_leaves_a_range_or_writes_a_cell_twice_is_no_step(claim: str, steps: list[str]) -> None:
    """It is wrong, but it leads nowhere."""
    about = family("no_step", None)

    with Solver("z3") as solver:
        found = smallest(scale_of(about), claim, (2,), steps, solver, Watch(Budget()))

    assert found == "these steps are not possible there"


def test_a_loop_writes_all_that_it_goes_through() -> None:
    """No page is left out, whatever the slot that it is written for."""
    with Solver("z3") as solver:
        found = smallest(scale_of(family("loop", None)), "missed", (2, 2), ["mark"], solver, Watch(Budget()))

    assert found == "these steps are not possible there"


def test_other_steps_that_are_fewer_are_tried_at_smaller_sizes_too() -> None:
    """The steps that were found need two pages. The one that does it alone is found there, and needs one only."""
    about = family("two_ways", None)

    with Solver("z3") as solver:
        found = smallest(scale_of(about), "right", (2,), ["move", "move", "both"], solver, Watch(Budget()))

    assert isinstance(found, Smallest)
    assert (found.numbers, found.reason) == ((1,), "")
    assert found.behaviour.steps == (("alone", ()),)


def test_steps_that_do_not_violate_the_claim_show_nothing() -> None:
    about = family("handover", "no_drain")

    with Solver("z3") as solver:
        found = smallest(scale_of(about), "confined", (2, 2), ["pause", "issue", "land"], solver, Watch(Budget()))

    assert found == "these steps are not possible there"


def test_a_violation_counts_only_where_an_instance_has_it() -> None:
    """The family has any number of pages and any of addresses; a window has as many of both."""
    about = family("together", None)
    tried = found_by_search(about, ("unequal", "taken"), (2, 1, 1))

    after = at_smallest_sizes(about, tried, Budget())

    assert after.violated.keys() == {"taken"}
    check("together", None, about, "taken", after.violated["taken"])
    assert sizes(after.violated["taken"]) == {"window": 2, "Data": 2}
    assert "no instance is so; with window = 2, Data = 2: these steps" in after.reasons["unequal"]


class Unsure(Solver):
    """A solver that knows only the first answers."""

    sure = 1

    def ask(self, *arguments: Any, **options: Any) -> Reply:
        self.sure -= 1
        return super().ask(*arguments, **options) if self.sure >= 0 else Reply(Answer.UNKNOWN, "who knows")


def test_what_a_solver_does_not_know_leaves_it_open_whether_smaller_sizes_would_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    about = family("handover", "no_drain")
    tried = found_by_search(about, ("confined",))
    monkeypatch.setattr("verifier.evidence.smallest.Solver", Unsure)

    found = at_smallest_sizes(about, tried, Budget()).violated["confined"]

    assert found.needs == Needs(((("Page",), 2), (("Device",), 2)), False, "who knows")
    assert found.settings == (("Page", "2"), ("Device", "2"))
    assert found.fewest


def kept(seconds: float | None, reason: str) -> None:
    """The violation is as it was found, and the reason is said."""
    about = family("handover", "no_drain")
    tried = found_by_search(about, ("confined",))

    found = at_smallest_sizes(about, tried, Budget(seconds=seconds)).violated["confined"]

    assert (found.system, found.behaviour) == (tried.violated["confined"].system, tried.violated["confined"].behaviour)
    assert found.settings == ()
    assert not found.fewest
    assert found.needs is not None
    assert found.needs.reason == reason


def test_without_an_answer_the_violation_stays_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Unsure, "sure", 0)
    monkeypatch.setattr("verifier.evidence.smallest.Solver", Unsure)
    kept(None, "who knows")


def test_of_a_query_that_is_too_large_the_violation_stays_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.engines.proof.skeleton.line.LONGEST", 1000)
    kept(None, "the formulas grow too large")


def test_without_time_the_violation_stays_as_it_was_found() -> None:
    kept(0.0, "the budget of 0 seconds was used up")


class Ending(Watch):
    """A watch that ends what it watches after so many looks."""

    def __init__(self, looks: int) -> None:
        super().__init__(Budget())
        self.left = looks

    def look(self, engine: str, states: int, transitions: int, depth: int, waiting: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise Stopped("ended")

    def say(self, engine: str, doing: str) -> None:
        self.look(engine, 0, 0, 0, 0)


def test_wherever_it_is_ended_it_claims_no_more_than_it_has_seen() -> None:
    """Two clients are needed. As long as three are shown, it is not known that fewer would not do."""
    about = family("lock_service", "keeps_it")
    (violation,) = found_by_search(about, ("exclusive",), 3).violated.values()
    steps = skeleton(violation.behaviour)
    seen: list[tuple[tuple[int, ...], bool, str] | str] = []
    with Solver("z3") as solver:
        watch = Ending(-1)
        while watch.left < 0:
            watch = Ending(40 * len(seen))
            found = smallest(scale_of(about), "exclusive", (3,), steps, solver, watch)
            seen.append(found if isinstance(found, str) else (found.numbers, found.fewest, found.reason))

    assert {one for one in seen if isinstance(one, str)} == {"ended"}
    shown_with_three = [one for one in seen if one[0] == (3,)]
    assert set(shown_with_three) == {((3,), False, "ended")}
    assert seen[-1] == ((2,), True, "")


def test_at_the_least_sizes_there_is_nothing_not_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    about = family("handover", "no_drain")
    tried = found_by_search(about, ("confined",), 1)
    monkeypatch.setattr(Unsure, "sure", 0)
    monkeypatch.setattr("verifier.evidence.smallest.Solver", Unsure)

    found = at_smallest_sizes(about, tried, Budget()).violated["confined"]

    assert found.needs == Needs(((("Page",), 1), (("Device",), 1)), True)


def test_what_the_interpreter_does_not_see_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong trace of an engine: as if the steps had been lost on the way."""
    nothing = Smallest((1, 1), instance(family("handover", "no_drain").family, (1, 1)), Behaviour((), ()))
    monkeypatch.setattr("verifier.engines.proof.skeleton.smallest.smallest", lambda *_: nothing)
    kept(None, "the tool contradicts itself: its first state has 0 cells, not 4")


def test_sizes_and_blocks_go_together() -> None:
    """Of a window that makes pages and addresses, and of values beside one that has a name."""
    scale = scale_of(family("together", None))

    assert scale.blocks((2, 3)) == (2, 2, 2)
    assert scale.numbers((2, 2, 2)) == (2, 3)
    assert scale.numbers((1, 3, 1)) == (3, 2)
