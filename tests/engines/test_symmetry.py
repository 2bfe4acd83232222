"""What is interchangeable, and that searching representatives only changes no answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import everywhere, mcs_lock, peterson, put, reachable, read, scalarset, step, system, window
from tests.engines.oracles import TooMany, explore, replay
from tests.strategies import states_of, systems
from verifier.engines.explicit import check
from verifier.engines.explicit.canonical import Canonicaliser
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packing
from verifier.engines.native import automatic
from verifier.engines.verdict import Outcome
from verifier.system.expressions import TRUE, And, Constant, Equal, Exists, Expression, ForAll, Not, Number, Variable
from verifier.system.interpreter import Interpreter
from verifier.system.layout import Layout, State
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import Anything, Assertion, Function, Property, PropertyKind, System, Table, Update
from verifier.system.types import BOOL, IntType, OptionalType, Sort, SortType, Type, Value, size_of

Move = dict[tuple[str, int], int]


def moves(symmetry: Symmetry) -> list[Move]:
    """Every permutation of the group, as a map of members to indices."""
    choices = []
    for orbit in symmetry.orbits:
        images = []
        for order in permutations(range(len(orbit))):
            image: Move = {}
            for old, new in zip(orbit, (orbit[i] for i in order), strict=True):
                image.update({member: target for member, (_, target) in zip(old, new, strict=True)})
            images.append(image)
        choices.append(images)
    return [{k: v for part in parts for k, v in part.items()} for parts in product(*choices)]


def moved(kind: Type, value: Value, move: Move) -> Value:
    base = kind.base if isinstance(kind, OptionalType) else kind
    if isinstance(base, SortType) and value is not None:
        return move.get((base.sort.name, value), value)
    return value


def image(system: System, state: State, move: Move) -> State:
    """The state with its members renamed, one cell at a time."""
    layout = Layout(system)
    result = list(state)
    for cell, value in zip(layout.cells, state, strict=True):
        kinds = system.function(cell.function).parameters
        point = [moved(kind, part, move) for kind, part in zip(kinds, cell.point, strict=True)]
        result[layout.place(cell.function, point)] = moved(cell.type, value, move)
    return tuple(result)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_inferred_permutations_are_automorphisms(data: st.DataObject) -> None:
    """Renaming members keeps the set of initial states, the transitions and the truth of every claim."""
    system = data.draw(systems())
    symmetry = infer(Interpreter(system), system.properties)
    assume(symmetry.orbits)
    interpreter = Interpreter(system)
    initial = set(interpreter.initial_states())
    state = data.draw(states_of(system))
    following = data.draw(states_of(system))
    for move in moves(symmetry)[:12]:
        assert {image(system, start, move) for start in initial} == initial
        renamed = image(system, state, move)
        successors = [
            {interpreter.perform(action, arguments, s).state for action, arguments in interpreter.enabled(s)} - {None}
            for s in (state, renamed)
        ]
        assert {image(system, s, move) for s in successors[0] if s is not None} == successors[1]
        for claim in system.properties:
            after = image(system, following, move)
            assert interpreter.evaluate(claim.formula, state, {}, following) == interpreter.evaluate(
                claim.formula, renamed, {}, after
            )


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_canonical_form_is_one_state_of_each_orbit(data: st.DataObject) -> None:
    """All states of an orbit have the same canonical form, and it is one of them."""
    system = data.draw(systems())
    symmetry = infer(Interpreter(system), system.properties)
    assume(symmetry.orbits)
    layout = Layout(system)
    packing = Packing(layout)
    canonical = Canonicaliser(system, layout, packing, symmetry)
    state = data.draw(states_of(system))
    orbit = {image(system, state, move) for move in moves(symmetry)}
    (form,) = {canonical(packing.pack(member)) for member in orbit}
    assert packing.unpack(form) in orbit


@pytest.mark.parametrize(
    ("size", "arity", "forms"), [(2, 1, 3), (3, 1, 7), (4, 1, 19), (5, 1, 47), (2, 2, 10), (3, 2, 104)]
)
def test_canonical_forms_count_unlabelled_structures(size: int, arity: int, forms: int) -> None:
    """Maps of n unlabelled points to themselves (A001372) and relations on them (A000595), however regular."""
    kind = scalarset("P", size)
    result: Type = kind if arity == 1 else BOOL
    model = system("structures", (Function("f", (kind,) * arity, result, Anything()),), ())
    program = Program(model)
    canonical = Canonicaliser(model, program.interpreter.layout, program.packing, infer(Interpreter(model), ()))
    assert len({canonical(state) for state in program.initial_states()}) == forms


@given(systems())
@settings(max_examples=100, deadline=None)
def test_reduction_changes_no_verdict_and_counts_orbits(system: System) -> None:
    """With symmetry: the same outcomes, shortest behaviours of the same length, and one state for each orbit."""
    try:
        states, _, _ = explore(system, 400)
    except TooMany:
        assume(False)
    plain = check(system, system.properties, symmetry=False)
    reduced = check(system, system.properties)
    for left, right in zip(plain.verdicts, reduced.verdicts, strict=True):
        assert left.outcome == right.outcome
        assert (left.behaviour is None) == (right.behaviour is None)
        if left.behaviour is not None and right.behaviour is not None:
            assert len(left.behaviour.steps) == len(right.behaviour.steps)
    assert plain.states == len(states)
    group = moves(infer(Interpreter(system), system.properties))
    assert reduced.states == len({min(map(str, (image(system, s, m) for m in group))) for s in states})
    assert reduced.depth == plain.depth
    assert {(f.kind, f.message) for f in plain.findings} == {(f.kind, f.message) for f in reduced.findings}


@pytest.mark.parametrize(
    ("make", "size", "states", "orbits"),
    [
        (peterson, 3, 882, 172),
        (mcs_lock, 2, 159, 81),
        (mcs_lock, 3, 7597, 1285),
        pytest.param(peterson, 5, 628_868, 6_770, marks=pytest.mark.slow),
        pytest.param(mcs_lock, 4, 554_221, 23_636, marks=pytest.mark.slow),
    ],
)
def test_counts_are_those_of_cmurphi(make: Callable[[int], System], size: int, states: int, orbits: int) -> None:
    """The published numbers of states, without and with exact symmetry reduction."""
    model = make(size)
    assert check(model, model.properties, symmetry=False).states == states
    assert check(model, model.properties).states == orbits


def test_addresses_and_pages_move_in_lockstep() -> None:
    """A constant bijection ties an address to its page; named pages and their addresses stay, others form orbits."""
    model = window(4, others=2)
    symmetry = infer(Interpreter(model), model.properties)
    assert symmetry.orbits == (
        ((("Page", 4),), (("Page", 5),)),
        tuple((("Address", i), ("Page", i)) for i in (1, 2, 3)),
    )
    assert symmetry.describe(model) == (
        "2 interchangeable Page: page4, page5; "
        "3 interchangeable Address with Page: address1/page1, address2/page2, address3/page3"
    )


def test_lockstep_reduces_without_changing_answers() -> None:
    """The hand-over has the same verdicts on representatives, with names that are real in the behaviours."""
    model = window(4)
    plain = check(model, model.properties, symmetry=False)
    reduced = check(model, model.properties)
    assert [v.outcome for v in plain.verdicts] == [v.outcome for v in reduced.verdicts]
    assert reduced.states < plain.states / 3
    assert reduced.verdicts[1].behaviour == plain.verdicts[1].behaviour


@pytest.mark.parametrize("make", [peterson, pytest.param(mcs_lock, marks=pytest.mark.slow)])
def test_behaviours_on_representatives_are_real(make: Callable[[int], System]) -> None:
    """A behaviour found through representatives is one of the system itself, as short as without them."""
    model = make(3)
    at, label = model.functions[0], model.functions[0].result
    i, k = Variable("i", at.parameters[0]), Variable("k", at.parameters[0])
    for first, second in product(range(size_of(label)), repeat=2):
        here = Equal(read(at, i), Constant(first, label))
        there = Equal(read(at, k), Constant(second, label))
        claim = reachable("both", Exists(i, Exists(k, And((Not(Equal(i, k)), here, there)))))
        (reduced,) = check(model, (claim,)).verdicts
        (plain,) = check(model, (claim,), symmetry=False).verdicts
        assert reduced.outcome == plain.outcome
        if reduced.behaviour is not None and plain.behaviour is not None:
            assert len(reduced.behaviour.steps) == len(plain.behaviour.steps)
            assert Interpreter(model).holds(claim.formula, replay(model, reduced.behaviour)[0][-1])


def test_what_final_and_assertions_name_does_not_move() -> None:
    """`final` and the assertions of actions fix the members that they name."""
    model = peterson(4)
    first = Equal(read(model.functions[0], _pid(model, 0)), _label(model))
    second = Equal(read(model.functions[0], _pid(model, 1)), _label(model))
    asserting = replace(model.actions[0], assertions=(Assertion("claim", second),))
    changed = replace(model, final=first, actions=(asserting, *model.actions[1:]))
    assert infer(Interpreter(changed), ()).orbits == (((("Pid", 2),), (("Pid", 3),)),)


def test_two_members_tied_both_ways() -> None:
    """With two addresses and two pages the tie leaves one exchange, of both at once."""
    model = window(3)
    assert infer(Interpreter(model), ()).orbits == (tuple((("Address", i), ("Page", i)) for i in (1, 2)),)


@pytest.mark.parametrize("many", [automatic.MANY, 0])
@pytest.mark.parametrize("symmetry", [True, False])
def test_members_that_are_alike_write_in_no_order(symmetry: bool, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two levels is too high, whichever it is: both are written at once, to one cell. By closures or not."""
    monkeypatch.setattr(automatic, "MANY", many)
    ant, number = scalarset("Ant", 2), IntType(0, 3)
    a, b = Variable("a", ant), Variable("b", ant)
    level, shown = everywhere("level", (ant,), number, 0), everywhere("shown", (), IntType(0, 1), 0)
    untouched = ForAll(b, Equal(read(level, b), Constant(0, number)))
    model = system(
        "ants",
        (level, shown),
        (
            step("lift", (a,), untouched, put(level, a, value=Constant(3, number))),
            step("show", (), TRUE, Update("shown", (), read(level, b), (b,))),
        ),
        Property("in_range", PropertyKind.RANGE),
        Property("single_write", PropertyKind.CONFLICT),
    )
    verdicts = check(model, model.properties, symmetry=symmetry).verdicts
    assert [verdict.outcome for verdict in verdicts] == [Outcome.VIOLATED] * 2


