"""Machine code for actions: loops over parameters, tests of the guard, the successor or what went wrong.

Checks that cannot fail are left out: of integers whose types fit, and of writes that cannot meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import reduce
from itertools import takewhile
from math import prod

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.guards import placed
from verifier.engines.explicit.source import weight
from verifier.engines.native.formulas import Formulas
from verifier.engines.native.lanes import Lanes, Unfit
from verifier.engines.native.model import Model
from verifier.engines.native.storage import KEPT, copy, put
from verifier.engines.native.terms import (
    BIT,
    FULL,
    Scope,
    Term,
    Value,
    at,
    each,
    instances,
    local,
    loop,
    number,
    wide,
    within,
)
from verifier.system.expressions import And, Constant, Expression, ForAll, Not, Variable
from verifier.system.system import Action, Update
from verifier.system.types import IntType, OptionalType, Type, size_of

UNROLL = 600
"""An action whose instances have more nodes than this together is written as loops over its parameters."""

IN_REGISTERS = 4
"""Successors of at most so many words are made in registers, others in the place where they are put."""

RANGE = 0
CONFLICT = 1
"""Codes of failures, as in `Program.failures`."""


def position(builder: Value, value: Term, cell: Type) -> tuple[Value, Value | None]:
    """The position of a value in its cell's type, and whether it is in that type if it might not be."""
    match value.type, cell:
        case IntType(low, high), IntType(least, most):
            code = builder.sub(value.code, number(least)) if least else value.code
            if least <= low and high <= most:
                return code, None
            return code, builder.icmp_unsigned("<", code, number(size_of(cell)))
        case OptionalType(IntType(low, high)), OptionalType(IntType(least, most)):
            absent = builder.icmp_signed("==", value.code, number(0))
            code = builder.select(absent, number(0), builder.add(value.code, number(low - least)))
            if least <= low and high <= most:
                return code, None
            moved = builder.add(value.code, number(low - least - 1))
            present = builder.icmp_unsigned("<", moved, number(size_of(cell) - 1))
            return code, builder.or_(absent, present)
        case _:
            return wide(builder, value), None


Placed = tuple[Action, list[list[Expression]]]
"""An action with its guard's conjuncts, see `placed`."""


