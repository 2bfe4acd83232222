"""A state is replaced by the same image as all its images are, by the routines as Python and as machine code."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable
from math import factorial, prod
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from llvmlite import ir

from tests.engines.builders import everywhere, scalarset, system
from tests.engines.test_symmetry import Move, image, moves
from tests.native.symmetric import pointing_systems, symmetric_systems
from tests.strategies import states_of, systems
from verifier.engines.explicit.compiler import Program
from verifier.engines.native import bits, canonical, images
from verifier.engines.native.arrays import Words
from verifier.engines.native.bits import Bits
from verifier.engines.native.canonical import Canonical, shapes
from verifier.engines.native.images import SPENT, SPOTS
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.system.layout import State
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import Anything, Function, System
from verifier.system.types import BOOL, OptionalType, Type

IMAGES = 60
"""How many images of a state are looked at."""


class Images:
    """What becomes of states of a system; `spent` is how often the last one was looked at."""

    def __init__(self, model: System, symmetry: Symmetry) -> None:
        self.program = Program(model)
        self._bits = Bits(self.program.interpreter.layout)
        self._shapes = list(shapes(self.program, symmetry, self._bits))
        module = ir.Module("images")
        Canonical(module, self.program, symmetry, self._bits)
        self._code = MachineCode(module)
        self.spent = 0

    def of(self, state: State) -> State:
        """The image that machine code takes, which is the one that Python takes; the state may be any."""
        words = array("Q", self._bits.pack(list(self.program.packing.pack(state))))
        again = array("Q", words)
        self.spent = 0
        for shape in self._shapes:
            self.spent = images.canonise(shape.numbers, [0] * shape.work, words, self.spent)  # type: ignore[arg-type]
        kinds = (ctypes.c_void_p, ctypes.c_int64)
        replace = ctypes.CFUNCTYPE(ctypes.c_bool, *kinds)(self._code.address("replace"))
        assert replace(again.buffer_info()[0], 1) == (self.spent <= images.EFFORT)
        assert again == words
        return self.program.packing.unpack(self.program.packing.seal(self._bits.unpack(words)))


def refine_nothing(shape: Words, work: Words, colours: int) -> None:
    """In the place of `refine`: all orders are tried that twins leave open."""
    work[SPENT] += shape[SPOTS]


def going_on(shape: Words, work: Words, levels: int) -> int:
    """In the place of `parting`: everything is tried."""
    return levels


def no_twins(shape: Words, work: Words, one: int, other: int) -> int:
    """In the place of `twins`: blocks are tried one by one even if it makes no difference."""
    return 0


MANNERS: dict[str, list[tuple[object, str, object]]] = {
    "as it is": [],
    "small words": [(bits, "WORD", 5)],
    "nothing is told apart": [(images, "refine", refine_nothing)],
    "no twins": [(images, "twins", no_twins)],
    "all is tried": [(images, "parting", going_on), (images, "refine", refine_nothing), (images, "twins", no_twins)],
}
"""Ways to the same end, by what is taken from the algorithm."""


@pytest.mark.parametrize("manner", MANNERS)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_all_images_have_one_canonical_image(manner: str, data: st.DataObject) -> None:
    """It is one of them, whatever cells there are and whatever they hold; no two orbits can share one then."""
    model = data.draw(st.one_of(systems(), symmetric_systems(), pointing_systems()))
    program = Program(model)
    symmetry = infer(program.interpreter, model.properties)
    assume(symmetry.orbits)
    assume(prod(factorial(len(orbit)) for orbit in symmetry.orbits) <= 720)
    group = moves(symmetry)
    state = data.draw(states_of(model))
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in MANNERS[manner]:
            patch.setattr(module, name, value)
        found = Images(model, symmetry)
        chosen = Random(0).sample(group, min(len(group), IMAGES))
        (form,) = {found.of(image(model, state, move)) for move in chosen}
    assert form in {image(model, state, move) for move in group}


def structures(size: int, arity: int, result: Type) -> tuple[System, Symmetry]:
    """Everything that a function of some members can be."""
    kind = scalarset("P", size)
    model = system("structures", (Function("f", (kind,) * arity, result, Anything()),), ())
    return model, infer(Program(model).interpreter, ())


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize(("size", "arity", "forms"), [(2, 1, 3), (3, 1, 7), (4, 1, 19), (2, 2, 10), (3, 2, 104)])
def test_canonical_images_count_unlabelled_structures(
    manner: str, size: int, arity: int, forms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Maps of n unlabelled points to themselves (A001372) and relations on them (A000595), however regular."""
    for module, name, value in MANNERS[manner]:
        monkeypatch.setattr(module, name, value)
    model, symmetry = structures(size, arity, scalarset("P", size) if arity == 1 else BOOL)
    found = Images(model, symmetry)
    states = map(found.program.packing.unpack, found.program.initial_states())
    assert len({found.of(state) for state in states}) == forms


