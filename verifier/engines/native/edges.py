"""Every transition between the states that a search has found, with the unit of fairness that it takes.

Each state is expanded once more, and the states that its transitions lead to are looked up, many at a time, so that
what is needed of them can be fetched together.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Callable
from math import prod

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.liveness.graph import Rows
from verifier.engines.explicit.liveness.routines import NO_UNIT, NONE
from verifier.engines.explicit.liveness.runner import Room
from verifier.engines.explicit.liveness.units import Units
from verifier.engines.native.arrays import Halves, Placed, Words
from verifier.engines.native.bits import Bits
from verifier.engines.native.canonical import Canonical
from verifier.engines.native.context import Context, Slot, function
from verifier.engines.native.formulas import Formulas
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.model import Model
from verifier.engines.native.routine import Compiled, Writer
from verifier.engines.native.storage import State
from verifier.engines.native.store import Store
from verifier.engines.native.successors import Successors
from verifier.engines.native.table import Places, places_for
from verifier.engines.native.terms import FULL, HALF, POINTER, Scope, Value, at, local, loop, number, wide
from verifier.engines.watch import Watch
from verifier.system.symmetry import NO_SYMMETRY, Symmetry
from verifier.system.system import Action
from verifier.system.types import size_of

ASIDE = 1 << 14
"""How many transitions are put aside before the states that they lead to are looked up."""

TOGETHER = 256
"""How many of those states are fetched at a time; a power of two."""

CHUNK = 1 << 18
"""The most states that are expanded between two looks at the budget."""


class Edges:
    """Writes and calls the code that finds every transition between states of so many words.

    `more` is the address of what the expansions need besides. Raises NativeUnavailable.
    """

    more = 0

    def __init__(self, program: Program, units: Units, words: int) -> None:
        self.program = program
        self.units = units
        self._words = words
        module = ir.Module("edges")
        self._most = sum(prod(size_of(p.type) for p in action.parameters) for action in program.system.actions)
        self._places = Places(module, words, indexed=True)
        self._places.rehash()
        self._write_expand(module, self.expansions(module))
        self._write_look_up(module)
        Writer(module).write(collect)
        self._code = MachineCode(module)

    def expansions(self, module: Value) -> list[Value]:
        """Functions expand(context, state, out, taken) that put successors at `out` and their units beside; how many.

        Together they make all transitions of a state, or one for each that is an image of others.
        """
        raise NotImplementedError

    def collected(self, store: Store, watch: Watch) -> Rows:
        """The transitions between the states of a complete search. Raises Stopped."""
        count, transitions = store.get(Slot.FOUND), store.get(Slot.TRANSITIONS)
        store.drop_table()
        room = Room(watch)
        first = room.zeros(64, count + 1)
        targets, units = room.zeros(32, transitions), room.zeros(32, transitions)
        places = places_for(count)
        table = room.zeros(64, places)
        aside = ASIDE + self._most
        out, hashes = room.zeros(64, self._words * aside), room.zeros(64, aside)
        found, taken = room.zeros(32, aside), room.zeros(32, aside)
        ends = room.zeros(64, CHUNK)
        context = (ctypes.c_int64 * len(Slot))()
        context[Slot.STATES], context[Slot.FOUND] = store.get(Slot.STATES), count
        context[Slot.OUT] = out.address
        context[Slot.TABLE], context[Slot.PLACES], context[Slot.HASHES] = table.address, places, hashes.address
        context[Slot.MORE] = self.more
        self._code.function("rehash", None)(ctypes.addressof(context))
        expand, look_up = self._function("expand", 3), self._function("look_up", 2)
        keep = Compiled(self._code, collect)
        start = kept = 0
        while start < count:
            watch.look("liveness", count, transitions, store.get(Slot.DEPTH), count - start)
            stop = min(count, start + CHUNK)
            context[Slot.TAKEN], context[Slot.PAUSE] = start, stop
            after = expand(ctypes.addressof(context), taken.address, ends.address)
            context[Slot.PENDING] = ends.view[after - start - 1]
            look_up(ctypes.addressof(context), found.address)
            kept = keep(found, taken, ends, start, after, first, targets, units, kept)
            assert kept != NONE, "a transition leads to a state that was not found"
            start = after
        parents = Placed(store.get(Slot.PARENTS), store.all_parents())
        return Rows(count, parents, first, targets, units)

    def _function(self, name: str, addresses: int) -> Callable[..., int]:
        kinds = (ctypes.c_void_p,) * addresses
        made = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(self._code.address(name))
        return lambda *given: int(made(*given))

    def _write_expand(self, module: Value, expansions: list[Value]) -> None:
        """expand(context, taken, ends): expands states from TAKEN up to PAUSE, but no more once ASIDE are put aside.

        Puts successors and their units in a row, and behind each state how many there are then. Returns the number of
        the next state.
        """
        made, builder = function(module, "expand", FULL, POINTER, POINTER, POINTER)
        base, taken, ends = made.args
        context = Context(builder, base)
        states, out = context.address(Slot.STATES), context.address(Slot.OUT)
        start, stop = context.get(Slot.TAKEN), context.get(Slot.PAUSE)
        total = local(builder, FULL, number(0))
        with loop(builder, start, stop) as (index, _):
            with builder.if_then(builder.icmp_signed(">=", builder.load(total, typ=FULL), number(ASIDE))):
                builder.ret(index)
            state = self._places.state(builder, states, index)
            for expansion in expansions:
                so_far = builder.load(total, typ=FULL)
                row = self._places.state(builder, out, so_far)
                more = builder.call(expansion, [base, state, row, at(builder, taken, so_far, HALF)])
                builder.store(builder.add(so_far, more), total)
            builder.store(builder.load(total, typ=FULL), at(builder, ends, builder.sub(index, start)))
        builder.ret(stop)

    def _write_look_up(self, module: Value) -> None:
        """look_up(context, found): the number of every state put aside, or NONE if there is no such state.

        Some are fetched together: first their places in the table, then the states that these refer to.
        """
        made, builder = function(module, "look_up", FULL, POINTER, POINTER)
        base, found = made.args
        context, places = Context(builder, base), self._places
        shelf, states = places.shelf(builder, context), context.address(Slot.STATES)
        out, hashes, pending = context.address(Slot.OUT), context.address(Slot.HASHES), context.get(Slot.PENDING)
        blocks = builder.lshr(builder.add(pending, number(TOGETHER - 1)), number(TOGETHER.bit_length() - 1))
        with loop(builder, number(0), blocks) as (block, _):
            start = builder.mul(block, number(TOGETHER))
            end = builder.add(start, number(TOGETHER))
            stop = builder.select(builder.icmp_signed("<", end, pending), end, pending)
            with loop(builder, start, stop) as (index, _):
                hashed = places.hash(builder, places.state(builder, out, index))
                builder.store(hashed, at(builder, hashes, index))
                places.fetch(builder, places.home(builder, shelf, hashed))
            with loop(builder, start, stop) as (index, _):
                hashed = builder.load(at(builder, hashes, index), typ=FULL)
                likely = self._indexed(builder, builder.load(places.home(builder, shelf, hashed), typ=FULL))
                places.fetch(builder, places.state(builder, states, likely))
            with loop(builder, start, stop) as (index, _):
                state = places.state(builder, out, index)
                hashed = builder.load(at(builder, hashes, index), typ=FULL)
                place, free = places.probe(builder, shelf, hashed, places.same(builder, states, state, hashed))
                content = builder.load(place, typ=FULL)
                answer = builder.select(free, number(NONE), self._indexed(builder, content))
                builder.store(builder.trunc(answer, HALF), at(builder, found, index, HALF))
        builder.ret(number(0))

    @staticmethod
    def _indexed(builder: Value, content: Value) -> Value:
        """The number of the state that a place of an indexed table refers to."""
        return builder.sub(builder.and_(content, number(NONE)), number(1))


class PlainEdges(Edges):
    """The same for states as they are; under a symmetry, for canonical ones."""

    def __init__(self, program: Program, units: Units, symmetry: Symmetry = NO_SYMMETRY) -> None:
        self._bits = Bits(program.interpreter.layout)
        self._symmetry = symmetry
        self._canonical: Canonical | None = None
        super().__init__(program, units, self._bits.words)

    def expansions(self, module: Value) -> list[Value]:
        model = Model(self.program.interpreter, module)
        if self._symmetry.orbits:
            self._canonical = Canonical(module, self.program, self._symmetry, model.bits)
        return [self._expansion(module, model, i, a) for i, a in enumerate(self.program.system.actions)]

    def _expansion(self, module: Value, model: Model, index: int, action: Action) -> Value:
        made, builder = function(module, f"expand{index}", FULL, POINTER, POINTER, POINTER, POINTER)
        _, state, out, taken = made.args
        formulas = Formulas(model, builder, State(builder, state, model.bits.words))
        successors = Labelled(formulas, out, taken, self.units)
        successors.action(action)
        count = builder.load(successors.count, typ=FULL)
        if self._canonical is not None:
            self._canonical.replace(builder, out, count)  # not too much work: the search has done it
        builder.ret(count)
        return made


class Labelled(Successors):
    """Writes the unit of every transition at `taken` beside its successor at `out`."""

    def __init__(self, formulas: Formulas, out: Value, taken: Value, units: Units) -> None:
        super().__init__(formulas, out, lambda code: None, defaultdict(int))
        self._units_at = taken
        self._units = units

    def _instance(self, action: Action, scope: Scope) -> None:
        # If there is no successor, the next one has its unit written to the same place.
        place = at(self.builder, self._units_at, self.builder.load(self.count, typ=FULL), HALF)
        self.builder.store(self.builder.trunc(unit_code(self.builder, self._units, action, scope), HALF), place)
        super()._instance(action, scope)


def unit_code(builder: Value, units: Units, action: Action, scope: Scope) -> Value:
    """Code for `Units.number` of an action whose parameters are in scope."""
    family = units.family(action)
    if family is None:
        return number(NO_UNIT)
    index = number(0)
    for parameter, low, size in zip(action.parameters, family.lows, family.sizes, strict=False):
        value = builder.sub(wide(builder, scope[parameter.name]), number(low))
        index = builder.add(builder.mul(index, number(size)), value)
    return builder.add(index, number(family.first))


def collect(
    found: Halves,
    taken: Halves,
    ends: Words,
    start: int,
    stop: int,
    first: Words,
    targets: Halves,
    units: Halves,
    kept: int,
) -> int:
    """Appends the transitions put aside for the states from `start` up to `stop` to the `kept` ones; how many then.

    Transitions that take no unit and lead back to the same state are left out. Returns NONE if one leads nowhere.
    """
    begin = 0
    for state in range(start, stop):
        end = ends[state - start]
        for index in range(begin, end):
            if found[index] == NONE:
                return NONE
            if taken[index] != NO_UNIT or found[index] != state:
                targets[kept] = found[index]
                units[kept] = taken[index]
                kept += 1
        begin = end
        first[state + 1] = kept
    return kept
