"""The Murphi export, checked by Rumur against the reference interpreter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.bounded.oracle import search
from tests.bounded.systems import action, enumeration, flip, named_sort, two_phase_commit, uniform
from tests.export.rumur import needs_rumur, run
from tests.strategies import systems
from verifier.report.murphi import export_murphi
from verifier.report.murphi_names import Names, plain
from verifier.system.expressions import TRUE, Equal, Exists, ForAll, Not, Read, Variable
from verifier.system.system import Anything, Property, PropertyKind, System, Update
from verifier.system.types import BOOL, IntType, OptionalType, SortType

MANY = 3000
"""More states than this take the reference interpreter too long."""


def without(system: System, *names: str) -> System:
    """The system without the properties of these names."""
    return replace(system, properties=tuple(claim for claim in system.properties if claim.name not in names))


@needs_rumur
@pytest.mark.slow
def test_two_phase_commit_has_288_states(tmp_path: Path) -> None:
    """The count that is published for three resource managers, and no error."""
    answer = run(export_murphi(without(two_phase_commit(3), "never_committed")), tmp_path)

    assert (answer.states, answer.error) == (288, None)


@needs_rumur
@pytest.mark.slow
def test_a_hand_over_has_as_many_states_as_for_the_interpreter(tmp_path: Path) -> None:
    """Optionals that become none again are not counted twice."""
    system = flip(2)

    answer = run(export_murphi(system), tmp_path)

    assert (answer.states, answer.error) == (len(search(system).states), None)


@needs_rumur
@pytest.mark.slow
def test_a_violated_invariant_is_named(tmp_path: Path) -> None:
    """The complaint says which property is violated."""
    answer = run(export_murphi(flip(2, invalidates=False)), tmp_path)

    assert answer.error == 'invariant "dma_confined" failed'


@needs_rumur
@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(systems())
def test_random_systems_have_the_same_states_and_verdicts(system: System) -> None:
    """Rumur finds an error if and only if the interpreter does, and otherwise counts the same states."""
    agree(system)


@needs_rumur
@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(systems())
def test_random_systems_without_violations_have_the_same_states(system: System) -> None:
    """With only the claims that hold, the state spaces are the same size."""
    decided = search(system, depth=12).decided
    assume("range" not in decided and "conflict" not in decided)
    agree(without(system, *decided))


def agree(system: System) -> None:
    """Rumur and the interpreter say the same of the system."""
    expected = search(system, depth=12)
    assume(expected.complete and len(expected.states) <= MANY)
    exported = {PropertyKind.ALWAYS, PropertyKind.ASSERTION, PropertyKind.RANGE, PropertyKind.CONFLICT}
    violated = {claim.name for claim in system.properties if claim.kind in exported} & set(expected.decided)
    with TemporaryDirectory() as directory:
        answer = run(export_murphi(system), Path(directory))
    assert (answer.error is not None) is bool(violated), (answer, violated)
    if answer.error is None:
        assert answer.states == len(expected.states)


@needs_rumur
@pytest.mark.slow
def test_two_writes_to_one_cell_are_an_error(tmp_path: Path) -> None:
    """The complaint names the function."""
    double = action("double", (), (), Update("x", (), TRUE), Update("x", (), TRUE))

    answer = run(export_murphi(System("double", (), (uniform("x", (), BOOL, False),), (double,), ())), tmp_path)

    assert answer.error is not None
    assert "written twice: x" in answer.error


@needs_rumur
@pytest.mark.slow
def test_optionals_may_be_anything_at_first(tmp_path: Path) -> None:
    """None and every value is an initial state, once."""
    kinds = (BOOL, IntType(-3, -2), SortType(named_sort("Page", 3)))
    functions = tuple(
        replace(uniform(f"f{number}", (), OptionalType(kind), None), initial=Anything())
        for number, kind in enumerate(kinds)
    )
    system = System("any", (kinds[2].sort,), functions, (action("stay", (), ()),), ())

    answer = run(export_murphi(system), tmp_path)

    assert (answer.states, answer.error) == (3 * 3 * 4, None)


HOSTILE = 'x"; end; /* ü */ -- \n rule'


@needs_rumur
@pytest.mark.slow
def test_no_text_of_a_specification_lands_raw_in_the_model(tmp_path: Path) -> None:
    """Names that would end strings and comments, keywords and names alike but for capitals are all made harmless."""
    modes = enumeration("rule", HOSTILE, "END", "end")
    kind = SortType(modes)
    state, other = uniform(HOSTILE, (), kind, 0), uniform("Rule", (), kind, 0)
    name = Variable("while", kind)
    step = action(HOSTILE, (name,), (), Update(HOSTILE, (), name), Update("Rule", (), Read(HOSTILE, (), kind)))
    claims = (
        Property(HOSTILE, PropertyKind.ALWAYS, Exists(name, Equal(name, Read(HOSTILE, (), kind)))),
        Property(HOSTILE, PropertyKind.EVENTUALLY, TRUE),
    )

    model = export_murphi(System(HOSTILE, (modes,), (state, other), (step,), claims))

    assert HOSTILE not in model
    assert model.isascii()
    assert run(model, tmp_path).states == 9


@needs_rumur
@pytest.mark.slow
def test_an_empty_sort_quantifies_over_nothing(tmp_path: Path) -> None:
    """For all members is true, for some is false, its actions never happen and its functions have no cells."""
    sort = named_sort("Nothing", 0)
    kind = SortType(sort)
    member = Variable("m", kind)
    read = Read("held", (member,), BOOL)
    system = System(
        "empty",
        (sort,),
        (uniform("held", (kind,), BOOL, False), uniform("flag", (), BOOL, False)),
        (
            action("never", (member,), (), Update("flag", (), TRUE)),
            action("row", (), (), Update("held", (member,), TRUE, (member,))),
        ),
        (
            Property("all", PropertyKind.ALWAYS, ForAll(member, read)),
            Property("none", PropertyKind.ALWAYS, Not(Exists(member, read))),
        ),
    )

    answer = run(export_murphi(system), tmp_path)

    assert (answer.states, answer.error) == (1, None)


def test_what_is_not_exported_is_said() -> None:
    """Properties that Murphi has no words for stand in the header by name."""
    model = export_murphi(two_phase_commit(2))

    assert "-- Not exported: can_abort (reachable)." in model
    assert "Not exported: consistent" not in model


def test_a_cell_without_values_is_refused() -> None:
    """A state function into an empty sort has no state; the export says so."""
    sort = named_sort("Nothing", 0)
    function = replace(uniform("stuck", (), BOOL, False), result=SortType(sort))

    with pytest.raises(ValueError, match="stuck has no values"):
        export_murphi(System("empty", (sort,), (function,), (), ()))


def test_names_differ_even_when_capitals_are_ignored() -> None:
    """Keywords, repeated names and names without letters get another name."""
    names = Names()

    assert [names.fresh(text) for text in ("End", "page", "Page", "9", "", "ü")] == [
        "End_2", "page", "Page_2", "x_9", "x", "x_2"
    ]  # fmt: skip


def test_local_names_are_used_again_but_never_hide_a_global_one() -> None:
    """After leaving a rule its names are free for other rules, not for the whole model."""
    names = Names()
    first = names.local("p")
    names.leave()

    assert (first, names.local("p"), names.fresh("p"), names.local("p")) == ("p", "p", "p_2", "p_3")


def test_plain_text_cannot_end_a_string_or_a_comment() -> None:
    """Quotes, slashes, dashes, line ends and everything outside ASCII are replaced."""
    assert plain('a"b\n/*-é\\') == "a?b??????"[:9]


def test_the_same_system_gives_the_same_text() -> None:
    """The export is deterministic to the byte."""
    assert export_murphi(flip(2)) == export_murphi(flip(2))
