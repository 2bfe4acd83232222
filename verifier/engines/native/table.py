"""Machine code for the set of states: an open hash table, and the states in the order in which they were found.

Where a state is one word, no other one has its hash, and that is what a place of the table holds; otherwise the upper
half of the hash and the number of the state plus one. 0 is a free place. Places are looked at line by line: the eight
that memory brings along together are compared at once, so that a table is fast until it is nearly full. A small table
of the latest successors stands in front of it: about half of them come again soon, and are not looked up in a table
that no cache holds.

The line where a state belongs, its *home*, is as far along the table as its hash is among all hashes. Where that is
full the line before it is used, and so on; before the first line comes the last. So in a larger table no home is nearer
to the beginning, and states move there from the last place to the first without one being in the way of another: a
table grows where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.context import NONE, Context, Slot, function
from verifier.engines.native.lines import LINE, contents_of, eightfold, lowest, where, whole_lines
from verifier.engines.native.storage import KEPT, copy, equal
from verifier.engines.native.terms import BIT, FULL, HALF, POINTER, Value, at, local, loop, number, publish

MULTIPLIER = 0x9E3779B97F4A7C15 - (1 << 64)
"""2^64 divided by the golden ratio; odd, so that a word can be had back from its product."""

AHEAD = 16
"""How many states ahead of the one that is put into a new table its place is fetched."""

LATEST = 14
"""2 to this power of the successors that came last are remembered, each in the one place that its hash gives it."""

APART = 10
"""One place in 2 to this power, the first ones, is no state's home: there is room for what does not fit into the first
homes. Only in small tables, or where hashes are much alike, does some of it come to the end."""

VOID = ir.VoidType()

Same = Callable[[Value, Value], tuple[Value, Value]]
"""Given the address and the contents of a line, whether one stands for a state, and which."""


def places_for(states: int) -> int:
    """How many places a table has that is made for so many states and does not grow."""
    return whole_lines(1 + states + states // 2)


@dataclass(frozen=True)
class Shelf:
    """A table as a function sees it: its address, the number of its places, and how many come before the homes."""

    address: Value
    size: Value
    apart: Value


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

    def shelf(self, builder: Value, context: Context) -> Shelf:
        """The table that a context names."""
        size = context.get(Slot.PLACES)
        return Shelf(context.address(Slot.TABLE), size, builder.lshr(size, number(APART)))

    def rehash(self) -> None:
        """Writes rehash(context), which puts all states into the table, which has to be empty."""
        made, builder = function(self._module, "rehash", VOID, POINTER)
        context = Context(builder, made.args[0])
        shelf, states = self.shelf(builder, context), context.address(Slot.STATES)
        count = context.get(Slot.FOUND)
        with loop(builder, number(0), count) as (index, _):
            ahead = builder.add(index, number(AHEAD))
            with builder.if_then(builder.icmp_signed("<", ahead, count)):
                self.fetch(builder, self.home(builder, shelf, self.hash(builder, self.state(builder, states, ahead))))
            state = self.state(builder, states, index)
            hashed = self.hash(builder, state)
            free, _ = self.probe(builder, shelf, hashed, None)
            builder.store(self.mark(builder, hashed, index), free)
        builder.ret_void()

    def spread(self) -> None:
        """Writes spread(context, before), for a table that had so many places before, and none but free ones since.

        Puts the states where they belong now, from the last place to the first. Returns 1, or 0 if one went before the
        first place and so stands at the end: then the table is to be filled again.
        """
        made, builder = function(self._module, "spread", FULL, POINTER, FULL)
        base, before = made.args
        shelf = self.shelf(builder, Context(builder, base))
        last = builder.sub(before, number(1))
        with loop(builder, number(0), before) as (turn, _):
            here = at(builder, shelf.address, builder.sub(last, turn))
            content = builder.load(here, typ=FULL)
            with builder.if_then(builder.icmp_signed("!=", content, number(0))):
                end = at(builder, self.home(builder, shelf, content), number(LINE))
                with builder.if_then(builder.icmp_unsigned("<=", end, here), likely=False):
                    builder.ret(number(0))
                builder.store(number(0), here)
                free, _ = self.probe(builder, shelf, content, None)
                builder.store(content, free)
        builder.ret(number(1))

    def find(self) -> Value:
        """Writes find(context, state): the number of a state in an indexed table, or -1."""
        assert not self._whole
        made, builder = function(self._module, "find", FULL, POINTER, POINTER)
        base, state = made.args
        context = Context(builder, base)
        shelf, states = self.shelf(builder, context), context.address(Slot.STATES)
        hashed = self.hash(builder, state)
        place, free = self.probe(builder, shelf, hashed, self.same(builder, states, state, hashed))
        content = builder.load(place, typ=FULL)
        index = builder.sub(builder.and_(content, number(NONE)), number(1))
        builder.ret(builder.select(free, number(-1), index))
        return made

    def state(self, builder: Value, base: Value, index: Value) -> Value:
        return at(builder, base, builder.mul(index, number(self._words)) if self._words > 1 else index)

    def hash(self, builder: Value, state: Value) -> Value:
        """A number that no two states of one word share, and 0 for none of them.

        Where it is not kept whole its upper half is not 0 either: that of a free place is.
        """
        total = self._mixed_words(builder, state)
        return total if self._whole else builder.or_(total, number(1 << 32))

    def _mixed_words(self, builder: Value, state: Value) -> Value:
        if self._words <= KEPT:
            total = number(1)
            for index in map(number, range(self._words)):
                total = _mixed(builder, builder.add(total, builder.load(at(builder, state, index), typ=FULL)))
            return _mixed(builder, total)
        room = local(builder, FULL, number(1))
        with loop(builder, number(0), number(self._words)) as (index, _):
            word = builder.load(at(builder, state, index), typ=FULL)
            builder.store(_mixed(builder, builder.add(builder.load(room, typ=FULL), word)), room)
        return _mixed(builder, builder.load(room, typ=FULL))

    def home(self, builder: Value, shelf: Shelf, hashed: Value) -> Value:
        """The address of the line where a state belongs; of its hash, only the upper half counts."""
        homes = builder.sub(shelf.size, shelf.apart)
        along = builder.lshr(builder.mul(builder.lshr(hashed, number(32)), homes), number(32))
        return at(builder, shelf.address, builder.and_(builder.add(shelf.apart, along), number(-LINE)))

    def fetch(self, builder: Value, address: Value) -> None:
        builder.call(self._prefetch, [address, *(ir.Constant(HALF, flag) for flag in (0, 3, 1))])

    def mark(self, builder: Value, hashed: Value, index: Value) -> Value:
        """What the table holds for a state."""
        if self._whole:
            return hashed
        return builder.or_(builder.and_(hashed, number(-(1 << 32))), builder.add(index, number(1)))

    def same(self, builder: Value, states: Value, state: Value, hashed: Value) -> Same:
        """What tells whether a line has a place that stands for the state."""

        def by_hash(line: Value, contents: Value) -> tuple[Value, Value]:
            alike = where(builder, contents, eightfold(builder, hashed))
            return builder.icmp_unsigned("!=", alike, number(0)), lowest(builder, alike)

        def by_number(line: Value, contents: Value) -> tuple[Value, Value]:
            half = eightfold(builder, number(32))
            tags, tag = builder.lshr(contents, half), eightfold(builder, builder.lshr(hashed, number(32)))
            left, answer = local(builder, FULL, where(builder, tags, tag)), local(builder, BIT, ir.Constant(BIT, 0))
            again, look, differs, end = (builder.append_basic_block() for _ in range(4))
            builder.branch(again)
            builder.position_at_end(again)
            alike = builder.load(left, typ=FULL)
            slot = lowest(builder, alike)
            builder.cbranch(builder.icmp_unsigned("!=", alike, number(0)), look, end)
            builder.position_at_end(look)
            content = self._content(builder, at(builder, line, slot))
            index = builder.sub(builder.and_(content, number(NONE)), number(1))
            found = equal(builder, self.state(builder, states, index), state, self._words)
            builder.store(found, answer)
            builder.cbranch(found, end, differs)
            builder.position_at_end(differs)
            builder.store(builder.and_(alike, builder.sub(alike, number(1))), left)
            builder.branch(again)
            builder.position_at_end(end)
            return builder.load(answer, typ=BIT), slot

        return by_hash if self._whole else by_number

    def probe(self, builder: Value, shelf: Shelf, hashed: Value, same: Same | None) -> tuple[Value, Value]:
        """The address of a state's place in the table, or of the free one that it gets; and whether that is free.

        `same` tells the state's place in a line; None if it is not in the table.
        """
        head, unlike, before_it, end = (builder.append_basic_block() for _ in range(4))
        home, start = self.home(builder, shelf, hashed), builder.block
        builder.branch(head)
        builder.position_at_end(head)
        line = builder.phi(POINTER)
        line.add_incoming(home, start)
        contents = contents_of(builder, line, self._content if self._shared else None)
        ends = []
        if same is None:
            builder.branch(unlike)
        else:
            found, slot = same(line, contents)
            ends.append((at(builder, line, slot), ir.Constant(BIT, 0), builder.block))
            builder.cbranch(found, end, unlike)
        builder.position_at_end(unlike)
        free = where(builder, contents, eightfold(builder, number(0)))
        ends.append((at(builder, line, lowest(builder, free)), ir.Constant(BIT, 1), builder.block))
        builder.cbranch(builder.icmp_unsigned("!=", free, number(0)), end, before_it)
        builder.position_at_end(before_it)
        first = builder.icmp_unsigned("==", line, shelf.address)
        following = builder.select(first, at(builder, shelf.address, shelf.size), line)
        line.add_incoming(at(builder, following, number(-LINE)), before_it)
        builder.branch(head)
        builder.position_at_end(end)
        place, is_free = builder.phi(POINTER), builder.phi(BIT)
        for address, answer, block in ends:
            place.add_incoming(address, block)
            is_free.add_incoming(answer, block)
        return place, is_free

    def put(self, builder: Value, state: Value, hashed: Value, index: Value, place: Value, states: Value) -> Value:
        """Makes a state number `index`, in a free place of the table; gives its address among the states.

        The state is there before the table tells of it.
        """
        kept = self.state(builder, states, index)
        copy(builder, state, kept, self._words)
        mark = self.mark(builder, hashed, index)
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
        shelf, latest = self.shelf(builder, context), context.address(Slot.LATEST)
        kept = local(builder, FULL, start)
        with loop(builder, start, context.get(Slot.PENDING)) as (index, _):
            state = self.state(builder, out, index)
            origin = builder.load(at(builder, origins, index, HALF), typ=HALF)
            hashed = self.hash(builder, state)
            place = self.state(builder, latest, builder.lshr(hashed, number(64 - LATEST)))
            known = equal(builder, state, place, self._words)
            copy(builder, state, place, self._words)
            target = builder.load(kept, typ=FULL)
            copy(builder, state, self.state(builder, out, target), self._words)
            builder.store(origin, at(builder, origins, target, HALF))
            builder.store(hashed, at(builder, hashes, target))
            builder.store(builder.add(target, builder.zext(builder.not_(known), FULL)), kept)
        stop = builder.load(kept, typ=FULL)
        with loop(builder, start, stop) as (index, _):
            hashed = builder.load(at(builder, hashes, index), typ=FULL)
            self.fetch(builder, self.home(builder, shelf, hashed))
        return stop

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


def _mixed(builder: Value, word: Value) -> Value:
    """Another word, which comes from no other; 0 stays 0."""
    product = builder.mul(word, number(MULTIPLIER))
    return builder.xor(product, builder.lshr(product, number(32)))


class Table:
    """Writes the functions `insert`, `rehash` and `spread` of a search into a module.

    `found(context, state, number)` is called for every new state, `stepped(context, before, after, number)` for every
    transition from state `number` that is looked up.
    """

    def __init__(self, module: Value, words: int, found: Value | None, stepped: Value | None) -> None:
        self._found = found
        self._stepped = stepped
        self._places = Places(module, words)
        self.insert, builder = function(module, "insert", VOID, POINTER)
        self._write_insert(builder, Context(builder, self.insert.args[0]))
        self._places.rehash()
        self._places.spread()

    def _write_insert(self, builder: Value, context: Context) -> None:
        """Looks up everything that is pending: fetches all the places first, then goes through them in order."""
        if self._stepped is not None:
            self._places.watch_steps(builder, context, self._stepped, number(0))
        unknown = self._places.filtered(builder, context, number(0))
        out, origins, hashes = (context.address(slot) for slot in (Slot.OUT, Slot.FROM, Slot.HASHES))
        states, parents = context.address(Slot.STATES), context.address(Slot.PARENTS)
        shelf = self._places.shelf(builder, context)
        with loop(builder, number(0), unknown) as (index, _):
            state = self._places.state(builder, out, index)
            hashed = builder.load(at(builder, hashes, index), typ=FULL)
            same = self._places.same(builder, states, state, hashed)
            place, new = self._places.probe(builder, shelf, hashed, same)
            with builder.if_then(new):
                count = context.get(Slot.FOUND)
                kept = self._places.put(builder, state, hashed, count, place, states)
                origin = builder.load(at(builder, origins, index, HALF), typ=HALF)
                builder.store(origin, at(builder, parents, count, HALF))
                context.set(Slot.FOUND, builder.add(count, number(1)))
                if self._found is not None:
                    builder.call(self._found, [context.base, kept, builder.trunc(count, HALF)])
        context.set(Slot.PENDING, number(0))
        builder.ret_void()
