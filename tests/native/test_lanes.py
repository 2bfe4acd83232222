"""Conditions for all values of a variable at once mean what the interpreter says."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llvmlite import ir  # type: ignore[import-untyped]

from tests.engines.builders import everywhere, mcs_lock, peterson, put, read, scalarset, step, system, two_phase_commit
from tests.native.test_agreement import agree, started
from tests.strategies import Maker, states_of
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.search import KINDS, Search
from verifier.engines.native import bits, formulas, successors
from verifier.engines.native.bits import Bits
from verifier.engines.native.context import function
from verifier.engines.native.formulas import Formulas
from verifier.engines.native.lanes import Lanes
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.model import Model
from verifier.engines.native.search import NativeSearch
from verifier.engines.native.storage import State
from verifier.engines.native.terms import FULL, POINTER, Value, wide
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.system import layout
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
    Some,
    Variable,
)
from verifier.system.system import Function, Property, PropertyKind, System, Table
from verifier.system.types import BOOL, IntType, OptionalType, Sort, SortType, size_of


class Rows(Maker):
    """Draws systems whose functions are mostly over one sort or range of numbers, of any small size."""

    def __init__(self, draw: st.DrawFn, most: int) -> None:
        super().__init__(draw)
        size = self.number(1, most)
        self.rows = SortType(Sort("P", tuple(f"p{i}" for i in range(size)), interchangeable=True))
        self.numbers = IntType(low := self.number(-2, 2), low + self.number(0, most - 1))
        self.scalarsets = (self.rows, self.scalarsets[1])
        self.index_types = (*(self.rows,) * 4, *(self.numbers,) * 2, BOOL)
        self.functions = tuple(self.function(f"f{i}", constant=self.chance(15) and i > 0) for i in range(4))

    def system(self, *claims: Property) -> System:
        sorts = tuple(kind.sort for kind in self.scalarsets)
        actions = tuple(self.action(f"a{i}", ["assertion"]) for i in range(self.number(1, 3)))
        return System("rows", sorts, self.functions, actions, claims, self.formula((), (), 1))


def evaluated(model_of: System, questions: Sequence[Expression], states: Sequence[layout.State]) -> list[list[int]]:
    """What machine code makes of the formulas in each of the states; in the next state after it for `Next`."""
    program = Program(model_of)
    module = ir.Module("questions")
    model = Model(program.interpreter, module)
    for index, question in enumerate(questions):
        made, builder = function(module, f"q{index}", FULL, POINTER, POINTER)
        before, after = (State(builder, base, model.bits.words) for base in made.args)
        builder.ret(wide(builder, Formulas(model, builder, before, after).term(question, {})))
    code = MachineCode(module)
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)
    calls = [kind(code.address(f"q{index}")) for index in range(len(questions))]
    words = [
        (ctypes.c_int64 * model.bits.words)(*model.bits.pack(list(program.packing.pack(state)))) for state in states
    ]
    pairs = list(zip(words, [*words[1:], words[0]], strict=True))
    return [[call(before, after) for before, after in pairs] for call in calls]


def asked(maker: Rows) -> Expression:
    """A quantifier or count over the rows, sometimes inside of another that the body depends on."""
    v = Variable("v", maker.pick((maker.rows, maker.numbers)))
    outer = (Variable("w", maker.pick((maker.rows, maker.numbers, BOOL))),) if maker.chance(50) else ()
    body = maker.formula((v, *outer), (), 3)
    if maker.chance(15):
        body = maker.two_state(body)
    inner: Expression = maker.pick((ForAll, Exists))(v, body)
    if maker.chance(30):
        kind = IntType(0, size_of(v.type))
        inner = Equal(Count(v, body, kind), Constant(maker.number(0, kind.high), kind))
    return maker.pick((ForAll, Exists))(outer[0], inner) if outer else inner


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_quantifiers_are_those_of_the_interpreter(data: st.DataObject) -> None:
    """For sorts of any size down to one, in one word or several, with other variables known, or in loops."""
    maker = data.draw(st.composite(lambda draw: Rows(draw, 12))())
    model = maker.system()
    questions = [asked(maker) for _ in range(6)]
    states = [data.draw(states_of(model)) for _ in range(4)]
    interpreter = Program(model).interpreter
    expected = [
        [
            int(interpreter.evaluate(question, state, {}, after) or 0)
            for state, after in zip(states, [*states[1:], states[0]], strict=True)
        ]
        for question in questions
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bits, "WORD", data.draw(st.sampled_from((63, 30, 12))))
        patch.setattr(formulas, "UNROLL", data.draw(st.sampled_from((300, 0))))
        assert evaluated(model, questions, states) == expected


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_actions_are_those_of_the_other_search(data: st.DataObject) -> None:
    """Guards over a parameter, and updates of its cells: the same states in the same order."""
    maker = data.draw(st.composite(lambda draw: Rows(draw, 5))())
    claims = [
        Property("range", PropertyKind.RANGE),
        Property("conflict", PropertyKind.CONFLICT),
        Property("always", PropertyKind.ALWAYS, maker.formula((), (), 3)),
        Property("step", PropertyKind.STEP, maker.two_state(maker.formula((), (), 2))),
    ]
    model = maker.system(*claims)
    model = started(model, data.draw(states_of(model)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bits, "WORD", data.draw(st.sampled_from((63, 20, 9))))
        patch.setattr(successors, "UNROLL", data.draw(st.sampled_from((600, 0))))
        agree(model, 16)


ROW = scalarset("Row", 7)
NUMBER = IntType(3, 6)
V, W = Variable("v", ROW), Variable("w", ROW)
FLAG = everywhere("flag", (ROW,), BOOL, False)
LEVEL = everywhere("level", (ROW,), NUMBER, 4)
NEXT = everywhere("next", (ROW,), OptionalType(ROW), None)
HIGH = everywhere("high", (), NUMBER, 5)
FIRST = everywhere("first", (), ROW, 2)
LOW = everywhere("low", (ROW,), OptionalType(IntType(2, 5)), 3)
LATE = everywhere("late", (ROW,), OptionalType(NUMBER), None)
ODD = Function("odd", (ROW,), BOOL, Table(tuple(i % 2 == 1 for i in range(7))), constant=True)
MODEL = System("fits", (ROW.sort,), (FLAG, LEVEL, NEXT, HIGH, FIRST, LOW, LATE, ODD), (), ())

FIT = {
    "a flag": read(FLAG, V),
    "a number": Equal(read(LEVEL, V), Constant(5, NUMBER)),
    "never": Equal(read(LEVEL, V), Constant(9, IntType(9, 9))),
    "another number": Equal(read(LEVEL, V), read(HIGH)),
    "less": Less(read(LEVEL, V), read(HIGH)),
    "more": Less(read(HIGH), read(LEVEL, V)),
    "a sum": Less(Arithmetic("+", read(LEVEL, V), Constant(1, IntType(1, 1)), IntType(4, 7)), read(HIGH)),
    "the variable": And((Equal(V, read(FIRST)), read(FLAG, V))),
    "its number": And((Less(Number(V, IntType(0, 6)), read(LEVEL, V)), read(FLAG, V))),
    "an optional": And((IsSome(read(NEXT, V)), Equal(Open(read(NEXT, V), ROW), read(FIRST)))),
    "itself": Equal(read(NEXT, V), Some(V, OptionalType(ROW))),
    "a constant": Implies(read(ODD, V), read(FLAG, V)),
    "a choice": If(read(FLAG, V), Equal(read(LEVEL, V), read(HIGH)), Not(read(ODD, V)), BOOL),
    "another quantifier": ForAll(W, Or((Equal(V, W), Implies(read(FLAG, V), Not(read(FLAG, W)))))),
    "the next state": Implies(read(FLAG, V), Next(read(FLAG, V))),
}


UNFIT = {
    "optionals of other ranges": Equal(read(LOW, V), read(LATE, V)),
    "an optional of another range": Equal(read(LATE, V), Some(Constant(2, IntType(2, 2)), OptionalType(IntType(2, 5)))),
    "a product": Less(Arithmetic("*", read(LEVEL, V), read(LEVEL, V), IntType(9, 36)), Constant(20, IntType(20, 20))),
}


@pytest.mark.parametrize("name", [*FIT, *UNFIT])
def test_what_fits(name: str) -> None:
    """What fits is computed at once, and all of it rightly in many states."""
    body = (FIT | UNFIT)[name]
    found: list[object] = []
    quantified = Lanes.quantified

    def noted(*arguments: Value) -> Value:
        found.append(quantified(*arguments))
        return found[-1]

    questions: list[Expression] = [ForAll(V, body), Exists(V, body), Count(V, body, IntType(0, 7))]
    states = [
        tuple(
            layout.values_of(cell.type)[(seed * (place + 3) + seed // 3) % size_of(cell.type)]
            for place, cell in enumerate(layout.Layout(MODEL).cells)
        )
        for seed in range(40)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lanes, "quantified", staticmethod(noted))
        answers = evaluated(MODEL, questions, states)
    interpreter = Program(MODEL).interpreter
    pairs = zip(states, [*states[1:], states[0]], strict=True)
    assert (None in found) == (name in UNFIT)
    assert len(found) >= 3
    expected = [[int(interpreter.evaluate(q, s, {}, after) or 0) for q in questions] for s, after in pairs]
    assert [list(answer) for answer in zip(*answers, strict=True)] == expected


def test_cells_of_a_point_lie_side_by_side() -> None:
    """Functions over the same points share a pattern; if words allow it, also one that goes on in the next word."""
    fields = Bits(layout.Layout(MODEL)).fields
    assert [fields[name].stride for name in ("flag", "level", "next")] == [1 + 2 + 3 + 3 + 3] * 3
    assert [fields[name].shift for name in ("flag", "level", "next")] == [0, 1, 3]
    assert (fields["flag"].per, fields["flag"].words) == (5, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bits, "WORD", 25)
        fields = Bits(layout.Layout(MODEL)).fields
        assert (fields["level"].per, fields["level"].words) == (2, 4)


@pytest.mark.parametrize(
    ("model", "word"), [(two_phase_commit(4), 9), (mcs_lock(3), 19), (peterson(3), 14), (mcs_lock(3), 63)]
)
def test_points_in_several_words(model: System, word: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two points in a word and the third in the next one: the same states by the same ways."""
    monkeypatch.setattr(bits, "WORD", word)
    program = Program(model)
    claims = [claim for claim in model.properties if claim.kind in KINDS]
    native, plain = NativeSearch(program, claims, Watch(Budget())), Search(program, claims, Watch(Budget()))
    native.run(whole=True)
    plain.run(whole=True)
    assert list(native.states) == plain.space.states
    assert list(native.parents) == list(plain.space.parents)
    assert native.shown == plain.shown


