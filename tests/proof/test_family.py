"""What the instances of a specification have in common, and when they have not enough in common."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bounded.systems import named_sort, two_phase_commit
from tests.proof.specs import opened
from verifier.engines.proof.family import Case, Fixed, NotUniformError, Placed, family_of
from verifier.engines.proof.instances import difference, instance, sizes_in
from verifier.engines.proof.strata import anchors_of, cycles
from verifier.engines.proof.transfer import NotTransferableError, transfer
from verifier.engines.proof.uniform import uniform
from verifier.system.expressions import Constant, Equal, Read, Variable
from verifier.system.family import Family as Systems
from verifier.system.family import Size
from verifier.system.system import Formula, Function, Property, PropertyKind, System, Table
from verifier.system.types import BOOL, IntType, OptionalType, SortType


def system_with(function: Function, size: int, *claims: Property) -> System:
    return System("made", (named_sort("Page", size),), (function,), (), claims)


def page(size: int) -> SortType:
    return SortType(named_sort("Page", size))


def test_pages_of_a_window_go_with_their_addresses() -> None:
    found = opened("ownership_flip")

    assert found.describe() == "window >= 2, rest = own >= 1, Data >= 2"
    assert found.covers_instance
    assert [[c.sort for c in orbit] for orbit in found.family.orbits] == [
        ["Page", "Page", "Address"],
        ["Page", "Address"],
        ["Data"],
    ]
    assert found.family.sorts["Page"].members == ("0xee1f",)


def test_a_table_is_told_by_the_blocks_that_its_points_are_of() -> None:
    cases = opened("ownership_flip").family.cases["table"]

    assert Case((Fixed(0), Placed(1, 1, 0)), Placed(1, 0, 0)) in cases


def test_a_constant_of_pairs_needs_two_members() -> None:
    """Whether it is the same for p == q and for p != q cannot be seen in an instance with one."""
    same = Function("same", (page(3), page(3)), BOOL, Table((True, False, False) * 3), constant=True)
    table = tuple(a == b for a in range(3) for b in range(3))
    family = family_of(system_with(replace(same, initial=Table(table)), 3))

    assert set(family.cases["same"]) == {
        Case((Placed(0, 0, 0), Placed(0, 0, 0)), Fixed(True)),
        Case((Placed(0, 0, 0), Placed(0, 0, 1)), Fixed(False)),
    }


def test_the_other_one_of_two_is_nobody_at_other_sizes() -> None:
    """With two pages each can be sent to the other; that says nothing of three."""
    other = Function("other", (page(2),), page(2), Table((1, 0)), constant=True)

    with pytest.raises(NotUniformError, match="other"):
        family_of(system_with(other, 2))


def test_an_instance_with_too_few_members_for_the_points_of_a_function_is_refused() -> None:
    triple = Function("f", (page(2),) * 3, BOOL, Table((False,) * 8), constant=True)

    with pytest.raises(NotUniformError, match="needs an instance with 3"):
        family_of(system_with(triple, 2))


def test_a_number_that_grows_with_the_size_makes_another_system() -> None:
    def at(numbers: tuple[int, ...]) -> System:
        (size,) = numbers
        count = Function("count", (), IntType(0, 9), Table((size,)), constant=True)
        mark = Function("mark", (page(size),), BOOL, Table((False,) * size))
        made = system_with(mark, size)
        return replace(made, functions=(count, mark))

    with pytest.raises(NotUniformError, match="count follows another pattern"):
        uniform(Systems((Size(("Page",), 3, 100),), at))


def test_a_member_that_is_named_at_one_size_only_makes_another_system() -> None:
    def at(numbers: tuple[int, ...]) -> System:
        (size,) = numbers
        mark = Function("mark", (), page(size), Table((0,)))
        last = Equal(Read("mark", (), page(size)), Constant(size - 1, page(size)))
        return system_with(mark, size, Property("last", PropertyKind.ALWAYS, last))

    with pytest.raises(NotUniformError, match="it is another system"):
        uniform(Systems((Size(("Page",), 3, 100),), at))


def test_a_system_differs_from_itself_with_another_action() -> None:
    system = two_phase_commit(3)
    family = family_of(system, system.properties)
    changed = replace(system, actions=system.actions[1:])

    assert difference(family, two_phase_commit(4), two_phase_commit(4).properties) is None
    assert difference(family, changed, changed.properties) == "hear has another text there"
    assert sizes_in(family, two_phase_commit(5), system.properties, two_phase_commit(2)) == (2,)


def test_an_instance_without_any_of_some_members_is_none_of_the_family() -> None:
    """A class may have any number of members from one on."""
    found = opened("handover")
    none = instance(found.family, (0, 0))
    with pytest.raises(NotUniformError, match="none, or not all"):
        sizes_in(found.family, found.source, (), none)


def test_a_lemma_cannot_name_one_of_many() -> None:
    found = opened("handover")
    kind = SortType(next(s for s in found.source.sorts if s.name == "Page"))

    with pytest.raises(NotTransferableError, match="page1 of Page is not there, or has no name"):
        transfer(Equal(Variable("p", kind), Constant(1, kind)), found.family.sorts)


def test_a_function_to_pages_and_one_back_is_warned_of() -> None:
    p, a = SortType(named_sort("Page", 3)), SortType(named_sort("Address", 3))
    forth = Function("forth", (a,), OptionalType(p), Formula((Variable("x", a),), Constant(None, OptionalType(p))))
    back = Function("back", (p,), OptionalType(a), Formula((Variable("x", p),), Constant(None, OptionalType(a))))
    span = replace(forth.span, file="spec.flip", line=3)
    system = System(
        "made", (p.sort, a.sort), (replace(forth, span=span), replace(back, span=replace(span, line=4))), (), ()
    )

    (cycle,) = cycles(family_of(system))

    assert str(cycle) == (
        "a proof may not come to an end: Address to Page by the function forth, Page to Address by the function back"
    )
    assert cycle.advice[0] == "make forth a relation: state forth(Address, Page): bool"


def test_all_around_some_is_warned_of_where_it_leads_back() -> None:
    text = [str(cycle) for cycle in cycles(opened("alternating").family)]

    assert text == ["a proof may not come to an end: Page to Page by 'all p' around 'some q' in paired"]


def test_the_protocols_of_the_specs_have_no_cycles_of_their_own() -> None:
    for name in ("handover", "ownership_flip", "vfio_pair"):
        assert cycles(opened(name).family) == ()


def test_what_ties_members_leads_where_no_function_leads_back() -> None:
    """From addresses to pages, as tables do."""
    family = opened("ownership_flip").family

    anchored = [orbit[anchor].sort for orbit, anchor in zip(family.orbits, anchors_of(family), strict=True)]
    assert anchored == ["Address", "Address", "Data"]
