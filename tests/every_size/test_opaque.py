"""Systems in which of two twins one leads have the same states as before, up to exchanges of their values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import always, everywhere, put, read, scalarset, step
from tests.engines.oracles import TooMany, explore
from tests.every_size.families import family
from verifier.engines.every_size.opaque import simple, simplified
from verifier.engines.explicit import check
from verifier.engines.verdict import Outcome
from verifier.language.specification import Specification, open_specification
from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Constant,
    Equal,
    Exists,
    Expression,
    ForAll,
    Implies,
    IsSome,
    Next,
    Not,
    Number,
    Open,
    Some,
    Variable,
)
from verifier.system.interpreter import AssertionFailed, Failure, Interpreter
from verifier.system.layout import State
from verifier.system.system import Action, Assertion, Function, Property, PropertyKind, System, Table
from verifier.system.types import BOOL, IntType, OptionalType, Value

PAGES = 4
PAGE, DATA = scalarset("Page", PAGES), scalarset("Data", 2)
MAYBE_PAGE, MAYBE_DATA = OptionalType(PAGE), OptionalType(DATA)
OTHER = Function("other", (PAGE,), MAYBE_PAGE, Table((2, 3, None, None)), constant=True)
"""Pages 0 and 2, and 1 and 3, belong together."""

HELD = everywhere("held", (PAGE,), DATA, 0)
FLAG = everywhere("flag", (PAGE,), BOOL, False)
CURSOR = everywhere("cursor", (), MAYBE_PAGE, None)
NOTE = everywhere("note", (), DATA, 0)
P, C = Variable("p", PAGE), Variable("c", DATA)


def other(page: Expression) -> Open:
    return Open(read(OTHER, page), PAGE)


FIRST_PAGE = Constant(0, PAGE)
HAS = IsSome(read(OTHER, P))
AT = Open(read(CURSOR), PAGE)
POINTS = IsSome(read(CURSOR))
DIFFER = Not(Equal(read(HELD, P), read(HELD, other(P))))

SAFE = {
    "point": step("point", (P,), TRUE, put(CURSOR, value=Some(P, MAYBE_PAGE))),
    "change": step("change", (P, C), Not(Equal(read(HELD, P), C)), put(HELD, P, value=C)),
    "write": step("write", (P, C), TRUE, put(HELD, P, value=C)),
    "land": step("land", (C,), And((POINTS, Not(Equal(read(HELD, AT), C)))), put(HELD, AT, value=C)),
    "copy": step("copy", (P,), HAS, put(HELD, other(P), value=read(HELD, P))),
    "back": step("back", (P,), HAS, put(HELD, P, value=read(HELD, other(P)))),
    "mark": step("mark", (P,), And((HAS, DIFFER)), put(FLAG, P, value=TRUE)),
    "unmark": step("unmark", (P,), And((HAS, Not(DIFFER))), put(FLAG, P, value=FALSE)),
    "same": step("same", (P, C), Equal(read(HELD, P), C), put(FLAG, P, value=TRUE)),
    "clear": step("clear", (), Exists(P, And((HAS, DIFFER))), put(CURSOR, value=Constant(None, MAYBE_PAGE))),
}
"""Actions that leave values opaque, and pages 0 and 2, 1 and 3 the only twins."""

UNSAFE = {
    "note": step("note", (P,), TRUE, put(NOTE, value=read(HELD, P))),
    "noted": step("noted", (P,), TRUE, put(HELD, P, value=read(NOTE))),
    "name": step("name", (P,), TRUE, put(HELD, P, value=Constant(1, DATA))),
    "compare": step("compare", (P,), And((POINTS, Equal(read(HELD, AT), read(HELD, P)))), put(FLAG, P, value=TRUE)),
    "fetch": step("fetch", (P,), POINTS, put(HELD, P, value=read(HELD, AT))),
    "two": step("two", (P, C), HAS, put(HELD, P, value=C), put(HELD, other(P), value=C)),
    "every": step("every", (C,), TRUE, replace(put(HELD, P, value=C), binders=(P,))),
    "swap": step("swap", (P,), HAS, put(HELD, P, value=read(HELD, other(P))), put(NOTE, value=read(HELD, P))),
    "spread": step("spread", (P,), TRUE, put(HELD, P, value=read(HELD, FIRST_PAGE))),
    "number": step("number", (P,), Equal(Number(read(HELD, P), IntType(0, 1)), Constant(1, IntType(0, 1)))),
}
"""Actions that tell values apart, or tie pages to others."""

MOST = 1000
"""States that the reference interpreter is to look at."""

CLAIMS: dict[str, Expression] = {
    "alike": ForAll(P, Implies(And((HAS, read(FLAG, P))), Not(DIFFER))),
    "never_marked": ForAll(P, Not(read(FLAG, P))),
    "some_alike": Exists(P, And((HAS, Not(DIFFER)))),
}
ASSERTED = Assertion("asserted", Implies(HAS, Not(DIFFER)))


def system(*actions: Action, held: tuple[Value, ...] = (0,) * PAGES) -> System:
    """The actions, of which those that mark also assert something, with all claims."""
    made = tuple(replace(a, assertions=(ASSERTED,)) if a.name in ("mark", "unmark") else a for a in actions)
    claims = [always(name, formula) for name, formula in CLAIMS.items()]
    functions = (OTHER, replace(HELD, initial=Table(held)), FLAG, CURSOR, NOTE)
    asserted = (Property("asserted", PropertyKind.ASSERTION), Property("single_write", PropertyKind.CONFLICT))
    return System("twins", (PAGE.sort, DATA.sort), functions, made, (*claims, *asserted))


def made_simple(before: System) -> System:
    return simple(before, frozenset(claim.name for claim in before.properties))


def exchanged(after: System, state: State) -> State:
    """The state in which every place that leads has been given the first value, and its twin the other one it had."""
    tables = Interpreter(after)
    values = list(state)
    start = tables.layout.start["held"]
    leads, twins = (tables.table(after.function(f"held.{name}")) for name in ("leads", "twin"))
    for place in range(PAGES):
        if leads[place] and values[start + place] == 1:
            values[start + place] = 0
            twin = twins[place]
            if twin is not None:
                values[start + twin] = 1 - int(values[start + twin] or 0)
    return tuple(values)


def assert_same(before: System, after: System) -> None:
    """The states and the steps between them, up to exchanges, and what they violate."""
    states, edges, failures = explore(before, MOST)
    fewer, steps, others = explore(after, MOST)
    change = {state: exchanged(after, state) for state in states}
    assert set(change.values()) == set(fewer)
    assert {(change[s], action.name, change[t]) for s, action, _, t in edges} == {
        (s, a.name, t) for s, a, _, t in steps
    }
    assert _broken(before, states, failures) == _broken(after, fewer, others)


def _broken(model: System, states: Iterable[State], failures: Iterable[tuple[State, Failure]]) -> set[str]:
    interpreter = Interpreter(model)
    found = {f.property if isinstance(f, AssertionFailed) else "single_write" for _, f in failures}
    found.update(n for n, formula in CLAIMS.items() if not all(interpreter.holds(formula, s) for s in states))
    return found


@pytest.mark.slow
@given(
    st.lists(st.sampled_from(list(SAFE)), min_size=2, max_size=5, unique=True),
    st.lists(st.sampled_from(list(UNSAFE)), max_size=1),
    st.sampled_from([(0, 0, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0), (0, 0, 1, 1)]),
)
@settings(max_examples=40, deadline=None)
def test_random_systems(safe: list[str], unsafe: list[str], held: tuple[int, ...]) -> None:
    """Whatever is done with values: if the system is made simpler, its states are those that it had."""
    before = system(*((SAFE | UNSAFE)[name] for name in (*safe, *unsafe)), held=held)
    after = made_simple(before)
    assume(after != before)
    try:
        assert_same(before, after)
    except TooMany:
        assume(False)


def leading(before: System, *claims: str) -> tuple[Value, ...]:
    """Which pages lead, if only these claims are asked about."""
    after = simple(before, frozenset(claims))
    return Interpreter(after).table(after.function("held.leads"))


def test_a_page_whose_values_go_elsewhere_is_left_alone() -> None:
    """Others are not: what they hold does not matter, if nothing asks for it."""
    remember = step("remember", (), TRUE, put(NOTE, value=read(HELD, FIRST_PAGE)))
    assert leading(system(SAFE["change"], remember)) == (False, True, True, True)


def test_a_claim_makes_twins_of_what_it_compares() -> None:
    before = system(SAFE["change"])
    assert leading(before) == (True, True, True, True)
    assert leading(before, "some_alike") == (True, True, False, False)


def test_twins_halve_what_there_is_to_see() -> None:
    """Four pages in two pairs, and four times fewer states."""
    before = system(*(SAFE[name] for name in ("change", "copy", "back", "same")))
    after = made_simple(before)
    assert len(explore(before, MOST)[0]) == 4 * len(explore(after, MOST)[0])
    assert_same(before, after)


@pytest.mark.parametrize("name", UNSAFE)
def test_values_that_are_told_apart_or_tied_to_more_are_left_alone(name: str) -> None:
    before = system(*SAFE.values(), UNSAFE[name])
    assert made_simple(before) == before


def test_a_claim_about_values_before_and_after_a_step_leaves_them_alone() -> None:
    """An exchange takes place within one state."""
    here = Implies(POINTS, Equal(read(HELD, AT), C))
    steady = Property("steady", PropertyKind.STEP, Exists(C, And((here, Next(here)))))
    before = system(*SAFE.values())
    told = replace(before, properties=(*before.properties, steady))
    assert made_simple(told) == told
    assert simple(told, frozenset(CLAIMS)) != told


@pytest.mark.parametrize("members", [1, 3])
def test_only_two_values_are_exchanged(members: int) -> None:
    text = f"""
    sort Page size 2
    sort Data size {members}
    state held(Page): Data = data0
    action write(p: Page) {{ choose c: Data;  held(p) := c }}
    always fine: true
    """
    made = family(text)
    system = made.at(made.here)
    assert system is not None
    assert simple(system, frozenset({"fine"})) == system


def test_values_that_index_something_are_left_alone() -> None:
    marked = everywhere("marked", (DATA,), BOOL, False)
    before = system(*SAFE.values())
    indexed = replace(before, functions=(*before.functions, marked))
    assert made_simple(before) != before
    assert made_simple(indexed) == indexed


def test_what_one_of_two_twins_holds_in_the_beginning_must_be_the_first_value() -> None:
    assert made_simple(system(*SAFE.values(), held=(0, 0, 1, 1))) != system(*SAFE.values(), held=(0, 0, 1, 1))
    unlike = system(*SAFE.values(), held=(0, 1, 0, 0))
    assert made_simple(unlike) == unlike


@pytest.mark.parametrize("variant", [None, "no_second_copy", "no_sync", "no_invalidate", "released"])
def test_the_protocol_that_copies(variant: str | None) -> None:
    """The same claims hold and are violated, with fewer states."""
    spec = open_specification("specs/ownership_copy.flip")
    assert isinstance(spec, Specification)
    made = spec.family(variant)
    before = made.at(made.here)
    assert before is not None
    names = [
        claim.name
        for claim in before.properties
        if claim.kind in (PropertyKind.ALWAYS, PropertyKind.ASSERTION, PropertyKind.CONFLICT)
    ]
    after = simplified(made, names).at(made.here)
    assert after is not None
    reports = [check(model, [c for c in model.properties if c.name in names]) for model in (before, after)]
    outcomes = [{v.property: v.outcome for v in report.verdicts} for report in reports]
    assert outcomes[0] == outcomes[1]
    assert Outcome.UNDETERMINED not in outcomes[0].values()
    if variant is None:  # otherwise a search may end before it has seen everything
        assert reports[1].states < reports[0].states
