"""Machine code for actions: loops over parameters, tests of the guard, a log of writes or what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.guards import placed
from verifier.engines.native.counting.desk import (
    LOG,
    LOGGED,
    STAMP,
    STEP,
    Desk,
)
from verifier.engines.native.counting.formulas import Blocks
from verifier.engines.native.successors import CONFLICT, RANGE, UNROLL, position
from verifier.engines.native.terms import BIT, Scope, Term, Value, at, each, instances, local, number
from verifier.system.expressions import Expression, ForAll, Not, Variable, walk
from verifier.system.system import Action, Update
from verifier.system.types import size_of


class Steps:
    """Writes actions into one function.

    `fail` writes what is done about a failure with a code, `assertions` are the codes of the properties they name, and
    `whole` writes what is done with an instance of which all writes are logged.
    """

    def __init__(
        self,
        formulas: Blocks,
        desk: Desk,
        fail: Callable[[int], None],
        assertions: Mapping[str, int],
        whole: Callable[[Action], None],
    ) -> None:
        self._formulas = formulas
        self._builder = formulas.builder
        self._desk = desk
        self._fail = fail
        self._assertions = assertions
        self._whole = whole
        self._broken = {code: local(self._builder, BIT) for code in (RANGE, CONFLICT)}

    def action(self, action: Action) -> None:
        """Representative instances of the action, in their order."""
        self._level(action, placed(action), 0, {})

    def _level(self, action: Action, levels: Sequence[Sequence[Expression]], depth: int, scope: Scope) -> None:
        test = self._formulas.holds([(part, scope) for part in levels[depth]])
        with self._where(test) as possible:
            if not possible:
                return
            if depth == len(action.parameters):
                self._instance(action, scope)
                return
            for inner in self._choices(action.parameters[depth], scope, weight_of(action)):
                self._level(action, levels, depth + 1, inner)

    @contextmanager
    def _where(self, test: Term) -> Iterator[bool]:
        """Code that runs where the test is true; yields False if it never is."""
        if test.constant is not None:
            yield bool(test.constant)
        else:
            with self._builder.if_then(test.code):
                yield True

    def _choices(self, variable: Variable, scope: Scope, weight: int) -> Iterator[Scope]:
        """The scope with every value of the variable: one after another, or once, inside of a loop."""
        if self._formulas.variables.moving(variable.type):
            with self._formulas.each(variable, scope) as (inner, _, _):
                yield inner
        elif weight * size_of(variable.type) <= UNROLL:
            for value in instances(variable.type):
                yield {**scope, variable.name: value}
        else:
            with each(self._builder, variable.type) as (value, _):
                yield {**scope, variable.name: value}

    def _instance(self, action: Action, scope: Scope) -> None:
        """One instance of which the guard holds: everything is computed from the state before the step."""
        builder = self._builder
        for assertion in action.assertions:
            formula = assertion.formula
            for binder in reversed(assertion.binders):
                formula = ForAll(binder, formula)
            with self._where(self._formulas.term(Not(formula), scope)) as possible:
                if possible:
                    self._fail(self._assertions[assertion.property])
        self._set(STEP, builder.add(self._get(number(STEP)), number(1)))
        self._set(LOGGED, number(0))
        for flag in self._broken.values():
            builder.store(ir.Constant(BIT, 0), flag)
        often = [update.function for update in action.updates]
        for update in action.updates:
            once = often.count(update.function) == 1 and all(binder in update.arguments for binder in update.binders)
            self._update(update, list(update.binders), scope, not once)
        whole: Value = ir.Constant(BIT, 1)
        for code, flag in self._broken.items():
            broken = builder.load(flag, typ=BIT)
            with builder.if_then(broken, likely=False):
                self._fail(code)
            whole = builder.and_(whole, builder.not_(broken))
        with builder.if_then(whole):
            self._whole(action)

    def _update(self, update: Update, binders: list[Variable], scope: Scope, tracked: bool) -> None:
        """The update for all values of the binders.

        A turn that stands for several blocks writes to their own cells, or else meets the turn of one of the first
        blocks like them in another: that is a conflict even if only the two of them are looked at.
        """
        if not binders:
            with self._where(self._formulas.term(update.condition, scope)) as possible:
                if possible:
                    self._write(update, scope, tracked)
            return
        binder, *others = binders
        formulas = self._formulas
        if formulas.variables.moving(binder.type):
            with formulas.each(binder, scope, everything=True) as (inner, _, _):
                self._update(update, others, inner, tracked)
            return
        for inner in self._choices(binder, scope, weight_of_update(update)):
            self._update(update, others, inner, tracked)

    def _write(self, update: Update, scope: Scope, tracked: bool) -> None:
        builder = self._builder
        function = self._formulas.model.functions[update.function]
        place = self._formulas.place(update.function, update.arguments, scope)
        code, valid = position(builder, self._formulas.term(update.value, scope), function.result)
        if tracked:
            stamp = builder.add(place, number(self._desk.at(STAMP)))
            step = self._get(number(STEP))
            again = builder.icmp_signed("==", self._get(stamp), step)
            self._put(stamp, step)
            self._raise(CONFLICT, again)
        if valid is not None:
            self._raise(RANGE, builder.not_(valid))
        logged = self._get(number(LOGGED))
        entry = builder.add(builder.mul(logged, number(2)), number(self._desk.at(LOG)))
        self._put(entry, place)
        self._put(builder.add(entry, number(1)), code)
        self._set(LOGGED, builder.add(logged, number(1)))

    def _raise(self, code: int, condition: Value) -> None:
        flag = self._broken[code]
        self._builder.store(self._builder.or_(self._builder.load(flag, typ=BIT), condition), flag)

    def _get(self, place: Value) -> Value:
        return self._formulas.at_desk(place)

    def _set(self, place: int, value: Value) -> None:
        self._put(number(place), value)

    def _put(self, place: Value, value: Value) -> None:
        self._builder.store(value, at(self._builder, self._formulas.desk, place))


def weight_of_update(update: Update) -> int:
    """How many nodes one turn of an update has."""
    return sum(1 for part in (update.condition, update.value, *update.arguments) for _ in walk(part))


def weight_of(action: Action) -> int:
    """How many nodes one instance of an action has."""
    parts = [action.guard, *(assertion.formula for assertion in action.assertions)]
    return sum(1 for part in parts for _ in walk(part)) + sum(map(weight_of_update, action.updates))


def writes_of(action: Action) -> int:
    """The most writes that one instance of an action makes."""
    return sum(prod(size_of(binder.type) for binder in update.binders) for update in action.updates)
