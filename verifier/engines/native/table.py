"""Machine code for the set of states: an open hash table, and the states in the order in which they were found.

Where a state is one word, a place of the table holds that word plus one; otherwise the upper half of the hash and the
number of the state plus one. 0 is a free place. A small table of the latest successors stands in front of it: about
half of them come again soon, and are not looked up in a table that no cache holds.
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.context import NONE, Context, Slot, function
from verifier.engines.native.storage import copy, equal
from verifier.engines.native.terms import BIT, FULL, HALF, POINTER, Value, at, local, loop, number, publish

MULTIPLIER = 0x9E3779B97F4A7C15 - (1 << 64)
"""2^64 divided by the golden ratio."""

AHEAD = 16
"""How many states ahead of the one that is put into a new table its place is fetched."""

LATEST = 14
"""2 to this power of the successors that came last are remembered, each in the one place that its hash gives it."""

VOID = ir.VoidType()


class Places:
    """How a table of states is written to and read; the table is the one that a context names.

    With `indexed` a place holds the number of a state also where the state would fit: then `find` can tell it. With
    `shared` the table is read while another thread puts states into it.
    """

    def __init__(self, module: Value, words: int, indexed: bool = False, shared: bool = False) -> None:
        self._module = module
        self._words = words
        self._shared = shared
        self._whole = words == 1 and not indexed
        self._prefetch = module.globals.get("llvm.prefetch.p0") or ir.Function(
            module, ir.FunctionType(VOID, [POINTER, HALF, HALF, HALF]), "llvm.prefetch.p0"
        )

    def rehash(self) -> Value:
        """Writes rehash(context), which puts all states into the table, which has to be empty."""
        made, builder = function(self._module, "rehash", VOID, POINTER)
        context = Context(builder, made.args[0])
        table, mask, states = context.address(Slot.TABLE), context.get(Slot.MASK), context.address(Slot.STATES)
        count = context.get(Slot.FOUND)
        with loop(builder, number(0), count) as (index, _):
            self.fetch_ahead(builder, states, table, mask, index, count)
            state = self.state(builder, states, index)
            hashed = self.hash(builder, state)
            free, _ = self.probe(builder, table, mask, hashed, lambda content: ir.Constant(BIT, 0))
            builder.store(self.mark(builder, state, hashed, index), at(builder, table, free))
        builder.ret_void()
        return made

    def find(self) -> Value:
        """Writes find(context, state): the number of a state in an indexed table, or -1."""
        assert not self._whole
        made, builder = function(self._module, "find", FULL, POINTER, POINTER)
        base, state = made.args
        context = Context(builder, base)
        table, mask, states = context.address(Slot.TABLE), context.get(Slot.MASK), context.address(Slot.STATES)
        hashed = self.hash(builder, state)
        place, free = self.probe(builder, table, mask, hashed, self.same(builder, states, state, hashed))
        content = builder.load(at(builder, table, place), typ=FULL)
        index = builder.sub(builder.and_(content, number(NONE)), number(1))
        builder.ret(builder.select(free, number(-1), index))
        return made

    def state(self, builder: Value, base: Value, index: Value) -> Value:
        return at(builder, base, builder.mul(index, number(self._words)) if self._words > 1 else index)

    def hash(self, builder: Value, state: Value) -> Value:
        total = local(builder, FULL, number(0))
        with loop(builder, number(0), number(self._words)) as (index, _):
            word = builder.load(at(builder, state, index), typ=FULL)
            mixed = builder.mul(builder.xor(builder.load(total, typ=FULL), word), number(MULTIPLIER))
            builder.store(builder.xor(mixed, builder.lshr(mixed, number(32))), total)
        mixed = builder.mul(builder.load(total, typ=FULL), number(MULTIPLIER))
        return builder.xor(mixed, builder.lshr(mixed, number(32)))

    def fetch(self, builder: Value, address: Value) -> None:
        builder.call(self._prefetch, [address, *(ir.Constant(HALF, flag) for flag in (0, 3, 1))])

    def fetch_ahead(self, builder: Value, states: Value, table: Value, mask: Value, index: Value, count: Value) -> None:
        """Fetches the place of a state that comes some time after state `index`, before state `count`."""
        ahead = builder.add(index, number(AHEAD))
        with builder.if_then(builder.icmp_signed("<", ahead, count)):
            later = self.hash(builder, self.state(builder, states, ahead))
            self.fetch(builder, at(builder, table, builder.and_(later, mask)))

    def mark(self, builder: Value, state: Value, hashed: Value, index: Value) -> Value:
        """What the table holds for a state."""
        if self._whole:
            return builder.add(builder.load(state, typ=FULL), number(1))
        return builder.or_(builder.and_(hashed, number(-(1 << 32))), builder.add(index, number(1)))

    def same(self, builder: Value, states: Value, state: Value, hashed: Value) -> Callable[[Value], Value]:
        """What tells whether the content of a place of the table stands for the state."""
        if self._whole:
            mark = builder.add(builder.load(state, typ=FULL), number(1))
            return lambda content: builder.icmp_signed("==", content, mark)

        def same(content: Value) -> Value:
            answer = local(builder, BIT, ir.Constant(BIT, 0))
            alike = builder.icmp_signed("==", builder.lshr(content, number(32)), builder.lshr(hashed, number(32)))
            with builder.if_then(alike):
                index = builder.sub(builder.and_(content, number(NONE)), number(1))
                builder.store(equal(builder, self.state(builder, states, index), state, self._words), answer)
            return builder.load(answer, typ=BIT)

        return same

    def probe(
        self, builder: Value, table: Value, mask: Value, hashed: Value, same: Callable[[Value], Value]
    ) -> tuple[Value, Value]:
        """The place of a state in the table, or the free one where it belongs; and whether it is free."""
        head, used, more, end = (builder.append_basic_block() for _ in range(4))
        first, before = builder.and_(hashed, mask), builder.block
        builder.branch(head)
        builder.position_at_end(head)
        place = builder.phi(FULL)
        place.add_incoming(first, before)
        content = self._content(builder, at(builder, table, place))
        builder.cbranch(builder.icmp_signed("==", content, number(0)), end, used)
        builder.position_at_end(used)
        found = same(content)
        last = builder.block
        builder.cbranch(found, end, more)
        builder.position_at_end(more)
        place.add_incoming(builder.and_(builder.add(place, number(1)), mask), more)
        builder.branch(head)
        builder.position_at_end(end)
        free = builder.phi(BIT)
        free.add_incoming(ir.Constant(BIT, 1), head)
        free.add_incoming(ir.Constant(BIT, 0), last)
        return place, free

    def put(self, builder: Value, state: Value, hashed: Value, index: Value, place: Value, states: Value) -> Value:
        """Makes a state number `index`, in a free place of the table; gives its address among the states.

        The state is there before the table tells of it.
        """
        kept = self.state(builder, states, index)
        copy(builder, state, kept, self._words)
        mark = self.mark(builder, state, hashed, index)
        if self._shared:
            publish(builder, mark, place)
        else:
            builder.store(mark, place)
        return kept

    def filtered(self, builder: Value, context: Context, start: Value) -> Value:
        """Moves together what is pending from `start` on and is not among the successors that came last.

        Returns where it ends. The hashes are kept and the places in the table fetched. Without jumps: which of them are
        new is a toss-up.
        """
        out, origins, hashes = (context.address(slot) for slot in (Slot.OUT, Slot.FROM, Slot.HASHES))
        table, mask, latest = context.address(Slot.TABLE), context.get(Slot.MASK), context.address(Slot.LATEST)
        kept = local(builder, FULL, start)
        with loop(builder, start, context.get(Slot.PENDING)) as (index, _):
            state = self.state(builder, out, index)
            origin = builder.load(at(builder, origins, index, HALF), typ=HALF)
            hashed = self.hash(builder, state)
            self.fetch(builder, at(builder, table, builder.and_(hashed, mask)))
            place = self.state(builder, latest, builder.lshr(hashed, number(64 - LATEST)))
            known = equal(builder, state, place, self._words)
            copy(builder, state, place, self._words)
            target = builder.load(kept, typ=FULL)
            copy(builder, state, self.state(builder, out, target), self._words)
            builder.store(origin, at(builder, origins, target, HALF))
            builder.store(hashed, at(builder, hashes, target))
            builder.store(builder.add(target, builder.zext(builder.not_(known), FULL)), kept)
        return builder.load(kept, typ=FULL)

    def watch_steps(self, builder: Value, context: Context, stepped: Value, start: Value) -> None:
        """Calls stepped(context, before, after, number) for what is pending from `start` on."""
        out, origins, states = (context.address(slot) for slot in (Slot.OUT, Slot.FROM, Slot.STATES))
        with loop(builder, start, context.get(Slot.PENDING)) as (index, _):
            origin = builder.load(at(builder, origins, index, HALF), typ=HALF)
            with builder.if_then(builder.icmp_unsigned("!=", origin, ir.Constant(HALF, NONE))):
                before = self.state(builder, states, builder.zext(origin, FULL))
                after = self.state(builder, out, index)
                builder.call(stepped, [context.base, before, after, origin])

    def _content(self, builder: Value, place: Value) -> Value:
        if self._shared:
            return builder.load_atomic(place, "acquire", 8, typ=FULL)
        return builder.load(place, typ=FULL)


class Table:
    """Writes the functions `insert` and `rehash` of a search into a module.

    `found(context, state, number)` is called for every new state, `stepped(context, before, after, number)` for every
    transition from state `number` that is looked up.
    """

    def __init__(self, module: Value, words: int, found: Value | None, stepped: Value | None) -> None:
        self._found = found
        self._stepped = stepped
        self._places = Places(module, words)
        self.insert, builder = function(module, "insert", VOID, POINTER)
        self._write_insert(builder, Context(builder, self.insert.args[0]))
        self.rehash = self._places.rehash()

    def _write_insert(self, builder: Value, context: Context) -> None:
        """Looks up everything that is pending: fetches all the places first, then goes through them in order."""
        if self._stepped is not None:
            self._places.watch_steps(builder, context, self._stepped, number(0))
        unknown = self._places.filtered(builder, context, number(0))
        out, origins, hashes = (context.address(slot) for slot in (Slot.OUT, Slot.FROM, Slot.HASHES))
        states, parents = context.address(Slot.STATES), context.address(Slot.PARENTS)
        table, mask = context.address(Slot.TABLE), context.get(Slot.MASK)
        with loop(builder, number(0), unknown) as (index, _):
            state = self._places.state(builder, out, index)
            hashed = builder.load(at(builder, hashes, index), typ=FULL)
            same = self._places.same(builder, states, state, hashed)
            place, new = self._places.probe(builder, table, mask, hashed, same)
            with builder.if_then(new):
                count = context.get(Slot.FOUND)
                kept = self._places.put(builder, state, hashed, count, at(builder, table, place), states)
                origin = builder.load(at(builder, origins, index, HALF), typ=HALF)
                builder.store(origin, at(builder, parents, count, HALF))
                context.set(Slot.FOUND, builder.add(count, number(1)))
                if self._found is not None:
                    builder.call(self._found, [context.base, kept, builder.trunc(count, HALF)])
        context.set(Slot.PENDING, number(0))
        builder.ret_void()
