"""Export to Murphi: a system as a model for Rumur or CMurphi, two independent explicit-state checkers.

The model has the same reachable states as the system, one for one. Writes are made to copies and copied back, so that
updates are simultaneous; leaving a range is Murphi's own error; a cell written twice fails an assertion. Properties
that Murphi has no words for are named in the header. Symmetry is not exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from verifier.report.murphi_expressions import Scope, Scribe
from verifier.report.murphi_names import Names, plain
from verifier.system.expressions import TRUE, Variable
from verifier.system.interpreter import Interpreter
from verifier.system.layout import points_of
from verifier.system.system import Action, Anything, Formula, Function, Property, PropertyKind, System, Table, Update
from verifier.system.types import BOOL, BoolType, IntType, OptionalType, SortType, Type, Value, size_of

EXPORTED = (PropertyKind.ALWAYS, PropertyKind.ASSERTION, PropertyKind.RANGE, PropertyKind.CONFLICT)


def export_murphi(system: System) -> str:
    """The system as a Murphi model.

    Raises ValueError if some state function has no values to take, which Murphi cannot say.
    """
    return "\n".join(_Exporter(system).model()) + "\n"


class _Exporter:
    def __init__(self, system: System) -> None:
        self._system = system
        self._interpreter = Interpreter(system)
        self._names = Names()
        self._scribe = Scribe(system, self._names)
        self._state = {function.name: function for function in system.state_functions if points_of(function.parameters)}
        self._asserted = {claim.name for claim in system.properties if claim.kind is PropertyKind.ASSERTION}
        for function in self._state.values():
            if not size_of(function.result):
                raise ValueError(f"{function.name} has no values to take: Murphi has no empty types")

    def model(self) -> Iterator[str]:
        rules = list(chain.from_iterable(self._rule(action) for action in self._system.actions))
        start = list(self._start())
        invariants = [self._invariant(claim) for claim in self._system.properties if claim.kind is PropertyKind.ALWAYS]
        yield from self._header()
        yield from self._declarations()
        for definition in self._scribe.definitions:
            yield ""
            yield definition
        for part in (start, rules, invariants):
            yield ""
            yield from part

    def _header(self) -> Iterator[str]:
        yield f"-- {plain(self._system.name)}, exported by Flip."
        yield "-- An optional that is none is an undefined variable."
        for claim in self._system.properties:
            if claim.kind not in EXPORTED:
                yield f"-- Not exported: {plain(claim.name)} ({claim.kind.value})."

    def _declarations(self) -> Iterator[str]:
        yield ""
        for sort in self._system.sorts:
            for number, name in enumerate(self._scribe.members[sort.name]):
                yield f"const {name}: {number};"
        for sort in self._system.sorts:
            yield f"type {self._scribe.types[sort.name]}: 0..{max(0, len(sort.members) - 1)};"
        for function in self._state.values():
            yield f"var {self._scribe.functions[function.name]}: {self._array(function, function.result)};"

    def _array(self, function: Function, result: Type) -> str:
        """The type of a variable with a place for each point of the function."""
        dimensions = "".join(f"array [{self._scribe.type(kind)}] of " for kind in function.parameters)
        return dimensions + self._scribe.type(result)

    def _invariant(self, claim: Property) -> str:
        self._names.leave()
        return f'invariant "{plain(claim.name)}" {self._scribe.value(claim.formula, {})};'

    # Initial states

    def _start(self) -> Iterator[str]:
        parameters: list[str] = []
        body: list[str] = []
        for function in self._state.values():
            for point, value in self._first_values(function):
                literals = tuple(map(self._scribe.literal, function.parameters, point))
                place = self._scribe.place(self._scribe.functions[function.name], literals)
                if isinstance(function.initial, Anything):
                    name = self._names.local(f"any {function.name}")
                    domain, assignment = self._any(function.result, name, place)
                    parameters.append(f"{name}: {domain}")
                    body.append(assignment)
                else:
                    body.append(self._assignment(place, function.result, value))
        yield from ruleset(parameters, ['startstate "initial"', "begin", *indented(body), "end;"])

    def _first_values(self, function: Function) -> Iterator[tuple[tuple[Value, ...], Value]]:
        """Every point of the function with its first value (none if it may be anything)."""
        points = points_of(function.parameters)
        match function.initial:
            case Table(values):
                yield from zip(points, values, strict=True)
            case Formula(parameters, body):
                names = [parameter.name for parameter in parameters]
                for point in points:
                    yield point, self._interpreter.evaluate(body, (), dict(zip(names, point, strict=True)))
            case Anything():
                yield from ((point, None) for point in points)

    def _assignment(self, place: str, kind: Type, value: Value) -> str:
        return f"undefine {place};" if value is None else f"{place} := {self._scribe.literal(kind, value)};"

    def _any(self, kind: Type, name: str, place: str) -> tuple[str, str]:
        """What a parameter that stands for any value ranges over, and the assignment of that value to a place."""
        if not isinstance(kind, OptionalType):
            return self._scribe.type(kind), f"{place} := {name};"
        match kind.base:
            case BoolType():
                held = f"({name} = 2)"
            case IntType(low, _):
                held = f"{name} - 1 + ({low})"
            case SortType():
                held = f"{name} - 1"
        return f"0..{size_of(kind.base)}", f"if {name} = 0 then undefine {place}; else {place} := {held}; end;"

    # Actions

    def _rule(self, action: Action) -> Iterator[str]:
        if not all(size_of(parameter.type) for parameter in action.parameters):
            return
        self._names.leave()
        scope = self._scribe.bind(action.parameters, {})
        written = [name for name in self._state if any(update.function == name for update in action.updates)]
        copies = {name: self._names.local(f"new {name}") for name in written}
        marks = {name: self._names.local(f"written {name}") for name in written if may_conflict(action, name)}
        body = [*self._assertions(action, scope)]
        for name in written:
            body += self._copy(self._state[name], self._scribe.functions[name], copies[name])
            if name in marks:
                body += self._clear(self._state[name], marks[name])
        for update in action.updates:
            if update.function in self._state:
                body += self._update(update, scope, copies[update.function], marks.get(update.function))
        for name in written:
            body += self._copy(self._state[name], copies[name], self._scribe.functions[name])
        variables = [
            *(f"{copies[name]}: {self._array(self._state[name], self._state[name].result)};" for name in written),
            *(f"{marks[name]}: {self._array(self._state[name], BOOL)};" for name in marks),
        ]
        yield from ruleset(
            [f"{scope[parameter.name]}: {self._scribe.type(parameter.type)}" for parameter in action.parameters],
            [
                f'rule "{plain(action.name)}"',
                f"  {self._scribe.value(action.guard, scope)}",
                "==>",
                *(("var", *indented(variables)) if variables else ()),
                "begin",
                *indented(body),
                "end;",
            ],
        )

    def _assertions(self, action: Action, scope: Scope) -> Iterator[str]:
        for assertion in action.assertions:
            if assertion.property in self._asserted:
                inner = self._scribe.bind(assertion.binders, scope)
                formula = self._scribe.value(assertion.formula, inner)
                yield from self._loop(assertion.binders, inner, [f'assert "{plain(assertion.property)}" {formula};'])

    def _update(self, update: Update, scope: Scope, copy: str, marks: str | None) -> Iterator[str]:
        inner = self._scribe.bind(update.binders, scope)
        point = tuple(self._scribe.value(argument, inner) for argument in update.arguments)
        target = self._scribe.place(copy, point)
        lines = []
        if marks is not None:
            mark = self._scribe.place(marks, point)
            lines = [f'assert "written twice: {plain(update.function)}" !{mark};', f"{mark} := true;"]
        if isinstance(update.value.type, OptionalType):
            present, held = self._scribe.present(update.value, inner), self._scribe.held(update.value, inner)
            lines.append(f"if {present} then {target} := {held}; else undefine {target}; end;")
        else:
            lines.append(f"{target} := {self._scribe.value(update.value, inner)};")
        if update.condition != TRUE:
            lines = [f"if {self._scribe.value(update.condition, inner)} then", *indented(lines), "end;"]
        yield from self._loop(update.binders, inner, lines)

    def _loop(self, binders: tuple[Variable, ...], scope: Scope, lines: list[str]) -> list[str]:
        """The lines for all values of the binders."""
        if not all(size_of(binder.type) for binder in binders):
            return []
        for binder in reversed(binders):
            lines = [f"for {scope[binder.name]}: {self._scribe.type(binder.type)} do", *indented(lines), "end;"]
        return lines

    def _copy(self, function: Function, source: str, target: str) -> list[str]:
        if isinstance(function.result, OptionalType) and not function.parameters:
            return [f"if isundefined({source}) then undefine {target}; else {target} := {source}; end;"]
        return [f"{target} := {source};"]

    def _clear(self, function: Function, marks: str) -> list[str]:
        binders = tuple(Variable(f"at{number}", kind) for number, kind in enumerate(function.parameters))
        scope = self._scribe.bind(binders, {})
        place = self._scribe.place(marks, tuple(scope[binder.name] for binder in binders))
        return self._loop(binders, scope, [f"{place} := false;"])


def may_conflict(action: Action, function: str) -> bool:
    """Whether the action might write a cell of the function twice: not by one update with a point for each binder."""
    updates = [update for update in action.updates if update.function == function]
    return len(updates) > 1 or not all(binder in updates[0].arguments for binder in updates[0].binders)


def ruleset(parameters: Sequence[str], rule: Sequence[str]) -> list[str]:
    """The rule for all values of the parameters."""
    if not parameters:
        return list(rule)
    return [f"ruleset {'; '.join(parameters)} do", *indented(rule), "end;"]


def indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
