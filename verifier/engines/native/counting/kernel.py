"""The search of one symmetric system by counts, as a module of machine code before it is compiled.

As in the plain kernel, `run` takes up states in the order in which they were found and puts their successors aside,
until there is something to tell Python. What is claimed of states is looked at when they are taken up. The function
that looks up what is pending is not in this module: it depends on how many words a key has, and that may change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.compiler import Program
from verifier.engines.native.context import Context, Slot, Status
from verifier.engines.native.counting.desk import (
    CELL,
    FINE,
    HAPPENED,
    INSERT,
    LOG,
    LOGGED,
    MADE,
    NEXT,
    STATUS,
    WORDS,
)
from verifier.engines.native.counting.parts import Parts, get, put
from verifier.engines.native.counting.routines import call
from verifier.engines.native.counting.steps import weight_of
from verifier.engines.native.kernel import BATCH, Events
from verifier.engines.native.table import VOID
from verifier.engines.native.terms import BYTE, FULL, HALF, POINTER, Value, at, loop, number
from verifier.system.expressions import Expression
from verifier.system.symmetry import Symmetry
from verifier.system.system import Action, Kind
from verifier.system.types import size_of

TOGETHER = 1500
"""Actions with so many nodes together make a function of their own: the time to compile one grows faster than it."""

HALTED = len(Status)
"""What `run` returns where a state cannot be expanded; the desk's status says why. Nothing of that state is kept."""


