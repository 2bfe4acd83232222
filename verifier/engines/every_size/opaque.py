"""Systems with fewer states of which the same claims about states and steps hold, for a search of all sizes.

Values that are only copied and compared are *opaque*: what is in pages, say. Two pages between which they are copied,
or with which they are compared, are *twins*. If in one such pair two values are exchanged, wherever they stand, nothing
that the specification says changes, whatever is in the other pages. So it is enough to look at states in which the
first of two twins, the one that *leads*, holds the first of two values: where it would come to hold the other one, the
values of its twin are exchanged instead.

Every state of the system as it was differs from one here by exchanges in such pairs, and so do the states that its
steps lead to. The other way round it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from verifier.engines.every_size.twins import base, twins
from verifier.system.expressions import (
    Constant,
    Equal,
    Expression,
    If,
    IsSome,
    Next,
    Not,
    Number,
    Open,
    Read,
    conjunction,
    walk,
)
from verifier.system.family import Family
from verifier.system.interpreter import Interpreter
from verifier.system.system import Action, Anything, Function, Property, System, Table, Update
from verifier.system.types import BOOL, OptionalType, SortType

FIRST, SECOND = 0, 1
"""The two values, by their places in the sort."""


def simplified(family: Family, claims: Iterable[str]) -> Family:
    """The family of the simplified systems: what holds of the claims in one of these holds in the system as it was."""
    names = frozenset(claims)
    made: dict[tuple[int, ...], System | None] = {}

    def at(numbers: tuple[int, ...]) -> System | None:
        if numbers not in made:
            system = family.at(numbers)
            made[numbers] = None if system is None else simple(system, names)
        return made[numbers]

    return replace(family, at=at)


def simple(system: System, claims: frozenset[str]) -> System:
    """The same for these claims: of twins one leads."""
    about = [claim for claim in system.properties if claim.name in claims]
    written = {update.function for action in system.actions for update in action.updates}
    for function in system.state_functions:
        if function.name in written and _is_opaque(system, function, about):
            interpreter = Interpreter(_settled(system, written))
            found = twins(interpreter, function, about)
            if found is not None and _may_lead(found, interpreter.table(function)):
                system = _led(system, function, found)
    return system


def _settled(system: System, written: set[str]) -> System:
    """The system with what no action writes as a constant."""
    functions = (
        f if f.name in written or isinstance(f.initial, Anything) else replace(f, constant=True)
        for f in system.functions
    )
    return replace(system, functions=tuple(functions))


def _is_opaque(system: System, function: Function, claims: list[Property]) -> bool:
    """Whether there are two values of the function, which are only copied and compared, in one state at a time.

    No action may write it at several places, for these could be twins.
    """
    kind = function.result
    if not (isinstance(kind, SortType) and kind.sort.interchangeable and len(kind.sort.members) == 1 + SECOND):
        return False
    if isinstance(function.initial, Anything) or len(function.parameters) != 1:
        return False
    if any(kind in map(base, f.parameters) for f in system.functions):
        return False
    for action in system.actions:
        writes = [update for update in action.updates if update.function == function.name]
        if len(writes) > 1 or any(update.binders for update in writes):
            return False
    for expression in _expressions(system, claims):
        for node in walk(expression):
            match node:
                case Number(operand, _) if operand.type == kind:
                    return False
                case Next(operand) if any(isinstance(n, Read) and n.function == function.name for n in walk(operand)):
                    return False
    return True


def _expressions(system: System, claims: list[Property]) -> Iterator[Expression]:
    for action in system.actions:
        yield action.guard
        yield from (assertion.formula for assertion in action.assertions)
        for update in action.updates:
            yield from (*update.arguments, update.value, update.condition)
    yield from (claim.formula for claim in claims)


def _leads(place: int, twin: int) -> bool:
    return place <= twin


def _may_lead(found: tuple[int, ...], initial: tuple[object, ...]) -> bool:
    """Whether anything leads, and holds the first value in the beginning."""
    leading = [initial[place] for place, twin in enumerate(found) if _leads(place, twin)]
    return bool(leading) and all(value == FIRST for value in leading)


def _led(system: System, function: Function, found: tuple[int, ...]) -> System:
    """The system in which places that lead always hold the first value."""
    (kind,) = function.parameters
    assert isinstance(kind, SortType)
    leads = Table(tuple(_leads(place, twin) for place, twin in enumerate(found)))
    twin_of = Table(tuple(None if twin in (place, -1) else twin for place, twin in enumerate(found)))
    added = (
        Function(f"{function.name}.leads", (kind,), BOOL, leads, constant=True),
        Function(f"{function.name}.twin", (kind,), OptionalType(kind), twin_of, constant=True),
    )
    return replace(
        system,
        functions=(*system.functions, *added),
        actions=tuple(_redirected(action, function) for action in system.actions),
    )


def _redirected(action: Action, function: Function) -> Action:
    updates: list[Update] = []
    for update in action.updates:
        updates += [update] if update.function != function.name else _instead(update, function)
    return replace(action, updates=tuple(updates))


def _instead(update: Update, function: Function) -> Iterator[Update]:
    """Writes to what does not lead, as before; for the second value written to what leads, an exchange in its twin."""
    (place,) = update.arguments
    (kind,) = function.parameters
    assert isinstance(kind, SortType)
    leads = Read(f"{function.name}.leads", (place,), BOOL)
    yield replace(update, condition=conjunction(update.condition, Not(leads)))
    first, second = (Constant(value, function.result) for value in (FIRST, SECOND))
    twin = Read(f"{function.name}.twin", (place,), OptionalType(kind))
    there = Open(twin, kind)
    held = Equal(Read(function.name, (there,), function.result), first)
    yield replace(
        update,
        arguments=(there,),
        value=If(held, second, first, function.result),
        condition=conjunction(update.condition, leads, IsSome(twin), Equal(update.value, second)),
    )
