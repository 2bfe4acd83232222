"""All parts of a specification together: one transition system."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod

from verifier.language.elaborate.actions import check_operation, elaborate_action
from verifier.language.elaborate.built_in import built_in
from verifier.language.elaborate.choices import Choices
from verifier.language.elaborate.claims import assertion_properties, assertions, elaborate_final, elaborate_property
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.description import MachineDescription, describe
from verifier.language.elaborate.effort import Effort
from verifier.language.elaborate.layout import MOST_CELLS
from verifier.language.elaborate.messages import message_functions, mishaps, warn_unread
from verifier.language.elaborate.names import definition_body
from verifier.language.elaborate.problems import Problems
from verifier.language.elaborate.processes import elaborate_process
from verifier.language.elaborate.scenarios import elaborate_scenario, performs_former_step
from verifier.language.elaborate.scope import Scope
from verifier.language.elaborate.source import source_of
from verifier.language.elaborate.world import SizeRead, World
from verifier.system.expressions import Expression, Read, walk
from verifier.system.span import Span
from verifier.system.system import Action, Anything, Check, Formula, Function, Property, System
from verifier.system.types import Sort, size_of

MOST_ARGUMENTS = 10_000_000
"""How many values the parameters of one action may have together."""


@dataclass(frozen=True, slots=True)
class Program:
    """`omitted` are the scenarios that a variant leaves out, because they need a step that it has not.

    `size_reads` are the places whose meaning depends on how many members a sort has, and `named` the members that the
    text names, by sort and position, with the first place that names each.
    """

    system: System
    machine: MachineDescription
    omitted: tuple[str, ...]
    size_reads: tuple[SizeRead, ...]
    named: Mapping[tuple[str, int], Span]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What happens, and the state that only serves this."""

    functions: tuple[Function, ...]
    budgets: tuple[Function, ...]
    actions: tuple[Action, ...]


def elaborate_program(
    declared: Declarations,
    choices: Choices,
    sources: Mapping[str, str],
    problems: Problems,
    effort: Effort,
    asked: Collection[str] = (),
    open_sizes: bool = False,
) -> Program | None:
    """The system, or None if something is wrong; then `problems` says what.

    A built-in property that is `asked` for is there even where nothing can violate it. With `open_sizes`, nothing is
    simplified because of how many members a sort happens to have.
    """
    world = World(declared, choices, problems, effort, open_sizes)
    sorts = [world.sort(name) for name in declared.sorts]
    functions = {name: world.constants.function(name) for name in declared.functions}
    _check_definitions(world)
    parts = _parts(world)
    properties, omitted = _claims(parts, world, sources)
    final = elaborate_final(world)
    if not declared.edited:
        warn_unread(world)
    if problems.failed:
        return None
    states = [f for f in functions.values() if f is not None and not f.constant]
    every = (*states, *parts.functions, *parts.budgets)
    _check_size(every, parts.actions, world)
    every_property = (*properties, *_built_in(parts, every, asked))
    constants = world.constants.in_order(name for name, f in declared.functions.items() if f.word == "const")
    regions = _used(world.region_functions, (*constants, *every), parts.actions, every_property, final)
    _check_distinct("action", parts.actions, world)
    _check_distinct("piece of state", every, world)
    system = System(
        name=declared.name,
        sorts=(*(sort for sort in sorts if sort is not None), *_further_sorts(world)),
        functions=(*regions, *constants, *every),
        actions=parts.actions,
        properties=every_property,
        final=final,
    )
    machine = describe(declared, world.machine, sources)
    return None if problems.failed else Program(system, machine, omitted, tuple(world.size_reads), world.named)


def check_edits(
    original: Declarations, edited: Declarations, choices: Choices, problems: Problems, effort: Effort
) -> None:
    """Reports what is wrong with the parts that a variant changes. All else has been checked with the protocol."""
    world = World(edited, choices, problems, effort)
    for name, action in edited.actions.items():
        if action is original.actions[name]:
            continue
        if action.word == "operation":
            check_operation(action, world)
        else:
            elaborate_action(action, world)
    for name, process in edited.processes.items():
        plan = world.plan(name) if process is not original.processes[name] else None
        if plan is not None:
            elaborate_process(plan, world)


def _check_distinct(what: str, made: Iterable[Action | Function], world: World) -> None:
    """The names that elaboration makes (`process.label`, `message.lost`, `inbox.message`) may meet one another."""
    first: dict[str, Span] = {}
    for part in made:
        if part.name in first:
            world.problems.error(
                "E0116",
                part.span,
                f"two things are called `{part.name}`: this {what}, and another one",
                "rename this or the other",
                f"the other is at {first[part.name]}",
            )
        first[part.name] = part.span


def _check_definitions(world: World) -> None:
    """Reports what is wrong with definitions, whether they are used or not."""
    for name, definition in world.declared.defines.items():
        scope = Scope(two_state=True)
        for parameter in definition.parameters:
            kind = world.type(parameter.type)
            if parameter.name is not None:
                scope, _ = scope.declare(parameter.name.text, kind)
        definition_body(world.expressions, definition, scope.body_of(name, scope.names))