class Kernel:
    """Writes the module; `instances` is how many instances of actions there are, `desk` what it works on."""

    def __init__(self, program: Program, symmetry: Symmetry, events: Events, sizes: Sequence[range] | None) -> None:
        """With `sizes`, the last number of blocks of each orbit stands for everything above, too."""
        self._parts = Parts(ir.Module("counting"), program, symmetry, watched=bool(events.usual_steps))
        self.module, self.shape = self._parts.module, self._parts.shape
        self._actions = program.system.actions
        self.instances = sum(prod(size_of(p.type) for p in action.parameters) for action in self._actions)
        self._events = events
        start = len(events.failures)
        watched = [self._watched(f"found{i}", formula, start + i) for i, formula in enumerate(events.usual)]
        start += len(events.usual)
        stepped = [self._watched(f"stepped{i}", f, start + i, steps=True) for i, f in enumerate(events.usual_steps)]
        self._whole = self._write_whole(stepped)
        expansions = [self._expansion(index, group) for index, group in enumerate(self._groups())]
        self._write_run(self._write_take_up([*watched, *expansions]))
        self.desk = self._parts.finished()
        if sizes is not None:
            self.desk.set_many([size.stop - 1 for size in sizes])

    def _happens(self, builder: Value, context: Value, desk: Value, event: int) -> None:
        first = Context(builder, context).address(Slot.FIRST)
        claims = number(self._events.claims[event])
        call(builder, desk, HAPPENED, context, first, number(event), claims)

    def _watched(self, name: str, formula: Expression, event: int, steps: bool = False) -> Value:
        """A function that evaluates what is usually true."""
        made, builder, context, desk = self._parts.function(name)
        test = self._parts.blocks(builder, desk, steps).term(formula, {})
        with builder.if_then(builder.not_(test.code), likely=False):
            self._happens(builder, context, desk, event)
        builder.ret_void()
        return made

    def _write_whole(self, stepped: Sequence[Value]) -> Value:
        """whole(context, desk): what is done with a step of which all writes are logged."""
        made, builder, context, desk = self._parts.function("whole")
        if stepped:
            cells = self._parts.desk.at(CELL)
            self._replay(builder, desk, lambda place, position: position)
            for watcher in stepped:
                builder.call(watcher, [context, desk])
            self._replay(builder, desk, lambda place, position: _load(builder, desk, builder.add(place, number(cells))))
        self._parts.seal(builder, desk, Context(builder, context).address(Slot.OUT))
        builder.ret_void()
        return made

    def _replay(self, builder: Value, desk: Value, content: Callable[[Value, Value], Value]) -> None:
        """Gives each cell that the step writes to some content, among the cells after the step."""
        log, following = self._parts.desk.at(LOG), self._parts.desk.at(NEXT)
        with loop(builder, number(0), get(builder, desk, LOGGED)) as (index, _):
            entry = builder.add(builder.mul(index, number(2)), number(log))
            place, position = _load(builder, desk, entry), _load(builder, desk, builder.add(entry, number(1)))
            builder.store(content(place, position), at(builder, desk, builder.add(place, number(following))))

    def _groups(self) -> list[list[Action]]:
        groups: list[list[Action]] = []
        room = 0
        for action in self._actions:
            if weight_of(action) > room:
                groups.append([])
                room = TOGETHER
            groups[-1].append(action)
            room -= weight_of(action)
        return groups

    def _expansion(self, index: int, actions: Sequence[Action]) -> Value:
        """A function that takes the steps by some actions."""
        made, builder, base, desk = self._parts.function(f"expand{index}")
        context = Context(builder, base)
        numbers = {action.name: place for place, action in enumerate(self._actions)}
        names = {name: code for code, (_, name) in enumerate(self._events.failures) if name}

        def whole(action: Action) -> None:
            fired = at(builder, context.address(Slot.FIRED), number(numbers[action.name]))
            before = get(builder, desk, MADE)
            builder.call(self._whole, [base, desk])
            more = builder.sub(get(builder, desk, MADE), before)
            builder.store(builder.add(builder.load(fired, typ=FULL), more), fired)
            if action.kind is Kind.STEP:
                context.set(Slot.LIVELY, number(1))

        steps = self._parts.steps(builder, desk, lambda code: self._happens(builder, base, desk, code), names, whole)
        for action in actions:
            steps.action(action)
        builder.ret_void()
        return made

    def _write_take_up(self, functions: Iterable[Value]) -> Value:
        """take_up(context, desk): puts aside the successors of the next state; whether it could be expanded."""
        made, builder, base, desk = self._parts.function("take_up", FULL)
        context = Context(builder, base)
        taken, pending = context.get(Slot.TAKEN), context.get(Slot.PENDING)
        put(builder, desk, MADE, pending)
        context.set(Slot.LIVELY, number(0))
        start = builder.mul(taken, get(builder, desk, WORDS))
        self._parts.unfold(builder, desk, context.address(Slot.STATES), start)
        for called in functions:
            builder.call(called, [base, desk])
        with builder.if_then(builder.icmp_signed("!=", get(builder, desk, STATUS), number(FINE)), likely=False):
            builder.ret(number(0))
        stop = get(builder, desk, MADE)
        idle = builder.icmp_signed("==", context.get(Slot.LIVELY), number(0))
        builder.store(builder.zext(idle, BYTE), at(builder, context.address(Slot.IDLE), taken, BYTE))
        origins, origin = context.address(Slot.FROM), builder.trunc(taken, HALF)
        with loop(builder, pending, stop) as (index, _):
            builder.store(origin, at(builder, origins, index, HALF))
        context.add(Slot.TRANSITIONS, builder.sub(stop, pending))
        context.set(Slot.PENDING, stop)
        context.set(Slot.TAKEN, builder.add(taken, number(1)))
        builder.ret(number(1))
        return made

    def _write_run(self, take_up: Value) -> None:
        """run(context, desk): searches until there is a reason to return, which is its result."""
        _, builder, base, desk = self._parts.function("run", FULL)
        context = Context(builder, base)
        kind = ir.PointerType(ir.FunctionType(VOID, [POINTER]))
        insert = builder.inttoptr(get(builder, desk, INSERT), kind)
        head = builder.append_basic_block()
        builder.branch(head)
        builder.position_at_end(head)
        pending = context.get(Slot.PENDING)
        many = builder.icmp_signed(">=", pending, number(BATCH))
        some = builder.icmp_signed("!=", pending, number(0))
        end = builder.icmp_signed("==", context.get(Slot.TAKEN), context.get(Slot.LAYER))
        with builder.if_then(builder.or_(many, builder.and_(some, end))):
            after = builder.add(context.get(Slot.FOUND), pending)
            _return_if(builder, builder.icmp_signed(">", after, context.get(Slot.ROOM)), Status.FULL)
            builder.call(insert, [base])
            beyond = builder.icmp_signed(">", context.get(Slot.FOUND), context.get(Slot.STOP))
            _return_if(builder, beyond, Status.PAUSED)
        _return_if(builder, builder.icmp_signed("==", context.get(Slot.OPEN), number(0)), Status.DECIDED)
        taken = context.get(Slot.TAKEN)
        _return_if(builder, builder.icmp_signed(">=", taken, context.get(Slot.PAUSE)), Status.PAUSED)
        with builder.if_then(builder.icmp_signed("==", taken, context.get(Slot.LAYER)), likely=False):
            found = context.get(Slot.FOUND)
            _return_if(builder, builder.icmp_signed("==", taken, found), Status.COMPLETE)
            context.add(Slot.DEPTH, number(1))
            context.set(Slot.LAYER, found)
        done = builder.call(take_up, [base, desk])
        _return_if(builder, builder.icmp_signed("==", done, number(0)), HALTED)
        builder.branch(head)


def _load(builder: Value, desk: Value, place: Value) -> Value:
    return builder.load(at(builder, desk, place), typ=FULL)


def _return_if(builder: Value, condition: Value, status: int) -> None:
    with builder.if_then(condition, likely=False):
        builder.ret(number(status))