class Successors:
    """Writes actions into one function, which puts successors at `out` one after another and counts them.

    `fail` writes what is done about a failure with a code; `assertions` are the codes of the properties they name;
    `taken` writes what is done about a transition by an action beside putting its successor at `out`.
    """

    def __init__(
        self,
        formulas: Formulas,
        out: Value,
        fail: Callable[[int], None],
        assertions: Mapping[str, int],
        taken: Callable[[Action], None] = lambda action: None,
    ) -> None:
        self.model: Model = formulas.model
        self.builder = formulas.builder
        self.formulas = formulas
        self.count = local(self.builder, FULL, number(0))
        self._out = out
        self._fail = fail
        self._assertions = assertions
        self._taken = taken
        self._words = self.model.bits.words
        small = self._words <= IN_REGISTERS
        self._new = local(self.builder, ir.ArrayType(FULL, self._words)) if small else None
        self._broken = {code: local(self.builder, BIT) for code in (RANGE, CONFLICT)}
        self._written: dict[str, Value] = {}

    def action(self, action: Action) -> None:
        """All instances of the action, in their order."""
        self.actions((action,))

    def actions(self, actions: Iterable[Action]) -> None:
        """All instances of the actions, in their order."""
        self._together([(action, placed(action)) for action in actions])

    def _together(self, group: Sequence[Placed]) -> None:
        """Actions in a row; a condition that some of them begin with is tested once for all."""
        while group:
            action, levels = group[0]
            first = levels[0][:1]
            alike = _beginning(first, group)
            if len(alike) > 1:
                with self._where(self.formulas.holds([(first[0], {})])) as possible:
                    if possible:
                        self._together([(other, [rest[0][1:], *rest[1:]]) for other, rest in alike])
            else:
                instances = prod(size_of(parameter.type) for parameter in action.parameters)
                self._level(action, levels, 0, {}, instances * weight_of(action) <= UNROLL)
            group = group[max(1, len(alike)) :]

    def _level(
        self, action: Action, levels: Sequence[Sequence[Expression]], depth: int, scope: Scope, unroll: bool
    ) -> None:
        test = self.formulas.holds([(part, scope) for part in levels[depth]])
        with self._where(test) as possible:
            if not possible:
                return
            if depth == len(action.parameters):
                self._instance(action, scope)
                return
            if self._at_once(action, levels, depth, scope, unroll):
                return
            parameter = action.parameters[depth]
            for inner in self._choices((parameter,), scope, unroll):
                self._level(action, levels, depth + 1, inner, unroll)

    def _at_once(
        self, action: Action, levels: Sequence[Sequence[Expression]], depth: int, scope: Scope, unroll: bool
    ) -> bool:
        """Goes through the values of a parameter for which conditions on it hold, if these can be computed together.

        Conditions that cannot are left for each of the values; that they come later does no harm, see `lanes`.
        """
        parameter, conditions = action.parameters[depth], levels[depth + 1]
        words = Lanes.of(self.formulas, parameter, And(tuple(conditions)), scope)
        if words is None:
            return False
        planes: list[list[Value]] = []
        others = []
        for condition in conditions:
            try:
                planes.append([lanes.plane(condition) for lanes in words])
            except Unfit:
                others.append(condition)
        if not planes:
            return False
        for lanes, parts in zip(words, zip(*planes, strict=True), strict=True):
            with lanes.points(reduce(self.builder.and_, parts)) as value:
                left = [*levels[: depth + 1], others, *levels[depth + 2 :]]
                self._level(action, left, depth + 1, {**scope, parameter.name: value}, unroll)
        return True

    @contextmanager
    def _where(self, test: Term) -> Iterator[bool]:
        """Code that runs where the test is true; yields False if it never is."""
        if test.constant is not None:
            yield bool(test.constant)
        else:
            with self.builder.if_then(test.code):
                yield True

    def _choices(self, binders: Iterable[Variable], scope: Scope, unroll: bool) -> Iterator[Scope]:
        """The scope with every choice of values for the binders: one after another, or once, inside of loops."""
        scopes: list[Scope] = [scope]
        with ExitStack() as loops:
            for binder in binders:
                if unroll:
                    scopes = [{**inner, binder.name: value} for inner in scopes for value in instances(binder.type)]
                else:
                    value, _ = loops.enter_context(each(self.builder, binder.type))
                    scopes = [{**scopes[0], binder.name: value}]
            yield from scopes

    def _instance(self, action: Action, scope: Scope) -> None:
        """One instance of which the guard holds: everything is computed from the state before the step."""
        builder = self.builder
        for assertion in action.assertions:
            formula = assertion.formula
            for binder in reversed(assertion.binders):
                formula = ForAll(binder, formula)
            with self._where(self.formulas.term(Not(formula), scope)) as possible:
                if possible:
                    self._fail(self._assertions[assertion.property])
        slot = at(builder, self._out, builder.mul(builder.load(self.count, typ=FULL), number(self._words)))
        new = self._new or slot
        self.formulas.state.copy_to(new)
        tracked = self._tracked(action.updates, scope)
        for name in tracked:
            self._clear(name)
        for flag in self._broken.values():
            builder.store(ir.Constant(BIT, 0), flag)
        for update in action.updates:
            unroll = weight_of_update(update) <= UNROLL // 4
            for inner in self._choices(update.binders, scope, unroll):
                with self._where(self.formulas.term(update.condition, inner)) as possible:
                    if possible:
                        self._write(update, inner, new, update.function in tracked)
        whole: Value = ir.Constant(BIT, 1)
        for code, flag in self._broken.items():
            broken = builder.load(flag, typ=BIT)
            with builder.if_then(broken, likely=False):
                self._fail(code)
            whole = builder.and_(whole, builder.not_(broken))
        with builder.if_then(whole):
            if new is not slot:
                copy(builder, new, slot, self._words)
            builder.store(builder.add(builder.load(self.count, typ=FULL), number(1)), self.count)
            self._taken(action)

    def _write(self, update: Update, scope: Scope, new: Value, tracked: bool) -> None:
        builder = self.builder
        function = self.model.functions[update.function]
        index = self.formulas.index(update.function, update.arguments, scope)
        code, valid = position(builder, self.formulas.term(update.value, scope), function.result)
        if tracked:
            self._raise(CONFLICT, self._mark(update.function, index))
        if valid is not None:
            self._raise(RANGE, builder.not_(valid))
        put(builder, self.model.bits.fields[update.function], index, code, new)

    def _raise(self, code: int, condition: Value) -> None:
        flag = self._broken[code]
        self.builder.store(self.builder.or_(self.builder.load(flag, typ=BIT), condition), flag)

    def _tracked(self, updates: Sequence[Update], scope: Scope) -> list[str]:
        """The functions of which some cell might be written twice."""
        by_name: dict[str, list[Update]] = {}
        for update in updates:
            by_name.setdefault(update.function, []).append(update)
        return [name for name, group in by_name.items() if not self._distinct(group, scope)]

    def _distinct(self, updates: Sequence[Update], scope: Scope) -> bool:
        """Whether it can be seen that updates of one function never write a cell twice."""
        if len(updates) == 1:
            return all(binder in updates[0].arguments for binder in updates[0].binders)
        if any(update.binders for update in updates):
            return False
        places = []
        for update in updates:
            for argument in update.arguments:
                fixed = isinstance(argument, Constant) or (
                    isinstance(argument, Variable) and scope[argument.name].constant is not None
                )
                if not fixed:
                    return False
            places.append(self.formulas.index(update.function, update.arguments, scope).constant)
        return len(set(places)) == len(places)

    def _marks(self, function: str) -> tuple[Value, int]:
        """One bit for each cell of the function, in words, and how many words."""
        size = prod(size_of(kind) for kind in self.model.functions[function].parameters)
        words = -(-size // 64)
        if function not in self._written:
            self._written[function] = local(self.builder, ir.ArrayType(FULL, words))
        return self._written[function], words

    def _clear(self, function: str) -> None:
        marks, words = self._marks(function)
        if words <= KEPT:
            for word in range(words):
                self.builder.store(number(0), at(self.builder, marks, number(word)))
        else:
            with loop(self.builder, number(0), number(words)) as (word, _):
                self.builder.store(number(0), at(self.builder, marks, word))

    def _mark(self, function: str, index: Term) -> Value:
        """Marks a cell as written; whether it was marked before."""
        builder = self.builder
        marks, words = self._marks(function)
        word = within(builder, builder.lshr(index.code, number(6)), words) if words > 1 else number(0)
        bit = builder.shl(number(1), builder.and_(index.code, number(63)))
        address = at(builder, marks, word)
        before = builder.load(address, typ=FULL)
        builder.store(builder.or_(before, bit), address)
        return builder.icmp_signed("!=", builder.and_(before, bit), number(0))


def _beginning(first: Sequence[Expression], group: Sequence[Placed]) -> list[Placed]:
    """As many from the beginning of the group as begin with the condition, if there is one."""
    return list(takewhile(lambda other: first and other[1][0][:1] == first, group))


def weight_of_update(update: Update) -> int:
    """How many nodes an update has with its binders unrolled."""
    one = sum(map(weight, (update.condition, update.value, *update.arguments)))
    return one * prod(size_of(binder.type) for binder in update.binders)


def weight_of(action: Action) -> int:
    """How many nodes one instance of an action has, everything unrolled."""
    parts = [action.guard, *(assertion.formula for assertion in action.assertions)]
    return sum(map(weight, parts)) + sum(map(weight_of_update, action.updates))
