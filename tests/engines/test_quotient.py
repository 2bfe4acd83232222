"""Keys, views and steps under a symmetry: representatives stand for everything that they leave out."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import always, everywhere, put, reachable, read, scalarset, step, system, window
from tests.engines.oracles import explore
from tests.engines.test_symmetry import image, moves
from tests.strategies import states_of, systems
from verifier.engines.explicit import check
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.quotient import Quotient
from verifier.engines.verdict import Budget, Outcome
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
    Not,
    Some,
    Variable,
)
from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice
from verifier.system.layout import State
from verifier.system.symmetry import infer
from verifier.system.system import Action, Assertion, Check, Gap, Property, PropertyKind, Scenario, System, Update
from verifier.system.types import BOOL, IntType, OptionalType


def quotient_of(model: System) -> Quotient:
    program = Program(model)
    return Quotient(program, infer(program.interpreter, model.properties))


def failure(model: System, found: object) -> tuple[PropertyKind, str]:
    match found:
        case OutOfRange():
            return PropertyKind.RANGE, ""
        case WrittenTwice():
            return PropertyKind.CONFLICT, ""
        case AssertionFailed(name, _, _):
            return PropertyKind.ASSERTION, name
    raise AssertionError(found)


def assert_steps_agree(model: System, quotient: Quotient, state: State) -> None:
    """From the state and from the one stored for it: the same keys are reached and the same kinds of failures."""
    program = Program(model)
    interpreter = program.interpreter
    outcomes = [interpreter.perform(action, arguments, state) for action, arguments in interpreter.enabled(state)]
    keys = {quotient.key(program.packing.pack(outcome.state)) for outcome in outcomes if outcome.state is not None}
    failures = {failure(model, found) for outcome in outcomes for found in outcome.failures}
    packed = program.packing.pack(state)
    expand, labelled = quotient.expand(model.actions), quotient.moves(model.actions)
    for view in (quotient.look(packed), quotient.view(quotient.key(packed))):
        out: list[object] = []
        bad: list[int] = []
        expand(view, out.append, bad.append)
        assert {quotient.after(view, change) for change in out} == keys  # type: ignore[arg-type]
        assert {program.failures[code] for code in bad} == failures
        assert [change for _, _, change in labelled(view)] == out
        for action, arguments, change in labelled(view):
            there = program.packing.unpack(view.state)  # type: ignore[arg-type]
            assert interpreter.is_enabled(action, arguments, there)
            after = program.packing.pack(interpreter.perform(action, arguments, there).state or ())
            assert quotient.stepped(view, change) == after
            assert quotient.key(after) == quotient.after(view, change)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_representative_steps_reach_everything(data: st.DataObject) -> None:
    """Up to symmetry, representatives have all successors and failures; each is a real step of the state viewed."""
    model = data.draw(systems())
    assume(infer(Interpreter(model), model.properties).orbits)
    assert_steps_agree(model, quotient_of(model), data.draw(states_of(model)))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_key_is_one_orbit(data: st.DataObject) -> None:
    """Images have the same key, and what is viewed for a key is an image."""
    model = data.draw(systems())
    assume(infer(Interpreter(model), model.properties).orbits)
    quotient = quotient_of(model)
    program = Program(model)
    state = data.draw(states_of(model))
    orbit = {image(model, state, move) for move in moves(infer(program.interpreter, model.properties))}
    (key,) = {quotient.key(program.packing.pack(member)) for member in orbit}
    assert program.packing.unpack(quotient.view(key).state) in orbit  # type: ignore[arg-type]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_formulas_are_true_of_views_where_they_are_true_of_states(data: st.DataObject) -> None:
    """Claims about states and steps have the truth value that the interpreter gives them."""
    model = data.draw(systems())
    assume(infer(Interpreter(model), model.properties).orbits)
    quotient = quotient_of(model)
    program = Program(model)
    interpreter = program.interpreter
    state = data.draw(states_of(model))
    view = quotient.view(quotient.key(program.packing.pack(state)))
    steps = quotient.moves(model.actions)(view)
    there = program.packing.unpack(view.state)  # type: ignore[arg-type]
    for claim in model.properties:
        if claim.kind is not PropertyKind.STEP:
            assert bool(quotient.predicate(claim.formula)(view)) == interpreter.holds(claim.formula, state)
            continue
        holds = quotient.relation(claim.formula)
        for _, _, change in steps:
            following = program.packing.unpack(quotient.stepped(view, change))
            assert bool(holds(view, change)) == interpreter.evaluate(claim.formula, there, {}, following)


def pairs(size: int) -> System:
    """Chips on squares; actions with two and three parameters of one sort, and formulas that count and nest."""
    square = scalarset("Square", size)
    maybe = OptionalType(square)
    colour = IntType(0, 2)
    i, j, k = (Variable(name, square) for name in "ijk")
    chip = everywhere("chip", (square,), colour, 0)
    pointer = everywhere("pointer", (), maybe, None)

    def has(variable: Variable, number: int) -> Expression:
        return Equal(read(chip, variable), Constant(number, colour))

    def give(variable: Variable, number: int) -> Update:
        return put(chip, variable, value=Constant(number, colour))

    def different(*variables: Variable) -> Expression:
        first, *rest = variables
        return And(tuple(Not(Equal(first, other)) for other in rest))

    some = Count(k, has(k, 1), IntType(0, size))
    few = Less(some, Constant(size - 1, IntType(size - 1, size - 1)))
    alone = ForAll(i, ForAll(j, Implies(And((has(i, 2), has(j, 2))), Equal(i, j))))
    inner = Exists(k, And((different(k, i, j), has(k, 1))))
    three = Exists(i, Exists(j, And((different(i, j), has(i, 1), has(j, 1), inner))))
    rival = Exists(k, And((different(k, j), has(k, 2))))
    unlike = And((different(i, j, k), different(j, k), has(i, 0), has(j, 0), has(k, 0)))
    nowhere = Constant(None, maybe)
    actions = (
        step("one", (i,), And((has(i, 0), few)), give(i, 1)),
        step("two", (i, j), And((different(i, j), has(i, 1), has(j, 1))), give(i, 2), give(j, 0)),
        step("three", (i, j, k), unlike, give(i, 1), give(j, 1), give(k, 2)),
        step("same", (i, j), And((Equal(i, j), has(i, 2))), put(pointer, value=Some(j, maybe))),
        step("point", (i,), Equal(read(pointer), Some(i, maybe)), put(pointer, value=nowhere), give(i, 0)),
        step(
            "reset",
            (i,),
            And((has(i, 1), three)),
            Update("chip", (j,), Constant(0, colour), (j,), And((has(j, 1), rival))),
        ),
    )
    claims = (
        always("alone", alone),
        reachable("three", three),
        reachable("pointed", Not(Equal(read(pointer), nowhere))),
    )
    return system("pairs", (chip, pointer), actions, *claims)


@pytest.mark.parametrize("size", [3, 4])
def test_several_parameters_of_one_orbit(size: int) -> None:
    """Equal blocks are told apart where an action, a formula or an update takes two or three of them."""
    model = pairs(size)
    quotient = quotient_of(model)
    program = Program(model)
    states = explore(model, 100_000)[0]
    group = moves(infer(program.interpreter, model.properties))
    orbits = {min(map(repr, (image(model, state, move) for move in group))): state for state in states}
    for state in orbits.values():
        assert_steps_agree(model, quotient, state)
    claims = (*model.properties, Property("stuck", PropertyKind.STUCK))
    reduced, plain = check(model, claims), check(model, claims, symmetry=False)
    assert [verdict.outcome for verdict in reduced.verdicts] == [verdict.outcome for verdict in plain.verdicts]
    assert (reduced.states, plain.states) == (len(orbits), len(states))


def test_only_representatives_are_expanded() -> None:
    """With all squares alike each action has one instance, however many parameters it has."""
    model = pairs(60)
    quotient = quotient_of(model)
    program = Program(model)
    (initial,) = program.initial_states()
    found = [(action.name, arguments) for action, arguments, _ in quotient.moves(model.actions)(quotient.look(initial))]
    assert found == [("one", (0,)), ("three", (0, 1, 2))]


def test_updates_of_all_blocks_are_not_reduced() -> None:
    """A quantifier below the binder of an update takes the binder's own value too, and every turn is made."""
    page = scalarset("Page", 6)
    p, q = Variable("p", page), Variable("q", page)
    flag = everywhere("flag", (page,), BOOL, False)
    itself = Exists(q, And((Equal(p, q), Not(read(flag, q)))))
    many = Exists(q, And((Equal(p, q), *(Not(read(flag, q)) for _ in range(100)))))
    for condition in (itself, many):
        actions = (step("all", (), TRUE, Update("flag", (p,), TRUE, (p,), condition)),)
        model = system("all", (flag,), actions, reachable("full", ForAll(p, read(flag, p))))
        assert_steps_agree(model, quotient_of(model), (False,) * 6)