def test_a_cycle_is_not_symmetric() -> None:
    """A constant successor function on a sort rules exchanges out."""
    kind = scalarset("P", 3)
    after = Function("after", (kind,), kind, Table((1, 2, 0)), constant=True)
    flag = everywhere("flag", (kind,), BOOL, False)
    p = Variable("p", kind)
    model = system("cycle", (after, flag), (step("set", (p,), TRUE, put(flag, read(after, p), value=TRUE)),))
    assert infer(Interpreter(model), ()).orbits == ()


def test_numbers_and_enumerations_are_not_symmetric() -> None:
    """`Number` of a sort, or a sort declared as an enumeration, rules it out."""
    kind = scalarset("P", 3)
    named = SortType(Sort("E", ("one", "two"), interchangeable=False))
    flag = everywhere("flag", (kind,), BOOL, False)
    mark = everywhere("mark", (named,), BOOL, False)
    p, q = Variable("p", kind), Variable("q", kind)
    same = Equal(Number(p, IntType(0, 2)), Number(q, IntType(0, 2)))
    model = system("numbered", (flag, mark), (step("set", (p, q), same, put(flag, p, value=TRUE)),))
    assert infer(Interpreter(model), ()).orbits == ()


def test_what_a_claim_names_does_not_move() -> None:
    """A property that names a member fixes that member, and only for the searches that it takes part in."""
    model = peterson(4)
    named = Property("first", PropertyKind.ALWAYS, Equal(read(model.functions[0], _pid(model, 0)), _label(model)))
    assert len(infer(Interpreter(model), ()).orbits[0]) == 4
    assert infer(Interpreter(model), (named,)).orbits == (tuple((("Pid", i),) for i in (1, 2, 3)),)


def _pid(model: System, index: int) -> Expression:
    return Constant(index, model.functions[0].parameters[0])


def _label(model: System) -> Expression:
    return Constant(0, model.functions[0].result)


def test_program_and_symmetry_agree_on_packing() -> None:
    """A canonicaliser works on the packed states of the same system's program."""
    model = peterson(3)
    program = Program(model)
    canonical = Canonicaliser(model, program.interpreter.layout, program.packing, infer(Interpreter(model), ()))
    (initial,) = program.initial_states()
    assert canonical(initial) == initial
