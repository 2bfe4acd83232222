"""The compiled form of a system means what the interpreter says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.builders import everywhere, put, read, scalarset, step, system
from tests.strategies import states_of, systems
from verifier.engines.explicit import actions, writer
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.guards import placed
from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Arithmetic,
    Constant,
    Equal,
    Expression,
    ForAll,
    IsSome,
    Not,
    Open,
    Or,
    Variable,
)
from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice
from verifier.system.layout import State
from verifier.system.system import PropertyKind, System, Update
from verifier.system.types import BOOL, IntType, OptionalType, contains

CODES = {OutOfRange: PropertyKind.RANGE, WrittenTwice: PropertyKind.CONFLICT, AssertionFailed: PropertyKind.ASSERTION}


def compiled(program: Program, state: State) -> tuple[list[object], set[PropertyKind]]:
    """Successors with labels, and what kinds of failure there were."""
    out: list[tuple[int, tuple[object, ...], object]] = []
    bad: list[int] = []
    program.expand_labelled(program.packing.pack(state), out.append, bad.append)
    plain: list[object] = []
    program.expand(program.packing.pack(state), plain.append, lambda failure: None)
    assert plain == [following for _, _, following in out]
    moves = [(program.system.actions[n].name, args, program.packing.unpack(after)) for n, args, after in out]
    return moves, {program.failures[code][0] for code in bad}


def interpreted(interpreter: Interpreter, state: State) -> tuple[list[object], set[PropertyKind]]:
    moves: list[object] = []
    kinds = set()
    for action, arguments in interpreter.enabled(state):
        outcome = interpreter.perform(action, arguments, state)
        kinds |= {CODES[type(failure)] for failure in outcome.failures}
        if outcome.state is not None:
            moves.append((action.name, arguments, outcome.state))
    return moves, kinds


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_successors_and_failures_are_the_interpreters(data: st.DataObject) -> None:
    """In any state whatever, the compiled transitions, their order and the failures are those of the interpreter."""
    system = data.draw(systems())
    program, interpreter = Program(system), Interpreter(system)
    for _ in range(4):
        state = data.draw(states_of(system))
        assert compiled(program, state) == interpreted(interpreter, state)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_loops_mean_the_same_as_unrolled_code(data: st.DataObject) -> None:
    """With unrolling forbidden and all nesting broken up, the generated code still agrees with the interpreter."""
    system = data.draw(systems())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions, "UNROLL", 0)
        patch.setattr(writer, "UNROLL", 0)
        patch.setattr(writer, "NESTING", 2)
        program, interpreter = Program(system), Interpreter(system)
        for _ in range(4):
            state = data.draw(states_of(system))
            assert compiled(program, state) == interpreted(interpreter, state)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_properties_are_the_interpreters(data: st.DataObject) -> None:
    """Formulas of one state and of two have the interpreter's truth in any states whatever."""
    system = data.draw(systems())
    program, interpreter = Program(system), Interpreter(system)
    for claim in system.properties:
        first, second = data.draw(states_of(system)), data.draw(states_of(system))
        related = program.relation(claim.formula)(program.packing.pack(first), program.packing.pack(second))
        assert bool(related) == bool(interpreter.evaluate(claim.formula, first, {}, second))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_initial_states_are_the_interpreters(data: st.DataObject) -> None:
    """The same initial states in the same order."""
    system = data.draw(systems())
    program = Program(system)
    states = [program.packing.unpack(state) for state in program.initial_states()]
    assert states == list(Interpreter(system).initial_states())


def wide_system(pages: int) -> System:
    """Every page is handed over one at a time; a counter that needs more than a byte counts them."""
    page = scalarset("Page", pages)
    p = Variable("p", page)
    done = everywhere("done", (page,), BOOL, False)
    count = everywhere("count", (), IntType(0, 1000), 0)
    more = Arithmetic("+", read(count), Constant(1, IntType(1, 1)), IntType(1, 1001))
    yes = Constant(True, BOOL)
    return system(
        "wide",
        (done, count),
        (
            step("flip", (p,), And((read(done, p),)), put(count, value=more)),
            step("all", (), ForAll(p, read(done, p)), Update("done", (p,), Constant(False, BOOL), (p,))),
            step("one", (p,), read(done, p), put(done, p, value=yes)),
        ),
    )


