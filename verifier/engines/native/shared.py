"""The search of one system by several threads at once, as a module of machine code before it is compiled.

The states that wait are handed out in *stretches*, in order. Any thread may expand any stretch: it puts the successors
aside and drops those that it has seen before, or that the table has already. What is left is looked up again and put
into the store by whichever thread is free, but by one at a time and stretch after stretch, in order. So the store goes
through the same states as in a search by one thread, with the same numbers and the same parents, and nothing that is
found depends on time. The table has one writer and many readers, and needs neither locks nor a place that is retried.
A stretch is put into the store as far as it was expanded; what was expanded and not put there can be forgotten.

Whatever is shared apart from the store is on a *board*, which a thread reads and writes only while it holds its lock.
"""

from __future__ import annotations

from enum import IntEnum, auto

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.context import Context, Slot, Status, function
from verifier.engines.native.kernel import STRETCH
from verifier.engines.native.stretches import Parts, Stretches
from verifier.engines.native.table import VOID
from verifier.engines.native.terms import FULL, HALF, POINTER, Value, at, least, local, loop, number, publish

STRETCHES = 64
"""How many stretches may be expanded, or wait to be put into the store, at a time."""

EMPTY, READY = 0, 1
"""What is known of a stretch: nothing, or that it is expanded."""

NOTHING, EXPAND, KEEP = 0, 1, 2
"""What a thread may have to do."""

SPINS = 200
"""So many times a thread without work looks for some again at once: that is how long Python takes between two turns."""

SPIN = 256
"""How often it reads the board before it takes the lock again."""

PATIENCE = 1000
"""So many times after that it lets other threads of the machine run, before it sleeps."""

PAUSE = 100
"""How long it sleeps, in microseconds."""


class Board(IntEnum):
    """The numbers on the board, by their places."""

    LOCK = 0
    """1 while a thread holds the lock."""
    ENDED = auto()
    """0 while there may be work, or else 1 + why there is none."""
    CLOSED = auto()
    """1 when there will not be any more."""
    BUSY = auto()
    """How many threads are expanding something or putting something into the store."""
    HANDED = auto()
    """How many stretches have been handed out."""
    KEPT = auto()
    """How many of them are in the store."""
    NEXT = auto()
    """The number of the first state that has not been handed out."""
    STORE = auto()
    """Address of the store's context."""
    CONTEXTS = auto()
    """Address of the contexts of STRETCHES stretches, one after another; stretch n uses number n mod STRETCHES."""
    STATES = auto()
    """Address of what is known of each of them."""
    LATEST = auto()
    """Address of what each thread remembers of its latest successors, one after another."""


