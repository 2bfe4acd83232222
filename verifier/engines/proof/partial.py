"""What can be said of expressions where only some cells of a state are known.

A value is UNKNOWN unless the known cells settle it; "and" and "or" are settled by one operand, as quantifiers are by
one element. It follows the reference interpreter, and agrees with it wherever it answers at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from verifier.system.expressions import (
    And,
    Constant,
    Count,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    Next,
    Not,
    Open,
    Or,
    Read,
    Variable,
    children,
    rebuild,
)
from verifier.system.interpreter import Interpreter, environment_of
from verifier.system.system import Action, PropertyKind
from verifier.system.types import Value, contains, values_of


class Unknown:
    """What is not known."""


UNKNOWN: Final = Unknown()

Partial = Mapping[int, Value]
"""The known cells of a state, by place."""

Environment = Mapping[str, Value]
Maybe = Value | Unknown


@dataclass(frozen=True, slots=True)
class Write:
    """A write of a cell of `function`; if it is not `certain` it may not take place."""

    function: str
    place: int | Unknown
    value: Maybe
    certain: bool


@dataclass(frozen=True)
class PartialInterpreter:
    """Evaluates in states of which only some cells are known."""

    interpreter: Interpreter

    def value(self, e: Expression, known: Partial, names: Environment, after: Partial | None = None) -> Maybe:
        """The value of the expression, if it is the same whatever the other cells are; perhaps not even then."""

        def value(part: Expression) -> Maybe:
            return self.value(part, known, names, after)

        match e:
            case Constant(constant, _):
                return constant
            case Variable(name, _):
                return names[name]
            case Read(function, arguments, _):
                point = [value(a) for a in arguments]
                settled = tuple(p for p in point if not isinstance(p, Unknown))
                return self._read(function, settled, known) if len(settled) == len(point) else UNKNOWN
            case Next(operand):
                assert after is not None, "Next outside a two-state property"
                return self.value(operand, after, names)
            case Not(operand, _):
                truth = value(operand)
                return truth if isinstance(truth, Unknown) else not truth
            case And(operands, _):
                return _all(map(value, operands))
            case Or(operands, _):
                return _any(map(value, operands))
            case Implies(left, right, _):
                return _any(value(part) for part in (Not(left), right))
            case If(condition, then, otherwise, _):
                truth = value(condition)
                return truth if isinstance(truth, Unknown) else value(then if truth else otherwise)
            case Open(operand, _):
                held = value(operand)
                return UNKNOWN if held is None else held
            case ForAll(variable, body, _):
                return _all(self.value(body, known, n, after) for n in self._each(variable, names))
            case Exists(variable, body, _):
                return _any(self.value(body, known, n, after) for n in self._each(variable, names))
            case Count(variable, body, _):
                truths = [self.value(body, known, n, after) for n in self._each(variable, names)]
                return UNKNOWN if UNKNOWN in truths else sum(map(bool, truths))
            case _:
                return self._strict(e, [value(part) for part in children(e)])

    def _strict(self, e: Expression, parts: list[Maybe]) -> Maybe:
        """A node that needs all of its parts, as the reference interpreter sees it."""
        settled = [part for part in parts if not isinstance(part, Unknown)]
        if len(settled) < len(parts):
            return UNKNOWN
        values = iter(settled)
        return self.interpreter.evaluate(rebuild(e, lambda part: Constant(next(values), part.type)), (), {})

    def _read(self, function: str, point: tuple[Value, ...], known: Partial) -> Maybe:
        layout = self.interpreter.layout
        if function not in layout.start:
            return self.interpreter.value_at(function, point, ())
        return known.get(layout.place(function, point), UNKNOWN)

    @staticmethod
    def _each(variable: Variable, names: Environment) -> Iterator[Environment]:
        return ({**names, variable.name: value} for value in values_of(variable.type))

    def after(self, action: Action, arguments: tuple[Value, ...], known: Partial) -> Partial:
        """What is known after the step, if it takes place: a cell that may be written by what is not known is not."""
        layout = self.interpreter.layout
        following = dict(known)
        for write in self.writes(action, arguments, known):
            if isinstance(write.place, Unknown):
                for place, cell in enumerate(layout.cells):
                    if cell.function == write.function:
                        following.pop(place, None)
            elif write.certain and not isinstance(write.value, Unknown):
                following[write.place] = write.value
            else:
                following.pop(write.place, None)
        return following

    def writes(self, action: Action, arguments: tuple[Value, ...], known: Partial) -> Iterator[Write]:
        """Every write of the action that may take place."""
        names = environment_of(action, arguments)
        for update in action.updates:
            for bound in self.interpreter.bindings(update.binders, names):
                condition = self.value(update.condition, known, bound)
                if not isinstance(condition, Unknown) and not condition:
                    continue
                point = [self.value(a, known, bound) for a in update.arguments]
                settled = tuple(p for p in point if not isinstance(p, Unknown))
                here = len(settled) == len(point)
                place = self.interpreter.layout.place(update.function, settled) if here else UNKNOWN
                certain = not isinstance(condition, Unknown)
                yield Write(update.function, place, self.value(update.value, known, bound), certain)

    def goes_wrong(self, action: Action, arguments: tuple[Value, ...], known: Partial, kind: PropertyKind) -> bool:
        """Whether the action certainly leaves a range, or writes a cell twice."""
        certain = [w for w in self.writes(action, arguments, known) if w.certain and not isinstance(w.place, Unknown)]
        if kind is PropertyKind.CONFLICT:
            return len({w.place for w in certain}) < len(certain)
        cells = self.interpreter.layout.cells
        return any(
            not isinstance(w.place, Unknown)
            and not isinstance(w.value, Unknown)
            and not contains(cells[w.place].type, w.value)
            for w in certain
        )


def _all(truths: Iterable[Maybe]) -> Maybe:
    result: Maybe = True
    for truth in truths:
        if isinstance(truth, Unknown):
            result = UNKNOWN
        elif not truth:
            return False
    return result


def _any(truths: Iterable[Maybe]) -> Maybe:
    result: Maybe = False
    for truth in truths:
        if isinstance(truth, Unknown):
            result = UNKNOWN
        elif truth:
            return True
    return result
