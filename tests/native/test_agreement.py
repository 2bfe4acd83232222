"""The native search finds what the other search and the interpreter find, in the same order."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import everywhere, put, reachable, read, step, system
from tests.engines.oracles import TooMany, explore
from tests.strategies import states_of, systems
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.search import KINDS, Search
from verifier.engines.native import bits, formulas, kernel, model, storage, successors, table
from verifier.engines.native.search import NativeSearch
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.system.expressions import TRUE, Arithmetic, Constant, Equal, ForAll, Implies, IsSome, Less, Some, Variable
from verifier.system.layout import Layout, State
from verifier.system.system import Anything, Property, PropertyKind, System, Table, Update
from verifier.system.types import BOOL, IntType, OptionalType, size_of

MANNERS: dict[str, list[tuple[object, str, int]]] = {
    "as it is": [],
    "loops": [(formulas, "UNROLL", 0), (successors, "UNROLL", 0)],
    "unrolled": [(formulas, "UNROLL", 10**6), (successors, "UNROLL", 10**6)],
    "jumps": [(model, "LIGHT", 0)],
    "small words": [(bits, "WORD", 5)],
    "memory": [
        (bits, "WORD", 4),
        (storage, "KEPT", 0),
        (table, "KEPT", 0),
        (successors, "KEPT", 0),
        (successors, "IN_REGISTERS", 0),
    ],
    "loops in memory": [
        (bits, "WORD", 4),
        (storage, "KEPT", 0),
        (table, "KEPT", 0),
        (successors, "KEPT", 0),
        (successors, "IN_REGISTERS", 0),
        (formulas, "UNROLL", 0),
        (successors, "UNROLL", 0),
        (model, "LIGHT", 0),
    ],
    "one home for all": [(table, "MULTIPLIER", 1), (bits, "WORD", 4)],
    "functions for each action": [(kernel, "TOGETHER", 0), (kernel, "BATCH", 1)],
}
"""Ways of writing the same code, by the constants that choose between them."""


def started(system: System, state: State) -> System:
    """The system with one initial state."""
    layout = Layout(system)
    initial = {
        name: Table(tuple(v for v, cell in zip(state, layout.cells, strict=True) if cell.function == name))
        for name in layout.start
    }
    functions = (replace(f, initial=initial.get(f.name, f.initial)) for f in system.functions)
    return replace(system, functions=tuple(functions))


def agree(system: System, places: int) -> None:
    """Everything that the two searches find is the same, and counts are the interpreter's."""
    try:
        depths, edges, _ = explore(system, 400)
    except TooMany:
        assume(False)
    claims = [claim for claim in system.properties if claim.kind in KINDS]
    program = Program(system)
    native = NativeSearch(program, claims, Watch(Budget()), places)
    native.run(whole=True)
    plain = Search(program, claims, Watch(Budget()))
    plain.run(whole=True)
    assert list(native.states) == plain.space.states
    assert list(native.parents) == list(plain.space.parents)
    assert (native.transitions, native.depth, native.complete) == (plain.space.transitions, plain.space.depth, True)
    assert native.shown == plain.shown
    assert {program.packing.unpack(state) for state in native.states} == set(depths)
    assert (native.transitions, native.depth) == (len(edges), max(depths.values(), default=0))


@pytest.mark.parametrize("manner", MANNERS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_states_transitions_and_behaviours_are_those_of_the_other_search(manner: str, data: st.DataObject) -> None:
    """States in their order, parents, transitions, depth, and the behaviour for every property, shortest ones.

    However the code is written, from the system's own initial states and from any other, whatever room there is.
    """
    system = data.draw(systems())
    if data.draw(st.booleans()):
        system = started(system, data.draw(states_of(system)))
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in MANNERS[manner]:
            patch.setattr(module, name, value)
        agree(system, data.draw(st.sampled_from((1, 2, 64, 4096))))


@given(systems())
@settings(max_examples=40, deadline=None)
def test_a_search_that_stops_early_has_shown_the_same(system: System) -> None:
    """When only what can be shown is asked for, the search ends with the same behaviours."""
    claims = [claim for claim in system.properties if claim.kind in KINDS]
    try:
        explore(system, 400)
    except TooMany:
        assume(False)
    program = Program(system)
    plain = Search(program, claims, Watch(Budget()))
    plain.run(whole=True)
    decided = [claim for claim in claims if claim.name in plain.shown]
    native = NativeSearch(program, decided, Watch(Budget()))
    native.run(whole=False)
    assert native.shown == plain.shown


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_state_can_be_packed(data: st.DataObject) -> None:
    """Words hold a state and give it back."""
    system = data.draw(systems())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bits, "WORD", data.draw(st.sampled_from((4, 7, 63))))
        program = Program(system)
        packing = bits.Bits(program.interpreter.layout)
        for _ in range(4):
            positions = list(program.packing.pack(data.draw(states_of(system))))
            assert packing.unpack(packing.pack(positions)) == positions


def grid() -> System:
    """Columns that fill from below, addressed by integers that start neither at 0 nor at one another's ends."""
    i, j, k = Variable("i", IntType(-2, 1)), Variable("j", IntType(3, 5)), Variable("k", IntType(-2, 1))
    value = OptionalType(IntType(-3, -1))
    full = everywhere("full", (i.type, j.type), value, None)
    below = ForAll(k, Implies(Less(k, i), IsSome(read(full, k, j))))
    as_high = Arithmetic("-", i, Constant(1, IntType(1, 1)), IntType(-3, 0))
    least, lowest = (Constant(number, IntType(number, number)) for number in (-3, -2))
    return system(
        "grid",
        (full,),
        (
            step("fill", (i, j), below, put(full, i, j, value=Some(as_high, OptionalType(IntType(-3, 0))))),
            step("clear", (j,), TRUE, Update("full", (i, j), Constant(None, value), (i,))),
        ),
        Property("range", PropertyKind.RANGE),
        reachable("least", ForAll(j, Equal(read(full, lowest, j), Some(least, OptionalType(least.type))))),
    )


@pytest.mark.parametrize("manner", MANNERS)
def test_integers_as_indices(manner: str) -> None:
    """Every cell is where it belongs: filled, compared and cleared, in loops as well as unrolled."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in MANNERS[manner]:
            patch.setattr(module, name, value)
        agree(grid(), 16)


@pytest.mark.parametrize(("cells", "words"), [(1, 1), (63, 1), (64, 2), (126, 2), (127, 3)])
def test_a_word_is_never_full(cells: int, words: int) -> None:
    """One bit of every word is left, so that a word plus one is not a free place of the table."""
    flag = everywhere("flag", (IntType(1, cells),), BOOL, True)
    layout = Layout(System("flags", (), (flag,), (), ()))
    packing = bits.Bits(layout)
    assert packing.words == words
    assert all(0 <= word < 1 << 63 for word in packing.pack([1] * cells))


def anything(system: System) -> System:
    """The system with every state as an initial one."""
    functions = (f if f.constant else replace(f, initial=Anything()) for f in system.functions)
    return replace(system, functions=tuple(functions))


@given(systems())
@settings(max_examples=15, deadline=None)
def test_many_initial_states(system: System) -> None:
    """All states at once as initial ones: the same order, none twice."""
    assume(prod(size_of(cell.type) for cell in Layout(system).cells) <= 400)
    agree(anything(system), 1)
