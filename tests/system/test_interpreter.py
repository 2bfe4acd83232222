"""The reference interpreter is the definition: its rules are stated here one by one, on hand-made systems."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import states_of, systems
from verifier.system.expressions import (
    TRUE,
    And,
    Arithmetic,
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    IsSome,
    Less,
    Next,
    Not,
    Number,
    Open,
    Or,
    Read,
    Some,
    Variable,
)
from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice
from verifier.system.system import (
    Action,
    Anything,
    Assertion,
    Formula,
    Function,
    Kind,
    System,
    Table,
    Update,
)
from verifier.system.types import BOOL, IntType, OptionalType, Sort, SortType

PAGE = Sort("Page", ("p0", "p1", "p2"), interchangeable=True)
PAGES = SortType(PAGE)
MAYBE = OptionalType(PAGES)
DIGIT = IntType(0, 2)
P, Q = Variable("p", PAGES), Variable("q", PAGES)

FLAG = Function("flag", (PAGES,), BOOL, Table((False, True, False)))
COUNTER = Function("counter", (), DIGIT, Formula((), Constant(1, DIGIT)))
HELD = Function("held", (), MAYBE, Table((None,)))
HOME = Function("home", (PAGES,), PAGES, Formula((P,), P), constant=True)


def flag(p: Expression) -> Expression:
    return Read("flag", (p,), BOOL)


counter = Read("counter", (), DIGIT)
held = Read("held", (), MAYBE)


def page(index: int) -> Constant:
    return Constant(index, PAGES)


def digit(value: int) -> Constant:
    return Constant(value, IntType(value, value))


def machine(*actions: Action, functions: tuple[Function, ...] = (FLAG, COUNTER, HELD, HOME)) -> Interpreter:
    return Interpreter(System("test", (PAGE,), functions, actions, ()))


def action(*updates: Update, guard: Expression = TRUE, **more: object) -> Action:
    settings: dict[str, object] = {"parameters": (), **more}
    return Action("act", Kind.STEP, "test", guard=guard, updates=updates, **settings)  # type: ignore[arg-type]


START = (False, True, False, 1, None)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (flag(page(1)), True),
        (Not(flag(page(1))), False),
        (And(()), True),
        (Or(()), False),
        (And((flag(page(1)), flag(page(0)))), False),
        (Or((flag(page(0)), flag(page(1)))), True),
        (Implies(flag(page(0)), flag(page(2))), True),
        (Equal(counter, digit(1)), True),
        (Less(counter, digit(1)), False),
        (Arithmetic("+", counter, digit(2), IntType(2, 4)), 3),
        (Arithmetic("-", counter, digit(2), IntType(-2, 0)), -1),
        (Arithmetic("*", counter, digit(2), IntType(0, 4)), 2),
        (If(flag(page(1)), digit(7), digit(8), IntType(7, 8)), 7),
        (IsSome(held), False),
        (Equal(held, Some(page(0), MAYBE)), False),
        (And((IsSome(held), flag(Open(held, PAGES)))), False),
        (Number(page(2), IntType(0, 2)), 2),
        (Read("home", (page(2),), PAGES), 2),
        (ForAll(P, flag(P)), False),
        (Exists(P, flag(P)), True),
        (Count(P, flag(P), IntType(0, 3)), 1),
        (ForAll(P, Exists(Q, Equal(P, Q))), True),
    ],
)
def test_an_expression_has_its_value(expression: Expression, expected: object) -> None:
    """Each node of an expression means what its docstring says."""
    assert machine().evaluate(expression, START, {}) == expected


def test_the_right_side_of_and_is_not_looked_at_when_the_left_is_false() -> None:
    """`held is p and flag(p)` is false, not an error, when nothing is held."""
    guarded = And((IsSome(held), flag(Open(held, PAGES))))

    assert machine().evaluate(guarded, START, {}) is False


def test_next_reads_the_state_after_the_step() -> None:
    """In a two-state property `next(e)` is evaluated in the following state, everything else in the first."""
    later = (*START[:3], 2, None)
    grows = Less(counter, Next(counter))

    assert machine().evaluate(grows, START, {}, later) is True


def test_initial_states_are_tables_formulas_and_every_choice_of_anything() -> None:
    """A cell that may start as anything doubles the initial states once for each of its values, in order."""
    free = Function("free", (), DIGIT, Anything())

    states = list(machine(functions=(FLAG, free, HELD)).initial_states())

    assert states == [(False, True, False, n, None) for n in (0, 1, 2)]


def test_updates_are_simultaneous() -> None:
    """Both sides of a swap read the state before the step."""
    swap = action(Update("flag", (page(0),), flag(page(1))), Update("flag", (page(1),), flag(page(0))))

    outcome = machine(swap).perform(swap, (), START)

    assert outcome.state == (True, False, False, 1, None)
    assert outcome.failures == ()


def test_an_update_with_binders_writes_every_point_its_condition_selects() -> None:
    """`all p { if flag(p) { ... } }` is one update: a row, filtered."""
    clear = action(Update("flag", (P,), Constant(False, BOOL), (P,), flag(P)))

    assert machine(clear).perform(clear, (), START).state == (False, False, False, 1, None)


def test_writing_one_cell_twice_fails_even_with_the_same_value() -> None:
    """A double write is a violation of its own kind and has no next state."""
    twice = action(Update("counter", (), digit(0)), Update("counter", (), digit(0)))

    outcome = machine(twice).perform(twice, (), START)

    assert outcome.state is None
    assert outcome.failures == (WrittenTwice("counter"),)


def test_leaving_the_declared_range_fails_and_never_wraps() -> None:
    """counter: 0 .. 2 cannot become 3."""
    add = action(Update("counter", (), Arithmetic("+", counter, digit(2), IntType(2, 4))))

    outcome = machine(add).perform(add, (), START)

    assert outcome.state is None
    assert outcome.failures == (OutOfRange("counter", 3),)


@pytest.mark.parametrize("values", [(0, 3), (3, 0)])
def test_every_write_is_held_against_the_range_whichever_comes_first(values: tuple[int, int]) -> None:
    """Updates have no order: a cell that is written twice, once out of its range, breaks both rules."""
    twice = action(*(Update("counter", (), Constant(value, IntType(0, 3))) for value in values))

    outcome = machine(twice).perform(twice, (), START)

    assert outcome.state is None
    assert set(outcome.failures) == {WrittenTwice("counter"), OutOfRange("counter", 3)}


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_updates_have_no_order(data: st.DataObject) -> None:
    """The other way round an action leads to the same state, and breaks the same rules."""
    system = data.draw(systems())
    interpreter = Interpreter(system)
    state = data.draw(states_of(system))
    for action, arguments in interpreter.enabled(state):
        there = interpreter.perform(action, arguments, state)
        back = interpreter.perform(replace(action, updates=action.updates[::-1]), arguments, state)
        assert there.state == back.state
        assert set(there.failures) == set(back.failures)


def test_a_failed_assertion_names_its_bindings_and_lets_the_step_happen() -> None:
    """Assertions are looked at in the state before, for every value of their binders."""
    check = action(
        Update("counter", (), digit(2)),
        assertions=(Assertion("all_set", flag(P), (P,)), Assertion("fine", flag(page(1)))),
    )

    outcome = machine(check).perform(check, (), START)

    assert outcome.state == (False, True, False, 2, None)
    assert outcome.failures == (
        AssertionFailed("all_set", 0, (("p", 0),)),
        AssertionFailed("all_set", 0, (("p", 2),)),
    )


def test_enabled_lists_actions_by_parameter_values_in_order() -> None:
    """An action is possible for exactly the arguments that make its guard true."""
    take = action(Update("held", (), Some(P, MAYBE)), guard=Not(flag(P)), parameters=(P,))
    engine = machine(take)

    assert [arguments for _, arguments in engine.enabled(START)] == [(0,), (2,)]
    assert engine.perform(take, (2,), START).state == (False, True, False, 1, 2)
