"""Processes: their steps, loops and crashes as actions of the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold, sets
from verifier.language.elaborate.budgets import Budget, budget
from verifier.language.elaborate.effects import Decisions, Effects, Place, every_branch
from verifier.language.elaborate.messages import initially
from verifier.language.elaborate.phases import CRASHED, ProcessPlan, StepPlan
from verifier.language.elaborate.scope import Scope
from verifier.language.elaborate.statements import Statements
from verifier.system.expressions import (
    FALSE,
    TRUE,
    Count,
    Exists,
    Expression,
    ForAll,
    Read,
    Variable,
    rebuild,
    walk,
)
from verifier.system.span import Span
from verifier.system.system import Action, Fairness, Formula, Function, Kind, Update
from verifier.system.types import BOOL

if TYPE_CHECKING:
    from verifier.language.elaborate.world import World

FAIRNESS = {"fair": Fairness.WEAK, "strongly fair": Fairness.STRONG, "unfair": Fairness.NONE}


@dataclass(frozen=True, slots=True)
class ProcessParts:
    """What a process adds to the system."""

    functions: tuple[Function, ...]
    budgets: tuple[Function, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop of a step: which elements are left, and which there are when it begins."""

    pending: str
    elements: tuple[Variable, ...]
    inside: Expression
    body_scope: Scope
    constant: bool
    step: StepPlan


def substitute(expression: Expression, meaning: Mapping[Variable, Variable]) -> Expression:
    """The expression with other variables, none of which it binds."""
    if isinstance(expression, Variable):
        return meaning.get(expression, expression)
    return rebuild(expression, lambda part: substitute(part, meaning))


