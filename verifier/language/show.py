"""A transition system as text, for reading: what a specification really says, with nothing left to abbreviate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from verifier.language.show_expression import show_expression, show_type
from verifier.system.expressions import FALSE, TRUE, Expression, Variable
from verifier.system.layout import point_name, points_of
from verifier.system.system import (
    Action,
    Anything,
    Call,
    Check,
    Fairness,
    Formula,
    Function,
    Gap,
    Kind,
    Perform,
    Property,
    Scenario,
    System,
    Table,
    Update,
)
from verifier.system.types import Sort, Value, render

_FAIRNESS = {Fairness.NONE: "", Fairness.WEAK: "fair ", Fairness.STRONG: "strongly fair "}
_MOST_LISTED = 64


def show(system: System) -> str:
    """The whole system: sorts, constants and state, actions, claims."""
    parts = [
        [f"system {system.name}"],
        [_sort(sort) for sort in system.sorts],
        [line for function in system.constant_functions for line in _function(function)],
        [line for function in system.state_functions for line in _function(function)],
        *([*_action(action)] for action in system.actions),
        [*_properties(system)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _sort(sort: Sort) -> str:
    """Members with numbers are called by them already."""
    word = "sort" if sort.interchangeable else "enum"
    members = ", ".join(islice(sort.members, _MOST_LISTED))
    rest = f", ... {len(sort.members)} in all" if len(sort.members) > _MOST_LISTED else ""
    return f"{word} {sort.name} {{ {members}{rest} }}"


def _function(function: Function) -> Iterator[str]:
    word = "const" if function.constant else "state"
    match function.initial:
        case Formula(parameters, body):
            shape = f"({_parameters(parameters)})"
            yield f"{word} {function.name}{shape}: {show_type(function.result)} = {show_expression(body)}"
        case Anything():
            yield f"{word} {function.name}{_shape(function)}: {show_type(function.result)} = any"
        case Table((value,)) if not function.parameters:
            yield f"{word} {function.name}: {show_type(function.result)} = {render(function.result, value)}"
        case Table(values):
            yield f"{word} {function.name}{_shape(function)}: {show_type(function.result)}"
            yield from _table(function, values)


def _shape(function: Function) -> str:
    return f"({', '.join(map(show_type, function.parameters))})" if function.parameters else ""


def _table(function: Function, values: tuple[Value, ...]) -> Iterator[str]:
    """The points where the value is not the most plain one; others are named together."""
    plain = None if None in values else False if False in values else values[0]
    special = [(p, v) for p, v in zip(points_of(function.parameters), values, strict=True) if v is not plain]
    for point, value in special[:_MOST_LISTED]:
        yield f"  {point_name(function, point)} = {render(function.result, value)}"
    if len(special) > _MOST_LISTED:
        yield f"  ... {len(special)} such points in all"
    if len(special) < len(values):
        yield f"  {'otherwise' if special else 'everywhere'} {render(function.result, plain)}"


def _parameters(variables: tuple[Variable, ...]) -> str:
    return ", ".join(f"{variable.name}: {show_type(variable.type)}" for variable in variables)


def _action(action: Action) -> Iterator[str]:
    shape = f"({_parameters(action.parameters)})" if action.parameters else ""
    actor = f"  // {action.actor}" if action.kind is not Kind.STEP else ""
    yield f"{_FAIRNESS[action.fairness]}{action.kind.value} {action.name}{shape}{actor}"
    if action.guard != TRUE:
        yield f"  when {show_expression(action.guard)}"
    for assertion in action.assertions:
        yield f"  {_all(assertion.binders)}assert {assertion.property}: {show_expression(assertion.formula)}"
    yield from (f"  {_update(update)}" for update in action.updates)
    if action.kind is Kind.STEP:
        yield from (f"  // {_call(call)}" for call in action.calls)


def _update(update: Update) -> str:
    point = f"({', '.join(map(show_expression, update.arguments))})" if update.arguments else ""
    return f"{_all(update.binders, update.condition)}{update.function}{point} := {show_expression(update.value)}"


def _call(call: Call) -> str:
    return f"{_all(call.binders, call.condition)}{call.operation}({', '.join(map(show_expression, call.arguments))})"


def _all(binders: tuple[Variable, ...], condition: Expression = TRUE) -> str:
    """`all p: Page where c: ` before what is done for several values."""
    if not binders:
        return "" if condition == TRUE else f"if {show_expression(condition)}: "
    where = "" if condition == TRUE else f" where {show_expression(condition)}"
    return f"all {_parameters(binders)}{where}: "


def _properties(system: System) -> Iterator[str]:
    if system.final != FALSE:
        yield f"final {show_expression(system.final)}"
    for claim in system.properties:
        yield f"{'lemma' if claim.lemma else claim.kind.value} {claim.name}{_claim(claim, system)}"


def _claim(claim: Property, system: System) -> str:
    if claim.scenario is not None:
        return f": {_scenario(claim.scenario, system)}"
    trigger = "" if claim.trigger == TRUE else f"{show_expression(claim.trigger)} leads to "
    return "" if claim.formula == TRUE and not trigger else f": {trigger}{show_expression(claim.formula)}"


def _scenario(scenario: Scenario, system: System) -> str:
    lines = []
    for happening in scenario.happenings:
        match happening:
            case Perform(action, arguments, _):
                kinds = (parameter.type for parameter in system.action(action).parameters)
                given = ", ".join(
                    "_" if argument is None else render(kind, argument)
                    for kind, argument in zip(kinds, arguments, strict=True)
                )
                lines.append(f"{action}({given})" if arguments else action)
            case Gap():
                lines.append("...")
            case Check(formula, _):
                lines.append(f"check {show_expression(formula)}")
    return f"{'' if scenario.possible else 'impossible: '}{{ {'; '.join(lines)} }}"