def test_numbers_that_begin_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions over 0 to 6 and over 1 to 6 are laid out alike; the same number is not the same place in both."""
    monkeypatch.setattr(bits, "WORD", 3)
    whole, part = IntType(0, 6), IntType(1, 6)
    done, free = everywhere("done", (whole,), BOOL, False), everywhere("free", (part,), BOOL, True)
    v = Variable("v", part)
    use = step("use", (v,), read(free, v), put(free, v, value=Constant(False, BOOL)), put(done, v, value=TRUE))
    agree(system("offset", (done, free), (use,)), 16)


def test_a_name_may_mean_something_else_inside() -> None:
    """A quantifier within may use the same name for its own variable."""
    inner = Exists(V, And((read(FLAG, V), read(ODD, V))))
    question = Count(V, And((Not(read(FLAG, V)), inner)), IntType(0, 7))
    flags = [tuple(bool(pattern >> bit & 1) for bit in range(7)) for pattern in range(128)]
    states = [(*row, *(4,) * 7, *(None,) * 7, 5, 2, *(3,) * 7, *(None,) * 7) for row in flags]
    interpreter = Program(MODEL).interpreter
    expected = [[int(interpreter.evaluate(question, state, {}) or 0) for state in states]]
    assert evaluated(MODEL, [question], states) == expected