class _Process:
    def __init__(self, plan: ProcessPlan, world: World) -> None:
        self.plan = plan
        self.world = world
        self.scope = Scope()
        parameters: list[Variable] = []
        for index, (written, kind) in enumerate(zip(plan.process.parameters, plan.parameters, strict=True), start=1):
            self.scope, variable = self.scope.declare(written.name.text if written.name else f"_{index}", kind)
            assert variable is not None
            parameters.append(variable)
        self.parameters = tuple(parameters)
        self.loops = tuple(loop for step in plan.steps for loop in self._loop(step))

    def _loop(self, step: StepPlan) -> tuple[_Loop, ...]:
        if step.loop is None:
            return ()
        bound = sets.bind(self.world.expressions, step.loop.binder, self._entry_scope(step))
        # Other names known here hold before the loop; by the time of an element they may not.
        body_scope = replace(self.scope, taken=bound.scope.taken)
        for name in step.loop.binder.names:
            body_scope = body_scope.bind(name.text, bound.scope.names[name.text])
        if bound.variables is None or bound.condition is None:
            Statements(self.world, Effects(Decisions()), self.plan, self.parameters).run(
                step.loop.body, Place(body_scope)
            )
            return ()
        pending = f"{self.plan.name}.{step.label}.pending"
        return (_Loop(pending, bound.variables, bound.condition, body_scope, not step.entry, step),)

    def _entry_scope(self, step: StepPlan) -> Scope:
        """Where the set of a loop is read: after the statements before it, whose names it may use."""
        effects = Effects(Decisions())
        return Statements(self.world, effects, self.plan, self.parameters).run(step.before, Place(self.scope)).scope

    # State

    def functions(self) -> tuple[Function, ...]:
        span = self.plan.process.name.span
        made = [initially(self.plan.at, self.plan.parameters, self.plan.first, span)]
        for loop in self.loops:
            variables = (*self.parameters, *loop.elements)
            initial = Formula(variables, loop.inside if loop.constant else FALSE)
            kinds = tuple(variable.type for variable in variables)
            made.append(Function(loop.pending, kinds, BOOL, initial, span=loop.step.step.span))
        return tuple(made)

    # Actions

    def actions(self) -> tuple[Action, ...]:
        return tuple(action for step in self.plan.steps for action in self._step(step))

    def _step(self, step: StepPlan) -> tuple[Action, ...]:
        name, following = f"{self.plan.name}.{step.label}", self.plan.after(step)
        if step.loop is None:
            return self._parts(step, name, step.label, step.before, following)
        made: list[Action] = []
        for loop in (loop for loop in self.loops if loop.step is step):
            into = self.plan.place(step.loop_place)
            if step.entry:
                fill = self._write(loop, TRUE, loop.inside)
                made += self._parts(step, name, step.label, step.before, into, extra=(fill,))
            made += self._elements(step, loop, f"{name}.each")
            empty = fold.for_all(loop.elements, fold.negate(self._pending(loop)))
            refill = (self._write(loop, TRUE, loop.inside),) if loop.constant else ()
            made += self._parts(step, f"{name}.end", step.loop_place, step.after, following, guard=empty, extra=refill)
        return tuple(made)

    def _pending(self, loop: _Loop) -> Expression:
        return Read(loop.pending, (*self.parameters, *loop.elements), BOOL)

    def _write(self, loop: _Loop, value: Expression, condition: Expression) -> Update:
        """Sets what is pending of all elements for which the condition holds."""
        point = (*self.parameters, *loop.elements)
        return Update(loop.pending, point, value, loop.elements, condition, loop.step.step.span)

    def _parts(
        self,
        step: StepPlan,
        name: str,
        place: str,
        body: tuple[tree.Statement, ...],
        following: Expression,
        guard: Expression = TRUE,
        extra: tuple[Update, ...] = (),
    ) -> tuple[Action, ...]:
        """One part of a step, as an action for each combination of branches."""

        def one(decisions: Decisions) -> Action:
            effects = Effects(decisions)
            Statements(self.world, effects, self.plan, self.parameters).run(body, Place(self.scope))
            moved = self._move(effects.destination(following), place, step.step.span)
            return self._action(step, name, place, (), effects, (*moved, *effects.updates, *extra), guard)

        return self._branches(one, step)

    def _elements(self, step: StepPlan, loop: _Loop, name: str) -> tuple[Action, ...]:
        """The elements of a loop, one at a time. A `goto` leaves the loop, and with it what is still pending."""
        assert step.loop is not None
        body = step.loop.body

        def one(decisions: Decisions) -> Action:
            effects = Effects(decisions)
            Statements(self.world, effects, self.plan, self.parameters).run(body, Place(loop.body_scope))
            here = self.plan.place(step.loop_place)
            leaving = effects.jumping
            moved = self._move(effects.destination(here), step.loop_place, step.step.span)
            point = (*self.parameters, *loop.elements)
            done = Update(loop.pending, point, FALSE, (), fold.negate(leaving), step.step.span)
            updates = [*moved, *([] if leaving == TRUE else [done]), *effects.updates]
            if leaving != FALSE:
                updates.append(self._reset(loop, leaving))
            return self._action(
                step, name, step.loop_place, loop.elements, effects, tuple(updates), self._pending(loop)
            )

        return self._branches(one, step)

    def _branches(self, one: Callable[[Decisions], Action], step: StepPlan) -> tuple[Action, ...]:
        return every_branch(one, step.step.span, self.world.problems)

    def _reset(self, loop: _Loop, condition: Expression = TRUE) -> Update:
        """Makes the loop begin afresh."""
        inner = {node.variable.name for node in walk(loop.inside) if isinstance(node, ForAll | Exists | Count)}
        outer = {variable.name for variable in (*self.parameters, *loop.elements)}
        renamed, scope = [], Scope(taken=frozenset(inner | outer))
        for variable in loop.elements:
            scope, fresh = scope.declare(variable.name, variable.type)
            assert fresh is not None
            renamed.append(fresh)
        inside = substitute(loop.inside, dict(zip(loop.elements, renamed, strict=True))) if loop.constant else FALSE
        return Update(
            loop.pending, (*self.parameters, *renamed), inside, tuple(renamed), condition, loop.step.step.span
        )

    def _move(self, target: Expression, place: str, span: Span) -> tuple[Update, ...]:
        if target == self.plan.place(place):
            return ()
        return (Update(self.plan.at, self.parameters, target, span=span),)

    def _action(
        self,
        step: StepPlan,
        name: str,
        place: str,
        elements: tuple[Variable, ...],
        effects: Effects,
        updates: tuple[Update, ...],
        guard: Expression,
    ) -> Action:
        here = self.plan.is_at(place, self.parameters)
        return Action(
            name=name + effects.decisions.name,
            kind=Kind.STEP,
            actor=self.plan.name,
            parameters=(*self.parameters, *elements, *effects.chosen),
            guard=fold.both(here, guard, effects.guard),
            updates=updates,
            assertions=tuple(effects.assertions),
            conditions=tuple(effects.conditions),
            calls=tuple(effects.calls),
            fairness=FAIRNESS[step.step.fairness or "fair"],
            fair_parameters=len(self.parameters),
            step=f"{self.plan.name}.{step.label}",
            span=step.step.span,
        )

    # Crashes

    def crash(self) -> tuple[tuple[Budget, ...], tuple[Action, ...]]:
        crash = self.plan.process.crash
        if crash is None:
            return (), ()
        name = f"{self.plan.name}.crash"
        allowance = budget(name, crash.limit, self.plan.parameters, self.world)

        def one(decisions: Decisions) -> Action:
            effects = Effects(decisions)
            Statements(self.world, effects, self.plan, self.parameters).run(crash.body, Place(self.scope))
            lost = self.plan.place(CRASHED) if CRASHED in self.plan.sort.members else self.plan.first
            moved = Update(self.plan.at, self.parameters, effects.destination(lost), span=crash.span)
            guards = [fold.negate(self.plan.is_over(self.parameters)), effects.guard]
            updates = [moved, *effects.updates, *map(self._reset, self.loops)]
            if allowance is not None:
                guards.append(allowance.left_over(self.parameters))
                updates += allowance.spend(self.parameters)
            return Action(
                name=name + decisions.name,
                kind=Kind.FAULT,
                actor=self.plan.name,
                parameters=(*self.parameters, *effects.chosen),
                guard=fold.both(*guards),
                updates=tuple(updates),
                assertions=tuple(effects.assertions),
                conditions=tuple(effects.conditions),
                calls=tuple(effects.calls),
                span=crash.span,
            )

        return (allowance,) if allowance is not None else (), every_branch(one, crash.span, self.world.problems)


def elaborate_process(plan: ProcessPlan, world: World) -> ProcessParts:
    process = _Process(plan, world)
    budgets, crashes = process.crash()
    spent = tuple(allowance.function for allowance in budgets)
    return ProcessParts(process.functions(), spent, (*process.actions(), *crashes))