def test_cells_of_many_values_are_packed_in_tuples() -> None:
    """A cell of more than 256 values gives states that are tuples; they mean the same."""
    wide = wide_system(3)
    program, interpreter = Program(wide), Interpreter(wide)
    assert not program.packing.in_bytes
    for state in ((True, False, True, 1000), (True, True, True, 7), (False, False, False, 0)):
        assert compiled(program, state) == interpreted(interpreter, state)


def test_large_sorts_become_loops() -> None:
    """Code for 225 pages is no longer than for 30, and still right."""
    large = wide_system(225)
    program, interpreter = Program(large), Interpreter(large)
    state = (*(True for _ in range(225)), 41)
    assert compiled(program, state) == interpreted(interpreter, state)


@pytest.mark.parametrize("value", [None, -1, 0, 1, 2])
@pytest.mark.parametrize("cell", [IntType(-1, 2), IntType(0, 1), IntType(1, 2), IntType(-3, 0)])
def test_optional_integers_of_other_ranges(value: int | None, cell: IntType) -> None:
    """An optional integer keeps its value in a cell of another range, or is out of range; never none."""
    wide = OptionalType(IntType(-1, 2))
    source = everywhere("source", (), wide, value)
    target = everywhere("target", (), OptionalType(cell), None)
    copy = step("copy", (), TRUE, put(target, value=read(source)))
    model = system("copying", (source, target), (copy,))
    state = (value, None)
    expected = [("copy", (), (value, value))] if contains(OptionalType(cell), value) else []
    assert compiled(Program(model), state) == interpreted(Interpreter(model), state)
    assert compiled(Program(model), state)[0] == expected


def test_guards_are_tested_as_soon_as_defined() -> None:
    """A conjunct stands outside the loops that it does not need, but after the one that establishes what it opens."""
    page = scalarset("Page", 3)
    p, q = Variable("p", page), Variable("q", page)
    ready = everywhere("ready", (), BOOL, False)
    held = everywhere("held", (page,), OptionalType(page), None)
    mark = everywhere("mark", (page,), BOOL, False)
    present, marked = IsSome(read(held, q)), read(mark, Open(read(held, q), page))
    either = Or((present, read(mark, p)))
    guard = And((present, either, read(ready), marked, Equal(Open(read(held, p), page), q)))
    action = step("go", (q, p), And((*guard.operands[:2], IsSome(read(held, p)), *guard.operands[2:])))
    assert placed(action) == [
        [read(ready)],
        [present, marked],
        [either, IsSome(read(held, p)), guard.operands[4]],
    ]
    unclear = step("go", (p, q), And((either, marked)))
    assert placed(unclear) == [[], [], [either, marked]]
    late = step("go", (p, q), And((Equal(p, q), IsSome(read(held, p)), read(mark, Open(read(held, p), page)))))
    assert placed(late) == [[], [IsSome(read(held, p)), read(mark, Open(read(held, p), page))], [Equal(p, q)]]
    hidden = Not(Or((Not(IsSome(read(held, p))), Equal(p, q))))
    guarded = step("go", (p, q), And((hidden, read(mark, Open(read(held, p), page)))))
    assert placed(guarded) == [[], [], [hidden, read(mark, Open(read(held, p), page))]]


def test_a_loop_that_writes_one_place_again_is_a_conflict() -> None:
    """Also where the loop is written out as one and another update writes elsewhere in the same function."""
    page = scalarset("Page", 400)
    p = Variable("p", page)
    flag = everywhere("flag", (BOOL,), BOOL, False)
    again = Update("flag", (TRUE,), TRUE, (p,))
    model = system("again", (flag,), (step("go", (), TRUE, put(flag, FALSE, value=TRUE), again),))
    for state in ((False, False), (True, True)):
        assert (
            compiled(Program(model), state) == interpreted(Interpreter(model), state) == ([], {PropertyKind.CONFLICT})
        )


def test_deep_formulas_compile() -> None:
    """Nesting deeper than Python's parser allows is broken up."""
    small = wide_system(2)
    done = small.functions[0]
    formula: Expression = read(done, Constant(0, done.parameters[0]))
    deep = formula
    for _ in range(150):
        deep = Equal(deep, formula)
    program, interpreter = Program(small), Interpreter(small)
    for state in ((True, False, 0), (False, True, 0)):
        assert bool(program.predicate(deep)(program.packing.pack(state))) == interpreter.holds(deep, state)