def constant(number: int) -> int:
    """In the place of `mixed`: nothing is told apart, and no choice makes a difference."""
    return 0


def coarse(number: int) -> int:
    """In the place of `mixed`: some is told apart by accident, and a choice mostly makes a difference."""
    return (number ^ number >> 16) % 7 << 20


@pytest.mark.parametrize("hash_", [constant, coarse])
def test_a_poor_hash_costs_time_only(hash_: Callable[[int], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where much has the same colour, the image is still one of the state's, if it is not the canonical one."""
    monkeypatch.setattr(images, "mixed", hash_)
    first, second = scalarset("P", 2), scalarset("Q", 3)
    functions = (
        everywhere("f", (first, second), OptionalType(first), None),
        everywhere("g", (second,), OptionalType(second), None),
    )
    model = system("two", functions, ())
    symmetry = infer(Program(model).interpreter, ())
    assert len(symmetry.orbits) == 2
    for module in (images, canonical):
        monkeypatch.setattr(module, "EFFORT", 1 << 12)
    found = Images(model, symmetry)
    draw = Random(3)
    for _ in range(100):
        state = tuple(draw.choice((None, 0, 1)) for _ in range(9))
        assert found.of(state) in {image(model, state, move) for move in moves(symmetry)}


def cycles(lengths: tuple[int, ...]) -> State:
    """Members that hold one another in circles."""
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    return tuple(ends[i] - n if j == n - 1 else ends[i] - n + j + 1 for i, n in enumerate(lengths) for j in range(n))


def test_what_is_hard_to_tell_apart_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Circles of one length can be put into very many orders: then it is an image, but not the same one for all."""
    for module in (images, canonical):
        monkeypatch.setattr(module, "EFFORT", 2_000)
    model, symmetry = structures(12, 1, scalarset("P", 12))
    found = Images(model, symmetry)
    for lengths, easy in (((1, 2, 9), True), ((2, 4, 6), False)):
        shuffled = [image(model, cycles(lengths), move) for move in some_moves(5)]
        results = list(map(found.of, shuffled))
        assert (len(set(results)) == 1) == easy
        assert {tuple(sorted(turns(result))) for result in results} == {tuple(sorted(turns(cycles(lengths))))}


def test_what_is_alike_is_tried_once() -> None:
    """Six circles of two can be put into 46,080 orders, which all lead to one image: few of them are tried."""
    model, symmetry = structures(12, 1, scalarset("P", 12))
    found = Images(model, symmetry)
    for move in some_moves(5):
        found.of(image(model, cycles((2,) * 6), move))
        assert found.spent < 20_000


@given(st.lists(st.integers(0, images.EVERY), min_size=5, max_size=5))
def test_blocks_of_two_orbits_have_no_colour_in_common(numbers: list[int]) -> None:
    """Whatever their numbers are; and no colour is the one that stands for none."""
    shape = [*[0] * images.HEADER, 0, 0, 2, 2, 2]
    colours = [images.colour_of(shape, block, number) for block, number in enumerate(numbers)]
    assert not set(colours[:2]) & set(colours[2:])
    assert all(0 < colour <= images.EVERY for colour in colours)


class Counted(list[int]):
    """Counts how often something is read from the places where cells are."""

    looks = 0

    def __getitem__(self, index: Any) -> Any:
        self.looks += images.CELLS <= index < images.CELLS + 12
        return super().__getitem__(index)


@pytest.mark.parametrize("state", [(*range(1, 12), 11), (0,) * 12, cycles((3, 3, 3, 3)), cycles((12,))])
def test_all_work_is_counted(state: State) -> None:
    """That of telling blocks apart, of finding twins and of making images; a look reads a cell twice at most."""
    model, symmetry = structures(12, 1, scalarset("P", 12))
    found = Images(model, symmetry)
    (shape,) = shapes(found.program, symmetry, Bits(found.program.interpreter.layout))
    words = array("Q", Bits(found.program.interpreter.layout).pack(state))  # type: ignore[arg-type]
    work = Counted([0] * shape.work)
    spent = images.canonise(shape.numbers, work, words, 0)  # type: ignore[arg-type]
    assert work.looks <= 2 * spent


def some_moves(count: int) -> list[Move]:
    draw = Random(1)
    return [{("P", i): j for i, j in enumerate(draw.sample(range(12), 12))} for _ in range(count)]


def turns(state: State) -> list[int]:
    """How long it takes each member to come back to itself."""
    result = []
    for start in range(len(state)):
        place, steps = state[start], 1
        while place != start:
            place, steps = state[place or 0], steps + 1
        result.append(steps)
    return result


def test_too_many_members_are_refused() -> None:
    """What is found on the way has to fit on the stack."""
    model, symmetry = structures(60, 2, BOOL)
    program = Program(model)
    with pytest.raises(NativeUnavailable, match="too many"):
        Canonical(ir.Module("images"), program, symmetry, Bits(program.interpreter.layout))
