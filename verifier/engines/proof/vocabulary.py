"""The symbols of a family in first-order logic, and the axioms that its instances obey.

A free sort is an uninterpreted sort with distinct constants for its named members and a predicate for each class of the
others. In an orbit with several slots one is the *anchor*: functions from its class lead to the other members of the
block, one to one and onto. All other sorts are enumerations, booleans and integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from verifier.engines.proof.family import Case, Coordinate, Family, Fixed, Placed
from verifier.engines.proof.terms import (
    Optional,
    Term,
    Value,
    conjunction,
    disjunction,
    equality,
    implication,
    mark,
    negation,
    node,
    numeral,
    quantified,
    symbol,
    with_pattern,
)
from verifier.system.system import Function
from verifier.system.types import BoolType, IntType, OptionalType, SortType, Type, values_of
from verifier.system.types import Value as SystemValue


@dataclass(frozen=True)
class Vocabulary:
    """`anchors` has the slot of each orbit from which the functions to the other slots lead.

    With `marks`, quantifiers have patterns: see `verifier.engines.proof.elements`.
    """

    family: Family
    anchors: tuple[int, ...]
    marks: bool = False

    def is_free(self, kind: Type) -> bool:
        return isinstance(kind, SortType) and kind.sort.name in self.family.free

    # Names

    def sort(self, kind: Type) -> Term:
        """The sort of a type; of an optional, of what it holds."""
        match kind:
            case BoolType():
                return "Bool"
            case IntType():
                return "Int"
            case OptionalType(base):
                return self.sort(base)
            case SortType(sort):
                return symbol("sort", sort.name)

    def constant(self, kind: Type, value: SystemValue) -> Value:
        """A value of the type."""
        match kind:
            case OptionalType(base):
                if value is None:
                    return Optional("false", None)
                inner = self.constant(base, value)
                assert not isinstance(inner, Optional)
                return Optional("true", inner)
            case BoolType():
                return "true" if value else "false"
            case IntType():
                assert value is not None
                return numeral(int(value))
            case SortType(sort):
                assert value is not None
                return symbol("member", sort.name, sort.members[value])

    def values(self, kind: Type) -> list[Term]:
        """All values of a type that is neither free nor optional."""
        return [value for v in values_of(kind) if not isinstance(value := self.constant(kind, v), Optional)]

    @staticmethod
    def base(kind: Type) -> Type:
        """What a value of the type holds, if it is there."""
        return kind.base if isinstance(kind, OptionalType) else kind

    def quantified(self, quantifier: str, variables: Iterable[tuple[Term, Term]], body: Term) -> Term:
        """`forall` or `exists` over variables with their sorts, which are free."""
        pairs = tuple(variables)
        return quantified(quantifier, pairs, with_pattern(body, pairs) if self.marks else body)

    @cached_property
    def _constants(self) -> Mapping[tuple[str, tuple[Value, ...]], Value]:
        """The values of constants at points that are all named."""
        return {
            (
                function.name,
                tuple(self._fixed(k, c) for k, c in zip(function.parameters, case.point, strict=True)),
            ): self._fixed(function.result, case.value)
            for function in self.family.text.constant_functions
            for case in self.family.cases[function.name]
            if all(isinstance(coordinate, Fixed) for coordinate in (*case.point, case.value))
        }

    def _fixed(self, kind: Type, coordinate: Coordinate) -> Value:
        assert isinstance(coordinate, Fixed)
        return self.constant(kind, coordinate.value)

    def read(self, function: Function, arguments: tuple[Term, ...]) -> Value:
        """The value of the function at a point."""
        known = self._constants.get((function.name, arguments))
        return self._reading(function, arguments) if known is None else known

    def _reading(self, function: Function, arguments: tuple[Term, ...]) -> Value:
        value = node(symbol("state", function.name), *arguments)
        if not isinstance(function.result, OptionalType):
            return value
        return Optional(node(symbol("some", function.name), *arguments), value)

    def in_class(self, orbit: int, slot: int, term: Term) -> Term:
        return node(self.class_name(orbit, slot), term)

    def tied(self, orbit: int, slot: int, anchor: Term) -> Term:
        """The member in the slot of the block that has `anchor` in its anchor slot."""
        if slot == self.anchors[orbit]:
            return anchor
        return node(self.tie_name(orbit, slot), anchor)

    def tie_name(self, orbit: int, slot: int) -> Term:
        source, target = self.family.orbits[orbit][self.anchors[orbit]], self.family.orbits[orbit][slot]
        return symbol("with", source.sort, source.like, target.sort, target.like)

    def class_name(self, orbit: int, slot: int) -> Term:
        kind = self.family.orbits[orbit][slot]
        return symbol("class", kind.sort, kind.like)

    def back_name(self, orbit: int, slot: int) -> Term:
        """The inverse of the function called `tie_name`."""
        source, target = self.family.orbits[orbit][self.anchors[orbit]], self.family.orbits[orbit][slot]
        return symbol("back", target.sort, target.like, source.sort, source.like)

    def ties(self) -> Iterator[tuple[Term, Term, Term]]:
        """The functions inside of blocks, each with the sorts that it leads from and to."""
        for orbit in range(len(self.family.orbits)):
            anchor = self._class_sort(orbit, self.anchors[orbit])
            for slot in self._others(orbit):
                yield self.tie_name(orbit, slot), anchor, self._class_sort(orbit, slot)
                yield self.back_name(orbit, slot), self._class_sort(orbit, slot), anchor

    def elements(self) -> Iterator[tuple[Term, Term]]:
        """The constants of free sorts, each with its sort: named members, and anchors of the blocks there must be."""
        for name in self.family.free:
            yield from (
                (symbol("member", name, member), symbol("sort", name)) for member in self.family.sorts[name].members
            )
        for orbit, least in enumerate(self.family.least):
            yield from ((self._first(orbit, n), self._class_sort(orbit, self.anchors[orbit])) for n in range(least))

    @staticmethod
    def _first(orbit: int, number: int) -> Term:
        return symbol("first", str(orbit), str(number))

    def _class_sort(self, orbit: int, slot: int) -> Term:
        return symbol("sort", self.family.orbits[orbit][slot].sort)

    # Declarations

    def declarations(self) -> Iterator[str]:
        """One command to a line."""
        for sort in self.family.text.sorts:
            name = symbol("sort", sort.name)
            members = [symbol("member", sort.name, member) for member in sort.members]
            if sort.name in self.family.free:
                yield f"(declare-sort {name} 0)"
                if self.marks:
                    yield f"(declare-fun {mark(name)} ({name}) Bool)"
                yield from (f"(declare-fun {member} () {name})" for member in members)
            else:
                yield f"(declare-datatypes (({name} 0)) (({' '.join(f'({m})' for m in members)})))"
        for o, orbit in enumerate(self.family.orbits):
            for slot in range(len(orbit)):
                yield f"(declare-fun {self.class_name(o, slot)} ({self._class_sort(o, slot)}) Bool)"
            for number in range(self.family.least[o]):
                yield f"(declare-fun {self._first(o, number)} () {self._class_sort(o, self.anchors[o])})"
        for tie, source, target in self.ties():
            yield f"(declare-fun {tie} ({source}) {target})"
        for function in self.family.text.functions:
            points = " ".join(map(self.sort, function.parameters))
            if isinstance(function.result, OptionalType):
                yield f"(declare-fun {symbol('some', function.name)} ({points}) Bool)"
            yield f"(declare-fun {symbol('state', function.name)} ({points}) {self.sort(function.result)})"

    def _others(self, orbit: int) -> Iterator[int]:
        return (slot for slot in range(len(self.family.orbits[orbit])) if slot != self.anchors[orbit])

    # Axioms

    def axioms(self) -> Iterator[Term]:
        """What is true in every state of every instance because of what the symbols are."""
        yield from self._members()
        for orbit in range(len(self.family.orbits)):
            yield from self._blocks(orbit)
        for function in self.family.text.functions:
            if function.constant:
                yield from self.initial(function)
            base = function.result.base if isinstance(function.result, OptionalType) else function.result
            if isinstance(base, IntType):
                yield self._range(function, base)

    def _members(self) -> Iterator[Term]:
        for name in self.family.free:
            sort = self.family.sorts[name]
            named = [symbol("member", name, member) for member in sort.members]
            if len(named) > 1:
                yield node("distinct", *named)
            classes = [
                (o, s) for o, orbit in enumerate(self.family.orbits) for s, k in enumerate(orbit) if k.sort == name
            ]
            yield self._all(
                name, disjunction([*(equality("x", m) for m in named), *(self.in_class(*c, "x") for c in classes)])
            )
            yield from (negation(self.in_class(*c, member)) for c in classes for member in named)
            for one, other in combinations(classes, 2):
                yield self._all(name, negation(conjunction((self.in_class(*one, "x"), self.in_class(*other, "x")))))

    def _all(self, sort: str, body: Term) -> Term:
        return self.quantified("forall", (("x", symbol("sort", sort)),), body)

    def _blocks(self, orbit: int) -> Iterator[Term]:
        """There are as many blocks as there must be; the slots of the blocks correspond one to one."""
        anchor = self.anchors[orbit]
        source = self._class_sort(orbit, anchor)
        first = [self._first(orbit, number) for number in range(self.family.least[orbit])]
        yield from (self.in_class(orbit, anchor, block) for block in first)
        if len(first) > 1:
            yield node("distinct", *first)
        x_is = self.in_class(orbit, anchor, "x")
        for slot in self._others(orbit):
            back, z_is = self.back_name(orbit, slot), self.in_class(orbit, slot, "z")
            there, here = self.tied(orbit, slot, "x"), node(back, "z")
            leads = conjunction((self.in_class(orbit, slot, there), equality(node(back, there), "x")))
            yield self.quantified("forall", (("x", source),), implication(x_is, leads))
            comes = conjunction((self.in_class(orbit, anchor, here), equality(self.tied(orbit, slot, here), "z")))
            yield self.quantified("forall", (("z", self._class_sort(orbit, slot)),), implication(z_is, comes))

    def _range(self, function: Function, kind: IntType) -> Term:
        choices = [[f"x{i}"] if self.is_free(p) else self.values(p) for i, p in enumerate(function.parameters)]
        variables = [(f"x{i}", self.sort(p)) for i, p in enumerate(function.parameters) if self.is_free(p)]
        values = (node(symbol("state", function.name), *point) for point in product(*choices))
        return self.quantified("forall", variables, conjunction(within(value, kind) for value in values))

    def initial(self, function: Function) -> Iterator[Term]:
        """What a constant is, or the initial value of a state function; nothing if that may be anything."""
        for case in self.family.cases.get(function.name, ()):
            yield self._case(function, case)

    def _case(self, function: Function, case: Case) -> Term:
        used: dict[tuple[int, int], set[int]] = {}
        for place in (*case.point, case.value):
            if isinstance(place, Placed):
                used.setdefault((place.orbit, place.block), set()).add(place.slot)
        alone = {orbit: sum(o == orbit for o, _ in used) == 1 for orbit, _ in used}
        # A block of which one slot is spoken of is named by the member there, any other by its anchor.
        home = {
            key: next(iter(slots)) if len(slots) == 1 and alone[key[0]] else self.anchors[key[0]]
            for key, slots in used.items()
        }
        names = {key: f"x{index}" for index, key in enumerate(used)}
        conditions = [self.in_class(key[0], home[key], name) for key, name in names.items()]
        conditions += [negation(equality(names[a], names[b])) for a, b in combinations(names, 2) if a[0] == b[0]]

        def term(place: Coordinate, kind: Type) -> Value:
            if isinstance(place, Fixed):
                return self.constant(kind, place.value)
            key = place.orbit, place.block
            name = names[key] if place.slot == home[key] else self.tied(place.orbit, place.slot, names[key])
            return Optional("true", name) if isinstance(kind, OptionalType) else name

        point = []
        for place, kind in zip(case.point, function.parameters, strict=True):
            coordinate = term(place, kind)
            assert not isinstance(coordinate, Optional)
            point.append(coordinate)
        is_so = self._is(self._reading(function, tuple(point)), term(case.value, function.result))
        variables = [(name, self._class_sort(key[0], home[key])) for key, name in names.items()]
        return self.quantified("forall", variables, implication(conjunction(conditions), is_so))

    @staticmethod
    def _is(read: Value, value: Value) -> Term:
        if isinstance(read, Optional) and isinstance(value, Optional):
            there = equality(read.some, value.some)
            if read.value is None or value.value is None:
                return there
            return conjunction((there, equality(read.value, value.value)))
        assert not isinstance(read, Optional)
        assert not isinstance(value, Optional)
        return equality(read, value)


def within(value: Term, kind: IntType) -> Term:
    """The integer lies in the range."""
    return conjunction((node("<=", numeral(kind.low), value), node("<=", value, numeral(kind.high))))
