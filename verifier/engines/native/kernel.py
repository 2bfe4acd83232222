"""The search of one system as a module of machine code, before it is compiled.

`run` takes up states in the order in which they were found until there is something to tell Python. Successors are put
aside and looked up many at a time, so that the places of the hash table can be fetched together. Under a symmetry, each
is replaced by its canonical image first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.compiler import Program
from verifier.engines.native.canonical import Canonical
from verifier.engines.native.context import NONE, Context, Slot, Status, function
from verifier.engines.native.formulas import Formulas
from verifier.engines.native.model import Model
from verifier.engines.native.storage import State
from verifier.engines.native.successors import Successors, weight_of
from verifier.engines.native.table import VOID, Table
from verifier.engines.native.terms import BYTE, FULL, HALF, POINTER, Value, at, local, loop, number
from verifier.system.expressions import Expression, Not
from verifier.system.symmetry import NO_SYMMETRY, Symmetry
from verifier.system.system import Action, Kind, Property, PropertyKind
from verifier.system.types import size_of

BATCH = 128
"""How many successors are put aside before they are looked up."""

STRETCH = 64
"""The search ends only after a multiple of so many states, or at the end of a layer: what it has found by then is the
same however many threads there are."""

TOGETHER = 1500
"""Actions with so many nodes together make a function of their own: the time to compile one grows faster than it."""

FAILURES = frozenset({PropertyKind.RANGE, PropertyKind.CONFLICT, PropertyKind.ASSERTION})


@dataclass(frozen=True)
class Events:
    """What the kernel looks out for: failures by their codes, states and steps of which a formula is not true.

    `of` is the number of the event that decides a claim, if there is one; events are numbered in this order.
    """

    failures: tuple[tuple[PropertyKind, str], ...]
    usual: tuple[Expression, ...]
    usual_steps: tuple[Expression, ...]
    of: dict[str, int]
    claims: tuple[int, ...]
    """How many claims each event decides."""


def events(program: Program, claims: Sequence[Property]) -> Events:
    usual: list[Expression] = []
    steps: list[Expression] = []
    states = [claim for claim in claims if claim.kind in (PropertyKind.ALWAYS, PropertyKind.REACHABLE)]
    codes = {failure: code for code, failure in enumerate(program.failures)}
    of: dict[str, int] = {}
    for claim in claims:
        if claim.kind in FAILURES:
            name = claim.name if claim.kind is PropertyKind.ASSERTION else ""
            if (claim.kind, name) in codes:
                of[claim.name] = codes[claim.kind, name]
        elif claim.kind is PropertyKind.STEP:
            of[claim.name] = len(codes) + len(states) + len(steps)
            steps.append(claim.formula)
        else:
            of[claim.name] = len(codes) + len(usual)
            usual.append(claim.formula if claim.kind is PropertyKind.ALWAYS else Not(claim.formula))
    decided = tuple(list(of.values()).count(event) for event in range(len(codes) + len(usual) + len(steps)))
    return Events(program.failures, tuple(usual), tuple(steps), of, decided)


def at_stretch_end(builder: Value, context: Context) -> Value:
    """Whether the search may end before the state that is taken up next."""
    taken = context.get(Slot.TAKEN)
    whole = builder.icmp_signed("==", builder.urem(taken, number(STRETCH)), number(0))
    return builder.or_(whole, builder.icmp_signed("==", taken, context.get(Slot.LAYER)))


class Kernel:
    """Writes the module; `successors` is the most that one state can have.

    `stepped_at_once` tells whether steps are looked at when they are taken, before successors are replaced by images;
    otherwise that is done when they are looked up. Raises NativeUnavailable.
    """

    def __init__(self, program: Program, looked_for: Events, symmetry: Symmetry = NO_SYMMETRY) -> None:
        self.module = ir.Module("kernel")
        self._model = Model(program.interpreter, self.module)
        self.bits = self._model.bits
        self._program = program
        self.events = looked_for
        self.successors = sum(prod(size_of(p.type) for p in action.parameters) for action in program.system.actions)
        self._happened = self._write_happened()
        start = len(looked_for.failures)
        found = self._watcher("found", looked_for.usual, start, steps=False)
        self._stepped = self._watcher("stepped", looked_for.usual_steps, start + len(looked_for.usual), steps=True)
        self.stepped_at_once = bool(symmetry.orbits)
        self._table = Table(self.module, self.bits.words, found, None if self.stepped_at_once else self._stepped)
        self._replace = self._write_replace(symmetry) if symmetry.orbits else None
        self._expansions = [self._expansion(number_, group) for number_, group in enumerate(self._groups())]
        self._write_run()

    def _write_happened(self) -> Value:
        """happened(context, event, state): takes down the first state for an event, and that its claims are decided."""
        made, builder = function(self.module, "happened", VOID, POINTER, FULL, HALF)
        made.attributes.add("noinline")
        base, event, state = made.args
        context = Context(builder, base)
        address = at(builder, context.address(Slot.FIRST), event, HALF)
        first = builder.icmp_unsigned("==", builder.load(address, typ=HALF), ir.Constant(HALF, NONE))
        with builder.if_then(first, likely=False):
            builder.store(state, address)
            decided = self._model.tables.entry(builder, self.events.claims, event)
            context.set(Slot.OPEN, builder.sub(context.get(Slot.OPEN), decided))
        builder.ret_void()
        return made

    def _watcher(self, name: str, usual: Sequence[Expression], event: int, steps: bool) -> Value | None:
        """A function that evaluates what is usually true, given the context, one or two states, and a number."""
        if not usual:
            return None
        states = [POINTER, POINTER] if steps else [POINTER]
        parts = [self._one_watched(f"{name}{i}", states, formula, event + i) for i, formula in enumerate(usual)]
        made, builder = function(self.module, name, VOID, POINTER, *states, HALF)
        for part in parts:
            builder.call(part, made.args)
        builder.ret_void()
        return made

    def _one_watched(self, name: str, states: list[Value], formula: Expression, event: int) -> Value:
        made, builder = function(self.module, name, VOID, POINTER, *states, HALF)
        context, *bases, index = made.args
        views = [State(builder, base, self.bits.words) for base in bases]
        test = Formulas(self._model, builder, *views).term(formula, {})
        with builder.if_then(builder.not_(test.code), likely=False):
            builder.call(self._happened, [context, number(event), index])
        builder.ret_void()
        return made

    def _groups(self) -> list[list[Action]]:
        groups: list[list[Action]] = []
        room = 0
        for action in self._program.system.actions:
            weight = weight_of(action) * prod(size_of(p.type) for p in action.parameters)
            if weight > room:
                groups.append([])
                room = TOGETHER
            groups[-1].append(action)
            room -= weight
        return groups

    def _expansion(self, index: int, actions: list[Action]) -> Value:
        """expand(context, state, out): puts the successors by some actions at `out`, and returns how many."""
        made, builder = function(self.module, f"expand{index}", FULL, POINTER, POINTER, POINTER)
        base, state, out = made.args
        context = Context(builder, base)

        def fail(code: int) -> None:
            taken = builder.trunc(context.get(Slot.TAKEN), HALF)
            builder.call(self._happened, [base, number(code), taken])

        def taken(action: Action) -> None:
            times = at(builder, fired, number(numbers[action.name]))
            builder.store(builder.add(builder.load(times, typ=FULL), number(1)), times)
            if action.kind is Kind.STEP:
                builder.store(number(1), lively)

        numbers = {action.name: index for index, action in enumerate(self._program.system.actions)}
        names = {name: code for code, (_, name) in enumerate(self.events.failures) if name}
        fired, lively = context.address(Slot.FIRED), local(builder, FULL, number(0))
        formulas = Formulas(self._model, builder, State(builder, state, self.bits.words))
        successors = Successors(formulas, out, fail, names, taken)
        successors.actions(actions)
        context.set(Slot.LIVELY, builder.or_(context.get(Slot.LIVELY), builder.load(lively, typ=FULL)))
        builder.ret(builder.load(successors.count, typ=FULL))
        return made

    def _write_run(self) -> None:
        """run(context): searches until there is a reason to return, which is its result."""
        take_up = self._write_take_up()
        made, builder = function(self.module, "run", FULL, POINTER)
        context = Context(builder, made.args[0])
        head = builder.append_basic_block()
        builder.branch(head)
        builder.position_at_end(head)
        pending, taken = context.get(Slot.PENDING), context.get(Slot.TAKEN)
        many = builder.icmp_signed(">=", pending, number(BATCH))
        some = builder.icmp_signed("!=", pending, number(0))
        end = at_stretch_end(builder, context)
        with builder.if_then(builder.or_(many, builder.and_(some, end))):
            after = builder.add(context.get(Slot.FOUND), pending)
            self._return_if(builder, builder.icmp_signed(">", after, context.get(Slot.ROOM)), Status.FULL)
            builder.call(self._table.insert, [context.base])
        with builder.if_then(end):
            self._return_if(builder, builder.icmp_signed("==", context.get(Slot.OPEN), number(0)), Status.DECIDED)
            beyond = builder.icmp_signed(">", context.get(Slot.FOUND), context.get(Slot.STOP))
            self._return_if(builder, beyond, Status.PAUSED)
        self._return_if(builder, builder.icmp_signed(">=", taken, context.get(Slot.PAUSE)), Status.PAUSED)
        with builder.if_then(builder.icmp_signed("==", taken, context.get(Slot.LAYER)), likely=False):
            found = context.get(Slot.FOUND)
            self._return_if(builder, builder.icmp_signed("==", taken, found), Status.COMPLETE)
            context.add(Slot.DEPTH, number(1))
            context.set(Slot.LAYER, found)
        builder.call(take_up, [context.base])
        builder.branch(head)

    def _write_take_up(self) -> Value:
        """take_up(context): puts aside the successors of the next state."""
        made, builder = function(self.module, "take_up", VOID, POINTER)
        made.attributes.add("alwaysinline")
        context = Context(builder, made.args[0])
        words = number(self.bits.words)
        taken = context.get(Slot.TAKEN)
        state = at(builder, context.address(Slot.STATES), builder.mul(taken, words))
        pending = context.get(Slot.PENDING)
        end = local(builder, FULL, pending)
        context.set(Slot.LIVELY, number(0))
        for expansion in self._expansions:
            so_far = builder.load(end, typ=FULL)
            out = at(builder, context.address(Slot.OUT), builder.mul(so_far, words))
            builder.store(builder.add(so_far, builder.call(expansion, [context.base, state, out])), end)
        stop = builder.load(end, typ=FULL)
        idle = builder.icmp_signed("==", context.get(Slot.LIVELY), number(0))
        builder.store(builder.zext(idle, BYTE), at(builder, context.address(Slot.IDLE), taken, BYTE))
        origins, origin = context.address(Slot.FROM), builder.trunc(taken, HALF)
        with loop(builder, pending, stop) as (index, _):
            builder.store(origin, at(builder, origins, index, HALF))
        context.add(Slot.TRANSITIONS, builder.sub(stop, pending))
        context.set(Slot.PENDING, stop)
        if self.stepped_at_once:
            if self._stepped is not None:
                with loop(builder, pending, stop) as (index, _):
                    after = at(builder, context.address(Slot.OUT), builder.mul(index, words))
                    builder.call(self._stepped, [context.base, state, after, origin])
            builder.call(self._replace, [context.base, pending])
        context.set(Slot.TAKEN, builder.add(taken, number(1)))
        builder.ret_void()
        return made

    def _write_replace(self, symmetry: Symmetry) -> Value:
        """canonise_pending(context, start): replaces what is pending from `start` on by canonical images.

        Where that is too much work, the number that MORE is the address of becomes 1, and nothing is replaced any more.
        """
        canonical = Canonical(self.module, self._program, symmetry, self.bits)
        made, builder = function(self.module, "canonise_pending", VOID, POINTER, FULL)
        base, start = made.args
        context = Context(builder, base)
        too_much = context.address(Slot.MORE)
        with builder.if_then(builder.icmp_signed("==", builder.load(too_much, typ=FULL), number(0))):
            states = at(builder, context.address(Slot.OUT), builder.mul(start, number(self.bits.words)))
            done = canonical.replace(builder, states, builder.sub(context.get(Slot.PENDING), start))
            with builder.if_then(builder.not_(done), likely=False):
                builder.store(number(1), too_much)
        builder.ret_void()
        return made

    @staticmethod
    def _return_if(builder: Value, condition: Value, status: Status) -> None:
        with builder.if_then(condition, likely=False):
            builder.ret(number(status))