def _parts(world: World) -> _Parts:
    """Processes first: where several things can happen, a trace shows a step of the protocol."""
    functions: list[Function] = []
    budgets: list[Function] = []
    actions: list[Action] = []
    for name in world.declared.processes:
        plan = world.plan(name)
        if plan is not None:
            process = elaborate_process(plan, world)
            functions += process.functions
            budgets += process.budgets
            actions += process.actions
    for message in world.messages.values():
        functions += message_functions(message, world)
        allowances, faults = mishaps(message, world)
        budgets += [allowance.function for allowance in allowances]
        actions += faults
    for declared in world.declared.actions.values():
        if declared.word == "operation":
            check_operation(declared, world)
            continue
        limit, made = elaborate_action(declared, world)
        budgets += [limit.function] if limit is not None else []
        actions += made
    return _Parts(tuple(functions), tuple(budgets), tuple(actions))


def _claims(parts: _Parts, world: World, sources: Mapping[str, str]) -> tuple[tuple[Property, ...], tuple[str, ...]]:
    declared = world.declared
    stated = [elaborate_property(claim, world, sources) for claim in declared.properties]
    names = (*(claim.name for claim in declared.properties), *(scenario.name for scenario in declared.scenarios))
    taken = {name.text: name.span for name in names}
    asserted = {node.name.text: node for node in (*assertions(declared), *declared.former_assertions)}
    by_name = {action.name: action for action in parts.actions}
    played: list[Property | None] = []
    omitted: list[str] = []
    for scenario in declared.scenarios:
        if performs_former_step(scenario, by_name, world):
            omitted.append(scenario.name.text)
        else:
            played.append(elaborate_scenario(scenario, by_name, world, source_of(scenario.span, sources)))
    checked = assertion_properties(asserted.values(), taken, world, sources)
    found = (*stated, *checked, *played)
    return tuple(claim for claim in found if claim is not None), tuple(omitted)


def _built_in(parts: _Parts, states: Iterable[Function], asked: Collection[str]) -> list[Property]:
    budgets = frozenset(budget.name for budget in parts.budgets)
    return built_in(parts.actions, {function.name: function for function in states}, budgets, asked)


def _further_sorts(world: World) -> Iterator[Sort]:
    """The enumerations without a declaration: of functions, and the places of processes."""
    yield from world.inline_sorts()
    for name in world.declared.processes:
        plan = world.plan(name)
        if plan is not None:
            yield plan.sort


def _check_size(states: tuple[Function, ...], actions: tuple[Action, ...], world: World) -> None:
    total = 0
    for function in states:
        total += prod(map(size_of, function.parameters))
        if total > MOST_CELLS:
            world.problems.error(
                "E0307", function.span, f"a state has more than {MOST_CELLS} cells", f"with `{function.name}`",
                "choose smaller sorts and regions in an instance",
            )  # fmt: skip
            break
    beginnings = 1
    for function in (f for f in states if isinstance(f.initial, Anything)):
        cells = prod(map(size_of, function.parameters))
        beginnings *= size_of(function.result) ** min(cells, MOST_CELLS.bit_length())
        if beginnings > MOST_CELLS:
            world.problems.error(
                "E0307", function.span, f"there are more than {MOST_CELLS} initial states", f"with `{function.name}`",
                "`= any` is for few cells with few values; let an action choose the values one at a time",
            )  # fmt: skip
            break
    for action in actions:
        if prod(size_of(parameter.type) for parameter in action.parameters) > MOST_ARGUMENTS:
            world.problems.error(
                "E0307",
                action.span,
                f"`{action.name}` can happen in more than {MOST_ARGUMENTS} ways",
                "its parameters have too many values together",
            )


def _used(
    regions: tuple[Function, ...],
    functions: tuple[Function, ...],
    actions: tuple[Action, ...],
    properties: tuple[Property, ...],
    final: Expression,
) -> tuple[Function, ...]:
    """The regions that the system asks for; others would only tell pages apart for nothing."""
    if not regions:
        return ()
    read = {
        node.function
        for expression in _expressions(functions, actions, properties, final)
        for node in walk(expression)
        if isinstance(node, Read)
    }
    return tuple(region for region in regions if region.name in read)


def _expressions(
    functions: tuple[Function, ...], actions: tuple[Action, ...], properties: tuple[Property, ...], final: Expression
) -> Iterator[Expression]:
    for function in functions:
        if isinstance(function.initial, Formula):
            yield function.initial.body
    for action in actions:
        yield action.guard
        for update in action.updates:
            yield from (*update.arguments, update.value, update.condition)
        yield from (assertion.formula for assertion in action.assertions)
        for call in action.calls:
            yield from (*call.arguments, call.condition)
    for claim in properties:
        yield from (claim.formula, claim.trigger)
        if claim.scenario is not None:
            yield from (h.formula for h in claim.scenario.happenings if isinstance(h, Check))
    yield final
