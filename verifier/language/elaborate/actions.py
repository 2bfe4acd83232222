"""Actions that are no steps of a process: what hardware, surroundings and faults do, and free steps of a protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold
from verifier.language.elaborate.budgets import Budget, budget
from verifier.language.elaborate.effects import Decisions, Effects, Place, every_branch
from verifier.language.elaborate.processes import FAIRNESS
from verifier.language.elaborate.scope import Scope
from verifier.language.elaborate.statements import Statements
from verifier.system.expressions import Variable
from verifier.system.system import Action, Call, Fairness, Kind

if TYPE_CHECKING:
    from verifier.language.elaborate.world import World

_KINDS = {
    "hardware": Kind.HARDWARE,
    "environment": Kind.ENVIRONMENT,
    "fault": Kind.FAULT,
    "action": Kind.STEP,
}


def elaborate_action(declared: tree.ActionDecl, world: World) -> tuple[Budget | None, tuple[Action, ...]]:
    """The actions, one for each combination of branches, and how often they may happen together."""
    name = declared.name.text
    scope, parameters = _parameters(declared, world)
    allowance = budget(name, declared.limit, (), world)
    default = Fairness.WEAK if declared.word == "action" else Fairness.NONE

    def one(decisions: Decisions) -> Action:
        effects = Effects(decisions)
        Statements(world, effects).run(declared.body, Place(scope))
        full_name = name + decisions.name
        guards, updates = [effects.guard], list(effects.updates)
        if allowance is not None:
            guards.append(allowance.left_over())
            updates += allowance.spend()
        own_call = (Call(full_name, parameters),)
        return Action(
            name=full_name,
            kind=_KINDS[declared.word],
            actor=world.declared.owners[name],
            parameters=(*parameters, *effects.chosen),
            guard=fold.both(*guards),
            updates=tuple(updates),
            assertions=tuple(effects.assertions),
            conditions=tuple(effects.conditions),
            calls=tuple(effects.calls) if declared.word == "action" else own_call,
            fairness=FAIRNESS[declared.fairness] if declared.fairness else default,
            fair_parameters=len(parameters),
            step=name if declared.word == "action" else None,
            span=declared.span,
        )

    return allowance, every_branch(one, declared.span, world.problems)


def check_operation(declared: tree.ActionDecl, world: World) -> None:
    """Reports what is wrong with an operation, whether anybody performs it or not."""
    if declared.limit is not None or declared.fairness is not None:
        world.problems.error(
            "E0330",
            declared.limit.span if declared.limit is not None else declared.name.span,
            "an operation happens when it is performed, however often that is",
            "cannot be limited or fair",
        )
    scope = Scope(inside=(f"operation {declared.name.text}",))
    for parameter in declared.parameters:
        kind = world.type(parameter.type)
        if parameter.name is not None:
            _check_new(parameter.name, scope, world)
            scope, _ = scope.declare(parameter.name.text, kind)

    def one(decisions: Decisions) -> None:
        Statements(world, Effects(decisions)).run(declared.body, Place(scope, called=True))

    every_branch(one, declared.span, world.problems)


def _parameters(declared: tree.ActionDecl, world: World) -> tuple[Scope, tuple[Variable, ...]]:
    scope, variables = Scope(), []
    for index, parameter in enumerate(declared.parameters, start=1):
        name = parameter.name.text if parameter.name is not None else f"_{index}"
        if parameter.name is not None:
            _check_new(parameter.name, scope, world)
        scope, variable = scope.declare(name, world.index_type(parameter.type))
        variables += [variable] if variable is not None else []
    return scope, tuple(variables)


def _check_new(name: tree.Name, scope: Scope, world: World) -> None:
    if name.text in scope.names:
        world.problems.error("E0103", name.span, f"the parameter `{name.text}` is declared twice", "the second one")
