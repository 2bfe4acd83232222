"""Random systems of chips that are all alike at first, and are moved one by one, two by two, or all at once."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import strategies as st

from tests.engines.builders import always, everywhere, read, scalarset
from tests.every_size.families import COUNTED, HARMLESS
from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    Implies,
    Less,
    Next,
    Not,
    Read,
    Some,
    Variable,
)
from verifier.system.family import Family, Size
from verifier.system.system import Action, Assertion, Kind, Property, PropertyKind, System, Update
from verifier.system.types import BOOL, IntType, OptionalType, SortType, Type

COLOUR = IntType(0, 2)
PHASE = IntType(0, 2)
NUMBER = IntType(0, COUNTED)


@st.composite
def families(draw: st.DrawFn) -> Family:
    """A family of systems of chips, claims included. One chip may be named, and is not among those that are counted."""
    named = draw(st.booleans())
    actions = [draw(_actions(f"a{number}", named)) for number in range(draw(st.integers(1, 4)))]
    claims = [draw(_formulas(2)) for _ in range(2)]
    step = draw(_formulas(1))

    def at(numbers: tuple[int, ...]) -> System:
        chip = scalarset("Chip", numbers[0])
        variables = {name: Variable(name, chip) for name in "xyzuvw"}
        colour = everywhere("colour", (chip,), COLOUR, 0)
        flag = everywhere("flag", (chip,), BOOL, False)
        held = everywhere("held", (), OptionalType(chip), None)
        phase = everywhere("phase", (), PHASE, 0)
        build = _Build(chip, variables)
        properties = (
            *(
                always(f"always{n}", Implies(Equal(read(phase), _phase(n)), build(claim)))
                for n, claim in enumerate(claims)
            ),
            Property("step", PropertyKind.STEP, Implies(build(step), Next(build(step)))),
            Property("asserted", PropertyKind.ASSERTION),
            Property("single_write", PropertyKind.CONFLICT),
            HARMLESS,
        )
        made = tuple(build.action(written) for written in actions)
        return System("chips", (chip.sort,), (colour, flag, held, phase), made, properties)

    return Family((Size(("Chip",), 2, 60),), at)


def _phase(number: int) -> Constant:
    return Constant(number, PHASE)


# Formulas and actions as plain data, so that they can be made for every size

Written = tuple[object, ...]


def _formulas(depth: int, scope: tuple[str, ...] = ()) -> st.SearchStrategy[Written]:
    """Formulas over the variables in scope, with quantifiers in each other up to a depth."""
    of_chip = st.sampled_from(scope) if scope else None
    atoms: list[st.SearchStrategy[Written]] = [st.tuples(st.just("phase"), st.integers(0, 2))]
    if of_chip is not None:
        atoms += [
            st.tuples(st.just("colour"), of_chip, st.integers(0, 2)),
            st.tuples(st.just("flag"), of_chip),
            st.tuples(st.just("held"), of_chip),
            st.tuples(st.just("same"), of_chip, of_chip),
        ]
    plain = st.one_of(*atoms)
    forms = [plain, st.tuples(st.just("not"), plain), st.tuples(st.just("and"), plain, plain)]
    if depth:
        name = "uvw"[depth - 1]
        inner = _formulas(depth - 1, (*scope, name))
        forms += [
            st.tuples(st.sampled_from(("all", "some")), st.just(name), inner),
            st.tuples(st.sampled_from(("fewer", "more", "just")), st.just(name), inner, st.integers(0, 2)),
        ]
    return st.one_of(*forms)


@st.composite
def _actions(draw: st.DrawFn, name: str, named: bool) -> Written:
    parameters = "xy"[: draw(st.integers(0, 2))]
    scope = tuple(parameters)
    guard = draw(st.lists(_formulas(1, scope), max_size=2))
    updates: list[Written] = [("phase", draw(st.integers(0, 2)))] if draw(st.booleans()) else []
    updates += [draw(st.sampled_from((("colour", x, 1), ("colour", x, 2), ("flag", x)))) for x in parameters]
    if draw(st.booleans()):
        value = draw(st.integers(0, 2))
        updates.append(("every", draw(_formulas(1, (*scope, "z"))), draw(st.sampled_from(("colour", "flag"))), value))
    if parameters and draw(st.booleans()):
        updates.append(("hold", parameters[0]))
    elif draw(st.booleans()):
        updates.append(("drop",))
    if named and draw(st.booleans()):
        updates.append(("first", draw(st.integers(1, 2))))
    asserted = draw(st.lists(_formulas(1, scope), max_size=1))
    return (name, scope, tuple(guard), tuple(updates), tuple(asserted))


class _Build:
    def __init__(self, chip: SortType, variables: dict[str, Variable]) -> None:
        self.chip = chip
        self.variables = variables
        self.maybe = OptionalType(chip)

    def __call__(self, written: Written) -> Expression:
        match written:
            case ("phase", int(number)):
                return Equal(self.read("phase", PHASE), _phase(number))
            case ("colour", str(name), int(number)):
                return Equal(self.read("colour", COLOUR, name), Constant(number, COLOUR))
            case ("flag", str(name)):
                return self.read("flag", BOOL, name)
            case ("held", str(name)):
                return Equal(self.read("held", self.maybe), Some(self.variables[name], self.maybe))
            case ("same", str(a), str(b)):
                return Equal(self.variables[a], self.variables[b])
            case ("not", tuple(inner)):
                return Not(self(inner))
            case ("and", tuple(a), tuple(b)):
                return And((self(a), self(b)))
            case ("all", str(name), tuple(inner)):
                return ForAll(self.variables[name], self(inner))
            case ("some", str(name), tuple(inner)):
                return Exists(self.variables[name], self(inner))
            case (str(form), str(name), tuple(inner), int(number)):
                count, limit = (
                    Count(self.variables[name], self(inner), NUMBER),
                    Constant(number, IntType(number, number)),
                )
                return {"fewer": Less(count, limit), "more": Less(limit, count), "just": Equal(count, limit)}[form]
        raise AssertionError(written)

    def read(self, name: str, kind: Type, *arguments: str) -> Expression:
        return Read(name, tuple(self.variables[a] for a in arguments), kind)

    def action(self, written: Written) -> Action:
        name, scope, guard, updates, asserted = cast(tuple[str, *tuple[tuple[Any, ...], ...]], written)
        return Action(
            name,
            Kind.STEP,
            "player",
            tuple(self.variables[parameter] for parameter in scope),
            And(tuple(map(self, guard))),
            tuple(map(self.update, updates)),
            tuple(Assertion("asserted", self(formula)) for formula in asserted),
        )

    def update(self, written: Written) -> Update:
        z = self.variables["z"]
        match written:
            case ("phase", int(number)):
                return Update("phase", (), _phase(number))
            case ("colour", str(name), int(number)):
                return Update("colour", (self.variables[name],), Constant(number, COLOUR))
            case ("flag", str(name)):
                return Update("flag", (self.variables[name],), TRUE)
            case ("every", tuple(condition), "flag", int(number)):
                return Update("flag", (z,), TRUE if number else FALSE, (z,), self(condition))
            case ("every", tuple(condition), _, int(number)):
                return Update("colour", (z,), Constant(number, COLOUR), (z,), self(condition))
            case ("hold", str(name)):
                return Update("held", (), Some(self.variables[name], self.maybe))
            case ("drop",):
                return Update("held", (), Constant(None, self.maybe))
            case ("first", int(number)):
                return Update("colour", (Constant(0, self.chip),), Constant(number, COLOUR))
        raise AssertionError(written)
