"""Machine code for the set of states: an open hash table, and the states in the order in which they were found.

Where a state is one word, a place of the table holds that word plus one; otherwise the upper half of the hash and the
number of the state plus one. 0 is a free place.
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.context import NONE, Context, Slot, function
from verifier.engines.native.storage import copy
from verifier.engines.native.terms import BIT, FULL, HALF, POINTER, Value, at, local, loop, number

MULTIPLIER = 0x9E3779B97F4A7C15 - (1 << 64)
"""2^64 divided by the golden ratio."""

AHEAD = 16
"""How many states ahead of the one that is put into a new table its place is fetched."""

VOID = ir.VoidType()


class Table:
    """Writes the functions `insert` and `rehash` into a module.

    `found(context, state, number)` is called for every new state, `stepped(context, before, after, number)` for every
    transition from state `number` that is looked up.
    """

    def __init__(self, module: Value, words: int, found: Value | None, stepped: Value | None) -> None:
        self._words = words
        self._found = found
        self._stepped = stepped
        self._prefetch = ir.Function(module, ir.FunctionType(VOID, [POINTER, HALF, HALF, HALF]), "llvm.prefetch.p0")
        self.insert, builder = function(module, "insert", VOID, POINTER)
        self._write_insert(builder, Context(builder, self.insert.args[0]))
        self.rehash, builder = function(module, "rehash", VOID, POINTER)
        self._write_rehash(builder, Context(builder, self.rehash.args[0]))

    def _write_insert(self, builder: Value, context: Context) -> None:
        """Looks up everything that is pending: fetches all the places first, then goes through them in order."""
        pending = context.get(Slot.PENDING)
        out, origins = context.address(Slot.OUT), context.address(Slot.FROM)
        hashes, table, mask = context.address(Slot.HASHES), context.address(Slot.TABLE), context.get(Slot.MASK)
        states, parents = context.address(Slot.STATES), context.address(Slot.PARENTS)
        with loop(builder, number(0), pending) as (index, _):
            hashed = self._hash(builder, self._state(builder, out, index))
            builder.store(hashed, at(builder, hashes, index))
            self._fetch(builder, at(builder, table, builder.and_(hashed, mask)))
        with loop(builder, number(0), pending) as (index, _):
            state = self._state(builder, out, index)
            origin = builder.load(at(builder, origins, index, HALF), typ=HALF)
            if self._stepped is not None:
                with builder.if_then(builder.icmp_unsigned("!=", origin, ir.Constant(HALF, NONE))):
                    before = self._state(builder, states, builder.zext(origin, FULL))
                    builder.call(self._stepped, [context.base, before, state, origin])
            hashed = builder.load(at(builder, hashes, index), typ=FULL)
            new = self._probe(builder, table, mask, hashed, self._same(builder, states, state, hashed))
            with builder.if_then(builder.icmp_signed("!=", new, number(-1))):
                count = context.get(Slot.FOUND)
                builder.store(self._mark(builder, state, hashed, count), at(builder, table, new))
                kept = self._state(builder, states, count)
                copy(builder, state, kept, self._words)
                builder.store(origin, at(builder, parents, count, HALF))
                context.set(Slot.FOUND, builder.add(count, number(1)))
                if self._found is not None:
                    builder.call(self._found, [context.base, kept, builder.trunc(count, HALF)])
        context.set(Slot.PENDING, number(0))
        builder.ret_void()

    def _write_rehash(self, builder: Value, context: Context) -> None:
        """Puts all states into the table, which has to be empty."""
        table, mask, states = context.address(Slot.TABLE), context.get(Slot.MASK), context.address(Slot.STATES)
        count = context.get(Slot.FOUND)
        with loop(builder, number(0), count) as (index, _):
            ahead = builder.add(index, number(AHEAD))
            with builder.if_then(builder.icmp_signed("<", ahead, count)):
                later = self._hash(builder, self._state(builder, states, ahead))
                self._fetch(builder, at(builder, table, builder.and_(later, mask)))
            state = self._state(builder, states, index)
            hashed = self._hash(builder, state)
            free = self._probe(builder, table, mask, hashed, lambda content: ir.Constant(BIT, 0))
            builder.store(self._mark(builder, state, hashed, index), at(builder, table, free))
        builder.ret_void()

    def _state(self, builder: Value, base: Value, index: Value) -> Value:
        return at(builder, base, builder.mul(index, number(self._words)) if self._words > 1 else index)

    def _hash(self, builder: Value, state: Value) -> Value:
        total = local(builder, FULL, number(0))
        with loop(builder, number(0), number(self._words)) as (index, _):
            word = builder.load(at(builder, state, index), typ=FULL)
            mixed = builder.mul(builder.xor(builder.load(total, typ=FULL), word), number(MULTIPLIER))
            builder.store(builder.xor(mixed, builder.lshr(mixed, number(32))), total)
        mixed = builder.mul(builder.load(total, typ=FULL), number(MULTIPLIER))
        return builder.xor(mixed, builder.lshr(mixed, number(32)))

    def _fetch(self, builder: Value, address: Value) -> None:
        builder.call(self._prefetch, [address, *(ir.Constant(HALF, flag) for flag in (0, 3, 1))])

    def _mark(self, builder: Value, state: Value, hashed: Value, index: Value) -> Value:
        """What the table holds for a state."""
        if self._words == 1:
            return builder.add(builder.load(state, typ=FULL), number(1))
        return builder.or_(builder.and_(hashed, number(-(1 << 32))), builder.add(index, number(1)))

    def _same(self, builder: Value, states: Value, state: Value, hashed: Value) -> Callable[[Value], Value]:
        """What tells whether the content of a place of the table stands for the state."""
        if self._words == 1:
            mark = builder.add(builder.load(state, typ=FULL), number(1))
            return lambda content: builder.icmp_signed("==", content, mark)

        def same(content: Value) -> Value:
            answer = local(builder, BIT, ir.Constant(BIT, 0))
            alike = builder.icmp_signed("==", builder.lshr(content, number(32)), builder.lshr(hashed, number(32)))
            with builder.if_then(alike):
                builder.store(ir.Constant(BIT, 1), answer)
                index = builder.sub(builder.and_(content, number(NONE)), number(1))
                known = self._state(builder, states, index)
                with loop(builder, number(0), number(self._words)) as (word, leave):
                    left, right = (builder.load(at(builder, base, word), typ=FULL) for base in (known, state))
                    with builder.if_then(builder.icmp_signed("!=", left, right)):
                        builder.store(ir.Constant(BIT, 0), answer)
                        leave()
            return builder.load(answer, typ=BIT)

        return same

    def _probe(self, builder: Value, table: Value, mask: Value, hashed: Value, same: Callable[[Value], Value]) -> Value:
        """The number of the free place where the state belongs, or -1 if it is in the table already."""
        result = local(builder, FULL)
        head, used, more, end = (builder.append_basic_block() for _ in range(4))
        cursor = local(builder, FULL, builder.and_(hashed, mask))
        builder.branch(head)
        builder.position_at_end(head)
        place = builder.load(cursor, typ=FULL)
        builder.store(place, result)
        content = builder.load(at(builder, table, place), typ=FULL)
        builder.cbranch(builder.icmp_signed("==", content, number(0)), end, used)
        builder.position_at_end(used)
        found = same(content)
        builder.store(builder.select(found, number(-1), place), result)
        builder.cbranch(found, end, more)
        builder.position_at_end(more)
        builder.store(builder.and_(builder.add(place, number(1)), mask), cursor)
        builder.branch(head)
        builder.position_at_end(end)
        return builder.load(result, typ=FULL)
