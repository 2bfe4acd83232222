"""What a thread does with a stretch of states, as functions of machine code; see `shared` for who does what when.

The context of a stretch is like that of a store: TAKEN is the next state to take up, PAUSE the end of the stretch. What
is pending is what the stretch leads to so far, and FIRST has what was seen in it: of claims about states, any number
that is not NONE.
"""

from __future__ import annotations

from dataclasses import dataclass

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.context import NONE, Context, Slot, Status, function
from verifier.engines.native.kernel import BATCH
from verifier.engines.native.storage import copy
from verifier.engines.native.table import AHEAD, VOID, Places
from verifier.engines.native.terms import BIT, FULL, HALF, POINTER, Value, at, local, loop, number


@dataclass(frozen=True)
class Parts:
    """Where functions of the kernel's module are, and what a search is like.

    `found` and `stepped` are 0 where there are none. `failures` is the number of the first event that `found` may see,
    `usual` how many it may see; `events` and `actions` are how many there are in all.
    """

    words: int
    successors: int
    room: int
    """How many successors there is room for in each stretch."""
    latest: int
    """Bytes that a thread's latest successors take."""
    take_up: int
    happened: int
    found: int
    stepped: int
    failures: int
    usual: int
    events: int
    actions: int


class Stretches:
    """Writes the functions `expand` and `keep` into a module, for searches with these parts."""

    def __init__(self, module: Value, parts: Parts) -> None:
        self._module = module
        self._parts = parts
        self._places = Places(module, parts.words, shared=True)
        self.expand = self._write_expand()
        self.keep = self._write_keep()

    def begin(self, builder: Value, context: Context, latest: Value) -> None:
        """Makes a stretch's context ready: nothing is pending, and nothing was seen.

        `latest` is the address of what the thread remembers of its latest successors.
        """
        context.set(Slot.LATEST, latest)
        context.set(Slot.PENDING, number(0))
        context.set(Slot.TRANSITIONS, number(0))
        seen = context.address(Slot.FIRST)
        with loop(builder, number(0), number(self._parts.events)) as (event, _):
            builder.store(ir.Constant(HALF, NONE), at(builder, seen, event, HALF))
        fired = context.address(Slot.FIRED)
        with loop(builder, number(0), number(self._parts.actions)) as (action, _):
            builder.store(number(0), at(builder, fired, action))

    def _write_expand(self) -> Value:
        """expand(context): puts aside what a stretch leads to, until it ends or there is no more room."""
        made, builder = function(self._module, "expand", VOID, POINTER, shared=True)
        context, parts = Context(builder, made.args[0]), self._parts
        take_up = self._elsewhere(builder, parts.take_up, POINTER)
        head, batch, end = (builder.append_basic_block() for _ in range(3))
        builder.branch(head)
        builder.position_at_end(head)
        start = context.get(Slot.PENDING)
        room = builder.icmp_signed("<=", start, number(parts.room - BATCH - parts.successors))
        builder.cbranch(builder.and_(room, self._unfinished(builder, context)), batch, end)
        builder.position_at_end(batch)
        builder.call(take_up, [context.base])
        pending = builder.sub(context.get(Slot.PENDING), start)
        more = builder.and_(builder.icmp_signed("<", pending, number(BATCH)), self._unfinished(builder, context))
        full = builder.append_basic_block()
        builder.cbranch(more, batch, full)
        builder.position_at_end(full)
        if parts.stepped:
            stepped = self._elsewhere(builder, parts.stepped, POINTER, POINTER, POINTER, HALF)
            self._places.watch_steps(builder, context, stepped, start)
        self._drop_known(builder, context, start, self._places.filtered(builder, context, start))
        builder.branch(head)
        builder.position_at_end(end)
        builder.ret_void()
        return made

    def _drop_known(self, builder: Value, context: Context, start: Value, stop: Value) -> None:
        """Moves together those from `start` up to `stop` that the table does not have; nothing else is pending then."""
        out, origins, hashes = (context.address(slot) for slot in (Slot.OUT, Slot.FROM, Slot.HASHES))
        shelf, states = self._places.shelf(builder, context), context.address(Slot.STATES)
        left = local(builder, FULL, start)
        with loop(builder, start, stop) as (index, _):
            state = self._places.state(builder, out, index)
            hashed = builder.load(at(builder, hashes, index), typ=FULL)
            same = self._places.same(builder, states, state, hashed)
            _, new = self._places.probe(builder, shelf, hashed, same)
            with builder.if_then(new):
                target = builder.load(left, typ=FULL)
                kept = self._places.state(builder, out, target)
                copy(builder, state, kept, self._parts.words)
                origin = builder.load(at(builder, origins, index, HALF), typ=HALF)
                builder.store(origin, at(builder, origins, target, HALF))
                builder.store(hashed, at(builder, hashes, target))
                builder.store(builder.add(target, number(1)), left)
                if self._parts.found:
                    found = self._elsewhere(builder, self._parts.found, POINTER, POINTER, HALF)
                    builder.call(found, [context.base, kept, builder.trunc(target, HALF)])
        context.set(Slot.PENDING, builder.load(left, typ=FULL))

    def _write_keep(self) -> Value:
        """keep(store, context): puts a stretch into the store. Returns 0, or 1 + Status.FULL if there is no room."""
        made, builder = function(self._module, "keep", FULL, POINTER, POINTER, shared=True)
        store, context = (Context(builder, base) for base in made.args)
        head, end, more = (builder.append_basic_block() for _ in range(3))
        builder.branch(head)
        builder.position_at_end(head)
        after = builder.add(store.get(Slot.FOUND), context.get(Slot.PENDING))
        with builder.if_then(builder.icmp_signed(">", after, store.get(Slot.ROOM)), likely=False):
            builder.ret(number(1 + Status.FULL))
        self._put(builder, store, context, self._tell(builder, store, context))
        store.set(Slot.TAKEN, context.get(Slot.TAKEN))
        store.add(Slot.TRANSITIONS, context.get(Slot.TRANSITIONS))
        context.set(Slot.TRANSITIONS, number(0))
        fired, total = context.address(Slot.FIRED), store.address(Slot.FIRED)
        with loop(builder, number(0), number(self._parts.actions)) as (action, _):
            times = builder.load(at(builder, fired, action), typ=FULL)
            so_far = at(builder, total, action)
            builder.store(builder.add(builder.load(so_far, typ=FULL), times), so_far)
            builder.store(number(0), at(builder, fired, action))
        builder.cbranch(self._unfinished(builder, context), more, end)
        builder.position_at_end(more)
        context.set(Slot.PENDING, number(0))
        builder.call(self.expand, [context.base])
        builder.branch(head)
        builder.position_at_end(end)
        builder.ret(number(0))
        return made

    def _tell(self, builder: Value, store: Context, context: Context) -> Value:
        """Takes down in the store what was seen in a stretch; whether new states have to be looked at once more.

        That is so if one of those that might be new has shown something about which nothing is known so far: it may
        not be new after all, or there may be others before it.
        """
        parts = self._parts
        happened = self._elsewhere(builder, parts.happened, POINTER, FULL, HALF)
        seen, known = context.address(Slot.FIRST), store.address(Slot.FIRST)
        look = local(builder, BIT, ir.Constant(BIT, 0))
        none = ir.Constant(HALF, NONE)
        with loop(builder, number(0), number(parts.events)) as (event, _):
            first = builder.load(at(builder, seen, event, HALF), typ=HALF)
            shown = builder.icmp_unsigned("!=", first, none)
            news = builder.icmp_unsigned("==", builder.load(at(builder, known, event, HALF), typ=HALF), none)
            with builder.if_then(builder.and_(shown, news), likely=False):
                place = builder.sub(event, number(parts.failures))
                of_state = builder.icmp_unsigned("<", place, number(parts.usual))
                with builder.if_else(of_state) as (state, other):
                    with state:
                        builder.store(ir.Constant(BIT, 1), look)
                    with other:
                        builder.call(happened, [store.base, event, first])
        return builder.load(look, typ=BIT)

    def _put(self, builder: Value, store: Context, context: Context, look: Value) -> None:
        """Puts what is pending into the store, unless it is there; looks at what is new if it has to."""
        out, origins, hashes = (context.address(slot) for slot in (Slot.OUT, Slot.FROM, Slot.HASHES))
        states, parents = store.address(Slot.STATES), store.address(Slot.PARENTS)
        shelf, pending = self._places.shelf(builder, store), context.get(Slot.PENDING)
        with loop(builder, number(0), pending) as (index, _):
            ahead = builder.add(index, number(AHEAD))
            with builder.if_then(builder.icmp_signed("<", ahead, pending)):
                later = builder.load(at(builder, hashes, ahead), typ=FULL)
                self._places.fetch(builder, self._places.home(builder, shelf, later))
            state = self._places.state(builder, out, index)
            hashed = builder.load(at(builder, hashes, index), typ=FULL)
            same = self._places.same(builder, states, state, hashed)
            place, new = self._places.probe(builder, shelf, hashed, same)
            with builder.if_then(new):
                count = store.get(Slot.FOUND)
                kept = self._places.put(builder, state, hashed, count, place, states)
                origin = builder.load(at(builder, origins, index, HALF), typ=HALF)
                builder.store(origin, at(builder, parents, count, HALF))
                store.set(Slot.FOUND, builder.add(count, number(1)))
                if self._parts.found:
                    with builder.if_then(look, likely=False):
                        found = self._elsewhere(builder, self._parts.found, POINTER, POINTER, HALF)
                        builder.call(found, [store.base, kept, builder.trunc(count, HALF)])

    @staticmethod
    def _unfinished(builder: Value, context: Context) -> Value:
        return builder.icmp_signed("<", context.get(Slot.TAKEN), context.get(Slot.PAUSE))

    @staticmethod
    def _elsewhere(builder: Value, address: int, *parameters: Value) -> Value:
        """A function of the kernel's module, which returns nothing."""
        return builder.inttoptr(number(address), ir.PointerType(ir.FunctionType(VOID, parameters)))
