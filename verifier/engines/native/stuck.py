"""Stuck states, found in machine code among the states of a complete search; see `explicit.stuck` for what they are.

The search has marked the *idle* states: those in which no step of the protocol is possible. They are put into a table
of their own. An idle state is *leaving* if an action of the hardware or of the environment takes it to a state that is
not idle, or to one that is leaving. This is settled in passes over the idle states, in one direction and in the other,
until nothing changes; no transition is stored. What is neither leaving nor final then is stuck.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from math import prod

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.native.arrays import Bytes, Halves, Numbers, Words
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
from verifier.engines.native.terms import BIT, BYTE, FULL, POINTER, Value, at, local, loop, number
from verifier.engines.watch import Stopped, Watch, memory_used, memory_used_up
from verifier.system.symmetry import NO_SYMMETRY, Symmetry
from verifier.system.system import Kind
from verifier.system.types import size_of

TURN = 1 << 12
"""How many idle states are looked at between two looks at the budget."""

FEW = 2_000
"""So many idle states are looked at in Python first: mostly all of them are final."""

CHUNK = 1 << 20
"""How many states are looked through for idle ones between two looks at the budget."""

MOVING = frozenset({Kind.HARDWARE, Kind.ENVIRONMENT})
"""The kinds of action that may take an idle state on: a fault is not relied upon."""


def gather(
    marks: Bytes, start: int, stop: int, states: Words, width: int, kept: Words, numbers: Halves, so_far: int
) -> int:
    """Puts the states from `start` up to but not including `stop` that have a mark after those `so_far`.

    Their numbers go into `numbers`. Returns how many there are then.
    """
    for index in range(start, stop):
        if marks[index]:
            for word in range(width):
                kept[so_far * width + word] = states[index * width + word]
            numbers[so_far] = index
            so_far += 1
    return so_far


def first_stuck(
    program: Program, store: Store, states: Sequence[Packed], watch: Watch, symmetry: Symmetry
) -> int | None:
    """The number of the first stuck state of a complete search, or None if there is none.

    Raises Stopped and NativeUnavailable.
    """
    idle = store.idle()
    if idle <= FEW:
        final = program.predicate(program.system.final)
        if all(final(states[index]) for index in store.idle_states()):
            return None
    return StuckStates(program, watch, symmetry=symmetry).first(store)


class StuckStates:
    """Looks for stuck states of one system. Raises NativeUnavailable.

    `words` are those of a stored state, if it is stored in a way of its own; `more` is the address of what code that
    knows that way works on, and is known when all of it is written. Under a `symmetry` states are canonical.
    """

    def __init__(
        self, program: Program, watch: Watch, words: int | None = None, symmetry: Symmetry = NO_SYMMETRY
    ) -> None:
        self.more = 0
        self._program = program
        self._symmetry = symmetry
        self._system = program.system
        self._watch = watch
        module = ir.Module("stuck")
        self._model = Model(program.interpreter, module)
        self._words = self._model.bits.words if words is None else words
        self._moving = [action for action in self._system.actions if action.kind in MOVING]
        places = Places(module, self._words, indexed=True)
        places.rehash()
        self._write_leave(module, self._write_moves(module), places.find())
        self._write_remaining(module)
        Writer(module).write(gather)
        self._code = MachineCode(module)

    def first(self, store: Store) -> int | None:
        """The number of the first stuck state of a complete search, or None if there is none. Raises Stopped."""
        found = store.get(Slot.FOUND)
        count = store.idle()
        places = places_for(count)
        room = self._words * (count + sum(prod(size_of(p.type) for p in a.parameters) for a in self._moving))
        memory = self._watch.budget.memory
        if memory is not None and memory_used() + 8 * (room + places) + 5 * count > memory:
            raise Stopped(memory_used_up(memory))
        content, numbers, leaving = Numbers(64, room), Numbers(32, count), Numbers(8, count)
        table = Numbers(64, places)
        context = (ctypes.c_int64 * len(Slot))()
        context[Slot.STATES], context[Slot.FOUND] = content.address, count
        context[Slot.TABLE], context[Slot.PLACES] = table.address, places
        context[Slot.OUT] = content.address + 8 * self._words * count
        context[Slot.MORE] = self.more
        copy_marked = Compiled(self._code, gather)
        so_far = 0
        for start in range(0, found, CHUNK):
            self._watch.look("stuck", start, 0, 0, found - start)
            stop = min(found, start + CHUNK)
            idle, states = store.get(Slot.IDLE), store.get(Slot.STATES)
            so_far = copy_marked(idle, start, stop, states, self._words, content, numbers, so_far)
        self._code.function("rehash", None)(ctypes.addressof(context))
        self._settle(ctypes.addressof(context), leaving.address, count)
        remaining = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)(self._code.address("remaining"))
        first = remaining(ctypes.addressof(context), leaving.address)
        return None if first < 0 else numbers.view[first]

    def _settle(self, context: int, leaving: int, count: int) -> None:
        """Goes over the idle states until none is found to be leaving any more."""
        kinds = (ctypes.c_void_p, ctypes.c_void_p, *(ctypes.c_int64,) * 3)
        leave = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(self._code.address("leave"))
        backwards, changed = 1, 1
        while changed:
            changed = 0
            for start in range(0, count, TURN):
                self._watch.look("stuck", start, 0, 0, count - start)
                changed += leave(context, leaving, start, min(count, start + TURN), backwards)
            backwards = 1 - backwards

    def _write_moves(self, module: Value) -> Value:
        """moves(context, state, out): puts what the hardware and the environment make of a state at `out`; how many."""
        made, builder = function(module, "moves", FULL, POINTER, POINTER, POINTER)
        _, state, out = made.args
        names = {a.property: 0 for action in self._moving for a in action.assertions}
        formulas = Formulas(self._model, builder, State(builder, state, self._words))
        successors = Successors(formulas, out, lambda code: None, names)
        successors.actions(self._moving)
        count = builder.load(successors.count, typ=FULL)
        if self._symmetry.orbits:
            canonical = Canonical(module, self._program, self._symmetry, self._model.bits)
            canonical.replace(builder, out, count)  # not too much work: the search has done it
        builder.ret(count)
        return made

    def _write_leave(self, module: Value, moves: Value, find: Value) -> None:
        """leave(context, leaving, start, stop, backwards): marks states that are seen to be leaving; how many."""
        made, builder = function(module, "leave", FULL, POINTER, POINTER, FULL, FULL, FULL)
        base, leaving, start, stop, backwards = made.args
        context = Context(builder, base)
        states, out = context.address(Slot.STATES), context.address(Slot.OUT)
        last = builder.sub(context.get(Slot.FOUND), number(1))
        marked = local(builder, FULL, number(0))
        with loop(builder, start, stop) as (turn, _):
            index = builder.select(builder.trunc(backwards, BIT), builder.sub(last, turn), turn)
            mark = at(builder, leaving, index, BYTE)
            with builder.if_then(builder.icmp_unsigned("==", builder.load(mark, typ=BYTE), ir.Constant(BYTE, 0))):
                state = at(builder, states, builder.mul(index, number(self._words)))
                with loop(builder, number(0), builder.call(moves, [base, state, out])) as (move, leave):
                    after = at(builder, out, builder.mul(move, number(self._words)))
                    target = builder.call(find, [base, after])
                    leaves = local(builder, BIT)
                    builder.store(ir.Constant(BIT, 1), leaves)
                    with builder.if_then(builder.icmp_signed(">=", target, number(0))):
                        there = builder.load(at(builder, leaving, target, BYTE), typ=BYTE)
                        builder.store(builder.icmp_unsigned("!=", there, ir.Constant(BYTE, 0)), leaves)
                    with builder.if_then(builder.load(leaves, typ=BIT)):
                        builder.store(ir.Constant(BYTE, 1), mark)
                        builder.store(builder.add(builder.load(marked, typ=FULL), number(1)), marked)
                        leave()
        builder.ret(builder.load(marked, typ=FULL))

    def _write_remaining(self, module: Value) -> None:
        """remaining(context, leaving): the first state that is neither leaving nor final, or -1."""
        made, builder = function(module, "remaining", FULL, POINTER, POINTER)
        base, leaving = made.args
        context = Context(builder, base)
        states = context.address(Slot.STATES)
        final = self._write_final(module)
        with loop(builder, number(0), context.get(Slot.FOUND)) as (index, _):
            stays = builder.load(at(builder, leaving, index, BYTE), typ=BYTE)
            with builder.if_then(builder.icmp_unsigned("==", stays, ir.Constant(BYTE, 0))):
                ends = builder.call(final, [base, at(builder, states, builder.mul(index, number(self._words)))])
                with builder.if_then(builder.not_(ends)):
                    builder.ret(index)
        builder.ret(number(-1))

    def _write_final(self, module: Value) -> Value:
        """final(context, state): whether the protocol may stop there."""
        made, builder = function(module, "final", BIT, POINTER, POINTER)
        formulas = Formulas(self._model, builder, State(builder, made.args[1], self._words))
        builder.ret(formulas.term(self._system.final, {}).code)
        return made