class SharedKernel:
    """Writes the module: lead(board), to be called again and again by one thread, and work(board, n) by thread n.

    The threads, from 1 on, go on with `work` until the board is closed; they touch nothing but the board while nobody
    leads.
    """

    def __init__(self, parts: Parts) -> None:
        self.module = ir.Module("shared")
        self._latest = parts.latest
        self._yield = ir.Function(self.module, ir.FunctionType(HALF, []), "sched_yield")
        self._sleep = ir.Function(self.module, ir.FunctionType(HALF, [HALF]), "usleep")
        self._stretches = Stretches(self.module, parts)
        work = self._write_work()
        self._write_lead(work)

    def _write_lead(self, work: Value) -> None:
        """lead(board): begins, works with the others, and returns the reason to stop when none of them is busy."""
        made, builder = function(self.module, "lead", FULL, POINTER, shared=True)
        (base,) = made.args
        board, store = self._board(builder, base)
        self._lock(builder, base)
        taken, found = store.get(Slot.TAKEN), store.get(Slot.FOUND)
        with builder.if_then(builder.icmp_signed("==", taken, store.get(Slot.LAYER))):
            with builder.if_then(builder.icmp_signed("==", taken, found)):
                self._unlock(builder, base)
                builder.ret(number(Status.COMPLETE))
            store.add(Slot.DEPTH, number(1))
            store.set(Slot.LAYER, found)
        for place in (Board.HANDED, Board.KEPT, Board.ENDED):
            board.set(place, number(0))
        board.set(Board.NEXT, taken)
        known = board.address(Board.STATES)
        for index in range(STRETCHES):
            builder.store(number(EMPTY), at(builder, known, number(index)))
        self._unlock(builder, base)
        builder.call(work, [base, number(0)])
        again, end = builder.append_basic_block(), builder.append_basic_block()
        builder.branch(again)
        builder.position_at_end(again)
        builder.call(self._yield, [])
        self._lock(builder, base)
        busy, reason = board.get(Board.BUSY), builder.sub(board.get(Board.ENDED), number(1))
        self._unlock(builder, base)
        builder.cbranch(builder.icmp_signed("==", busy, number(0)), end, again)
        builder.position_at_end(end)
        builder.ret(reason)

    def _write_work(self) -> Value:
        """work(board, thread): expands stretches and puts them into the store; for thread 0, until there is a reason
        to stop, for others, until the board is closed."""
        made, builder = function(self.module, "work", VOID, POINTER, FULL, shared=True)
        base, thread = made.args
        board, store = self._board(builder, base)
        job, status, stretch, idle = (local(builder, FULL, number(0)) for _ in range(4))
        leader = builder.icmp_signed("==", thread, number(0))
        head = builder.append_basic_block()
        builder.branch(head)
        builder.position_at_end(head)
        self._lock(builder, base)
        self._hand_in(builder, board, store, builder.load(job, typ=FULL), stretch, builder.load(status, typ=FULL))
        ended = board.get(Board.ENDED)
        leave = builder.icmp_signed("!=", builder.select(leader, ended, board.get(Board.CLOSED)), number(0))
        with builder.if_then(leave):
            self._unlock(builder, base)
            builder.ret_void()
        builder.store(number(NOTHING), job)
        with builder.if_then(builder.icmp_signed("==", ended, number(0))):
            self._choose(builder, board, store, job, stretch)
        chosen = builder.load(job, typ=FULL)
        self._unlock(builder, base)
        with builder.if_then(builder.icmp_signed("==", chosen, number(NOTHING))):
            self._wait(builder, base, idle)
        context = self._context(builder, board, builder.load(stretch, typ=FULL))
        with builder.if_then(builder.icmp_signed("==", chosen, number(EXPAND))):
            latest = builder.add(board.get(Board.LATEST), builder.mul(thread, number(self._latest)))
            self._stretches.begin(builder, Context(builder, context), latest)
            builder.call(self._stretches.expand, [context])
            builder.store(number(0), idle)
        with builder.if_then(builder.icmp_signed("==", chosen, number(KEEP))):
            builder.store(builder.call(self._stretches.keep, [store.base, context]), status)
            builder.store(number(0), idle)
        builder.branch(head)
        return made

    def _wait(self, builder: Value, base: Value, idle: Value) -> None:
        """Lets some time pass, without being in the way of the threads that work."""
        times = builder.load(idle, typ=FULL)
        builder.store(builder.add(times, number(1)), idle)
        with builder.if_else(builder.icmp_signed("<", times, number(SPINS))) as (soon, later):
            with soon, loop(builder, number(0), number(SPIN)):
                builder.load_atomic(at(builder, base, number(Board.ENDED)), "acquire", 8, typ=FULL)
            with later:
                patient = builder.icmp_signed("<", times, number(SPINS + PATIENCE))
                with builder.if_else(patient) as (give_way, sleep):
                    with give_way:
                        builder.call(self._yield, [])
                    with sleep:
                        builder.call(self._sleep, [ir.Constant(HALF, PAUSE)])

    def _hand_in(
        self, builder: Value, board: Context, store: Context, job: Value, stretch: Value, status: Value
    ) -> None:
        """Says on the board what the thread has done."""
        done = builder.load(stretch, typ=FULL)
        with builder.if_then(builder.icmp_signed("!=", job, number(NOTHING))):
            board.add(Board.BUSY, number(-1))
        with builder.if_then(builder.icmp_signed("==", job, number(EXPAND))):
            builder.store(number(READY), self._state(builder, board, done))
        kept, full = builder.icmp_signed("==", job, number(KEEP)), builder.icmp_signed("!=", status, number(0))
        with builder.if_then(builder.and_(kept, full), likely=False):
            board.set(Board.ENDED, status)
        with builder.if_then(builder.and_(kept, builder.not_(full))):
            board.add(Board.KEPT, number(1))
            self._go_on(builder, board, store)

    def _go_on(self, builder: Value, board: Context, store: Context) -> None:
        """After a stretch has been put into the store: whether there is a reason to stop, in the order of `run`."""
        taken, found, layer = store.get(Slot.TAKEN), store.get(Slot.FOUND), store.get(Slot.LAYER)
        over = builder.icmp_signed("==", taken, layer)
        reason = number(0)
        for condition, status in (
            (builder.and_(over, builder.icmp_signed("==", taken, found)), Status.COMPLETE),
            (builder.icmp_signed(">=", taken, store.get(Slot.PAUSE)), Status.PAUSED),
            (builder.icmp_signed(">", found, store.get(Slot.STOP)), Status.PAUSED),
            (builder.icmp_signed("==", store.get(Slot.OPEN), number(0)), Status.DECIDED),
        ):
            reason = builder.select(condition, number(1 + status), reason)
        board.set(Board.ENDED, reason)
        with builder.if_then(builder.and_(over, builder.icmp_signed("==", reason, number(0)))):
            store.add(Slot.DEPTH, number(1))
            store.set(Slot.LAYER, found)

    def _choose(self, builder: Value, board: Context, store: Context, job: Value, stretch: Value) -> None:
        """What to do next: put the next stretch into the store if it is ready and nobody does so yet, or expand one."""
        handed, kept = board.get(Board.HANDED), board.get(Board.KEPT)
        state = self._state(builder, board, kept)
        ready = builder.icmp_signed("==", builder.load(state, typ=FULL), number(READY))
        with builder.if_else(ready) as (keep, expand):
            with keep:
                builder.store(number(EMPTY), state)  # until it is kept, no other thread finds one that is ready
                board.add(Board.BUSY, number(1))
                builder.store(kept, stretch)
                builder.store(number(KEEP), job)
            with expand:
                room = builder.icmp_signed("<", builder.sub(handed, kept), number(STRETCHES))
                begin, layer, pause = board.get(Board.NEXT), store.get(Slot.LAYER), store.get(Slot.PAUSE)
                waiting = builder.icmp_signed("<", begin, least(builder, layer, pause))
                with builder.if_then(builder.and_(room, waiting)):
                    context = Context(builder, self._context(builder, board, handed))
                    rest = builder.urem(begin, number(STRETCH))
                    end = least(builder, builder.add(begin, builder.sub(number(STRETCH), rest)), layer)
                    context.set(Slot.TAKEN, begin)
                    context.set(Slot.PAUSE, end)
                    board.set(Board.NEXT, end)
                    board.add(Board.HANDED, number(1))
                    board.add(Board.BUSY, number(1))
                    builder.store(handed, stretch)
                    builder.store(number(EXPAND), job)

    @staticmethod
    def _board(builder: Value, base: Value) -> tuple[Context, Context]:
        """The board, and the store's context."""
        board = Context(builder, base)
        return board, Context(builder, board.address(Board.STORE))

    @staticmethod
    def _context(builder: Value, board: Context, stretch: Value) -> Value:
        """Address of a stretch's context."""
        place = builder.mul(builder.urem(stretch, number(STRETCHES)), number(len(Slot)))
        return at(builder, board.address(Board.CONTEXTS), place)

    @staticmethod
    def _state(builder: Value, board: Context, stretch: Value) -> Value:
        """Address of what is known of a stretch."""
        return at(builder, board.address(Board.STATES), builder.urem(stretch, number(STRETCHES)))

    def _lock(self, builder: Value, base: Value) -> None:
        head, busy, mine = (builder.append_basic_block() for _ in range(3))
        builder.branch(head)
        builder.position_at_end(head)
        place = at(builder, base, number(Board.LOCK))
        before = builder.atomic_rmw("xchg", place, number(1), "acquire")
        builder.cbranch(builder.icmp_signed("==", before, number(0)), mine, busy)
        builder.position_at_end(busy)
        builder.call(self._yield, [])
        builder.branch(head)
        builder.position_at_end(mine)

    @staticmethod
    def _unlock(builder: Value, base: Value) -> None:
        publish(builder, number(0), at(builder, base, number(Board.LOCK)))
