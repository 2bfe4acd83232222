"""Words that are no state are found out, wherever in the word they are wrong, by Python and by machine code alike."""

from __future__ import annotations

from array import array

import pytest

from tests.engines.builders import everywhere, put, step, system, two_phase_commit
from tests.native.test_search import one_by_one
from verifier.engines.explicit.compiler import Program
from verifier.engines.native.context import NONE
from verifier.engines.native.legality import first_illegal, illegal_state, shape
from verifier.engines.native.search import NativeSearch
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.system.expressions import TRUE, Constant
from verifier.system.system import System
from verifier.system.types import IntType, size_of


def searched(model: System) -> NativeSearch:
    search = NativeSearch(Program(model), (), Watch(Budget()))
    search.run(whole=True)
    return search


def odd() -> System:
    """Cells of 1, 3, 5 and 2^62 values: bits that say too much, and bits of no cell at all."""
    sizes = (1, 3, 5, 2**62)
    cells = [everywhere(f"c{size}", (), IntType(0, size - 1), 0) for size in sizes]
    steps = [
        step(f"to{value}", (), TRUE, put(cell, value=Constant(value, IntType(value, value))))
        for cell, size in zip(cells, sizes, strict=True)
        for value in {size - 1, size // 2}
    ]
    return system("odd", tuple(cells), tuple(steps))


@pytest.mark.parametrize("model", [two_phase_commit(4), one_by_one(40), odd()], ids=lambda model: model.name)
def test_every_state_that_is_found_is_legal(model: System) -> None:
    """And so is every parent."""
    search = searched(model)
    assert illegal_state(search._store, search._program.interpreter.layout) is None


@pytest.mark.parametrize("model", [two_phase_commit(4), one_by_one(40), odd()], ids=lambda model: model.name)
def test_every_bit_that_can_be_wrong_is_looked_at(model: System) -> None:
    """A state is legal exactly if unpacking it and packing it again gives the same words, all values in range."""
    search = searched(model)
    store, layout = search._store, search._program.interpreter.layout
    bits = store.bits
    sizes = [size_of(cell.type) for cell in layout.cells]
    words = store.arrays["states"].content(1, 2).cast("Q")
    for bit in range(64 * bits.words):
        words[bit // 64] ^= 1 << bit % 64
        positions = bits.unpack(list(words))
        right = bits.pack(positions) == list(words) and all(p < n for p, n in zip(positions, sizes, strict=True))
        assert (illegal_state(store, layout) is None) == right, bit
        words[bit // 64] ^= 1 << bit % 64


def test_a_parent_comes_first() -> None:
    """A state that says it was reached from itself, or from a later one, is refused."""
    search = searched(two_phase_commit(3))
    parents = search._store.arrays["parents"].content(0, 288).cast("I")
    for wrong in (100, 101, 0xFFFFFFFE):
        parents[100] = wrong
        assert illegal_state(search._store, search._program.interpreter.layout) == 100
    parents[100] = NONE
    assert illegal_state(search._store, search._program.interpreter.layout) is None


def test_python_and_machine_code_agree() -> None:
    """The routine as it stands, on arrays."""
    search = searched(odd())
    unused, cells = shape(search._store.bits, search._program.interpreter.layout)
    states, parents = array("Q", [0, 0, 0, 0]), array("I", [NONE, 0, 1, 2])
    count = len(cells) // 4
    assert (count, search._store.bits.words) == (2, 2)
    assert first_illegal(states, parents, 0, 2, 2, unused, cells, count) == 2
    states[2] = 3 << cells[1]
    assert first_illegal(states, parents, 0, 2, 2, unused, cells, count) == 1