def test_steps_between_states_that_can_be_counted_and_others() -> None:
    """Blocks that hold each other's members cannot be counted: such states are merged all the same."""
    page = scalarset("Page", 3)
    p, q = Variable("p", page), Variable("q", page)
    link = everywhere("link", (page,), OptionalType(page), None)
    nothing = Constant(None, OptionalType(page))
    actions = (
        step("tie", (p, q), Equal(read(link, p), nothing), put(link, p, value=Some(q, OptionalType(page)))),
        step("untie", (p,), Not(Equal(read(link, p), nothing)), put(link, p, value=nothing)),
    )
    model = system("links", (link,), actions, Property("stuck", PropertyKind.STUCK))
    quotient = quotient_of(model)
    for state in explore(model, 100)[0]:
        assert_steps_agree(model, quotient, state)
    assert check(model, model.properties).states == 16  # partial maps of three unlabelled points to themselves


def counter(size: int, claim: Expression | None = None) -> System:
    """Bits that are set one by one and cleared at once; more of them than a byte counts."""
    page = scalarset("Page", size)
    p = Variable("p", page)
    flag = everywhere("flag", (page,), BOOL, False)
    held = everywhere("held", (), OptionalType(page), None)
    full = ForAll(p, read(flag, p))
    actions = (
        step("set", (p,), Not(read(flag, p)), put(flag, p, value=TRUE), put(held, value=Some(p, OptionalType(page)))),
        step("clear", (), full, Update("flag", (p,), FALSE, (p,))),
    )
    claims = (reachable("full", full), always("bound", Not(full) if claim is None else claim))
    return system("counter", (flag, held), actions, *claims)


