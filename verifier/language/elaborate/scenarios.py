"""Scenarios: sequences of actions that must be possible, or must not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate.coercion import fit
from verifier.language.elaborate.problems import Hint, did_you_mean, listed
from verifier.language.elaborate.scope import Scope
from verifier.system.system import Action, Check, Gap, Perform, Property, PropertyKind, Scenario
from verifier.system.types import Type

if TYPE_CHECKING:
    from verifier.language.elaborate.world import World

Happening = Perform | Gap | Check


def elaborate_scenario(
    declared: tree.ScenarioDecl, actions: Mapping[str, Action], world: World, text: str
) -> Property | None:
    happenings: list[Happening] = []
    complete = True
    for line in declared.lines:
        match line:
            case tree.Gap(span):
                happenings.append(Gap(span))
            case tree.Check(condition, span):
                formula = world.expressions.truth(condition, Scope())
                complete &= formula is not None
                happenings += [Check(formula, span)] if formula is not None else []
            case tree.Perform():
                performed = _perform(line, actions, world)
                complete &= performed is not None
                happenings += [performed] if performed is not None else []
    if not complete:
        return None
    scenario = Scenario(tuple(happenings), declared.possible)
    return Property(
        declared.name.text,
        PropertyKind.SCENARIO,
        scenario=scenario,
        text=text,
        description=declared.doc,
        span=declared.span,
    )


def performs_former_step(declared: tree.ScenarioDecl, actions: Collection[str], world: World) -> bool:
    """Whether the scenario needs an action that is in the protocol but not in this variant of it."""
    paths = (".".join(name.text for name in line.path) for line in declared.lines if isinstance(line, tree.Perform))
    return world.declared.edited and not all(_candidates(path, actions) for path in paths)


def _candidates(path: str, names: Collection[str]) -> list[str]:
    """The actions that a path may mean: the one of that name, else the steps of processes that are called so."""
    return [path] if path in names else sorted(name for name in names if name.partition(".")[2] == path)


def _perform(line: tree.Perform, actions: Mapping[str, Action], world: World) -> Perform | None:
    path = ".".join(name.text for name in line.path)
    first, last = line.path[0].span, line.path[-1].span
    span = replace(first, end_line=last.end_line, end_column=last.end_column)
    found = _candidates(path, actions)
    if len(found) != 1:
        branches = sorted(name for name in actions if name.startswith(f"{path}.") or f".{path}." in name)
        hint: Hint = None
        if found:
            message, label = f"`{path}` could be {listed(found)}", "which one is meant?"
        elif branches:
            message, label = f"`{path}` happens in parts: {listed(branches)}", "which part is meant?"
        else:
            message, label, hint = f"no action is called `{path}`", "never happens", did_you_mean(path, actions)
        world.problems.error("E0410", span, message, label, hint)
        return None
    action = actions[found[0]]
    if line.arguments is None:
        return Perform(action.name, (None,) * len(action.parameters), line.span)
    if len(line.arguments) > len(action.parameters):
        shape = ", ".join(f"{p.name}: {p.type}" for p in action.parameters)
        world.problems.error(
            "E0411",
            line.span,
            f"`{action.name}` has {len(action.parameters)} parameters, but here are {len(line.arguments)} arguments",
            f"needs ({shape})" if shape else "takes none",
            "`_` stands for any argument, and so does leaving out the last ones",
        )
        return None
    values: list[bool | int | None] = []
    for written, parameter in zip_longest(line.arguments, action.parameters):
        if written is None:
            values.append(None)
            continue
        value = _argument(written, parameter.type, world)
        if value is None:
            return None
        values.append(value)
    return Perform(action.name, tuple(values), line.span)


def _argument(written: tree.Expr, kind: Type, world: World) -> bool | int | None:
    value = world.expressions.value(written, Scope(constant=True), kind)
    value = value and fit(value, kind, written.span, world.problems)
    known = world.constants.evaluate(value, written.span) if value is not None else None
    return known.value if known is not None else None