def test_counts_beyond_a_byte_and_traces_over_many_blocks() -> None:
    """300 interchangeable pages: as many states as there are counts, and a behaviour that names every page once."""
    model = counter(300)
    report = check(model, (*model.properties, Property("stuck", PropertyKind.STUCK)))
    assert report.states == 1 + 300 + 1
    assert report.transitions < 3 * report.states
    behaviour = report.verdicts[0].behaviour
    assert behaviour is not None
    assert sorted(arguments[0] or 0 for _, arguments in behaviour.steps) == list(range(300))


def test_work_goes_with_kinds_of_blocks() -> None:
    """The transitions taken for each state do not grow with the window."""
    rates = []
    for pages in (6, 12):
        model = window(pages)
        report = check(model, (*model.properties, Property("stuck", PropertyKind.STUCK)))
        rates.append(report.transitions / report.states)
    assert rates[1] < 1.3 * rates[0]


def test_assertions_fail_on_representatives() -> None:
    """A failure that only two equal blocks together show is found."""
    model = pairs(4)
    i, j, _ = model.actions[2].parameters
    chip = model.functions[0]
    both = Implies(Not(Equal(i, j)), Not(Equal(read(chip, i), read(chip, j))))
    asserting = Action(
        "watched", model.actions[0].kind, "actor", (i,), TRUE, (), (Assertion("differ", both, (j,)),), step="watched"
    )
    claims = (Property("differ", PropertyKind.ASSERTION),)
    watched = System(model.name, model.sorts, model.functions, (asserting,), claims)
    (verdict,) = check(watched, watched.properties).verdicts
    assert verdict.outcome is Outcome.VIOLATED


def endless(*kinds: PropertyKind) -> System:
    """A counter that no search comes to the end of, with one claim of each kind."""
    many = IntType(0, 10**9)
    place = everywhere("place", (), many, 0)
    one = Constant(1, IntType(1, 1))
    least = Constant(-1, IntType(-1, -1))
    on = put(place, value=Arithmetic("+", read(place), one, IntType(1, 10**9 + 1)))
    never = Less(read(place), least)
    scenario = Scenario((Gap(), Check(never)), possible=True)
    claims = tuple(
        Property(kind.value, kind, never if kind is not PropertyKind.ALWAYS else Not(never), scenario=scenario)
        for kind in kinds
    )
    return system("endless", (place,), (step("on", (), TRUE, on),), *claims)


def test_every_part_has_its_share_of_the_seconds() -> None:
    """Scenarios, the search and liveness all get to some states, one after the other, and none decides anything."""
    model = endless(PropertyKind.EVENTUALLY, PropertyKind.SCENARIO, PropertyKind.ALWAYS, PropertyKind.STUCK)
    report = check(model, model.properties, Budget(seconds=1.5))
    assert report.seconds >= 1.5
    assert all(verdict.outcome is Outcome.UNDETERMINED and verdict.states > 10 for verdict in report.verdicts)
    assert report.verdicts[2].reason == "its share of the budget of 1.5 seconds was used up"
    scenario, search, lively = (report.verdicts[i].seconds for i in (1, 2, 0))
    assert scenario < search < lively
    assert scenario > 0


def test_one_part_alone_has_nearly_all_seconds() -> None:
    """Without other parts the search leaves only what is kept for a look further down."""
    model = endless(PropertyKind.ALWAYS)
    (verdict,) = check(model, model.properties, Budget(seconds=0.3)).verdicts
    assert verdict.seconds >= 0.27
    assert verdict.reason.endswith("the budget of 0.3 seconds was used up")
