"""The values of constants, and what state is at the beginning.

Constant expressions are evaluated by the reference interpreter, on a system that has constants only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import TYPE_CHECKING, Literal

from verifier.language import tree
from verifier.language.elaborate import fold
from verifier.language.elaborate.coercion import coerce, within
from verifier.language.elaborate.layout import MOST_CELLS
from verifier.language.elaborate.scope import Scope
from verifier.language.elaborate.settings import Given, machine_settings
from verifier.system.expressions import Constant, Count, Exists, Expression, ForAll, Read, Variable, children, walk
from verifier.system.interpreter import Interpreter
from verifier.system.layout import Point, points_of
from verifier.system.span import Span
from verifier.system.system import Anything, Formula, Function, System, Table
from verifier.system.types import BOOL, IntType, OptionalType, Type, Value, contains, render, size_of

if TYPE_CHECKING:
    from verifier.language.elaborate.world import Signature, World

CONSTANT = Scope(constant=True)

Initial = Formula | Table | Anything


class Constants:
    """Functions with their initial values, found when first needed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._functions: dict[str, Function | None] = {}
        self._settings: Mapping[str, Mapping[Point, Given]] | None = None

    # Values

    def number(self, written: tree.Expr) -> int | None:
        """The value of a constant expression that must be an integer."""
        value = self._world.expressions.value(written, CONSTANT)
        if value is None:
            return None
        if not isinstance(value.type, IntType):
            self._world.problems.error("E0201", written.span, "a number is needed here", "is not a number")
            return None
        known = self.evaluate(value, written.span)
        return None if known is None or known.value is None else int(known.value)

    def of_type(self, written: tree.Expr, expected: Type) -> Constant | None:
        """The value of a constant expression that must be of the type."""
        value = self._world.expressions.value(written, CONSTANT, expected)
        value = value and coerce(value, expected, written.span, self._world.problems)
        known = self.evaluate(value, written.span) if value is not None else None
        if known is not None and not contains(expected, known.value):
            self._world.problems.error(
                "E0306", written.span, f"the value must be in {expected}", f"is {render(known.type, known.value)}"
            )
            return None
        return known

    def value(self, name: str) -> Constant | None:
        """The value of a constant without parameters."""
        function = self.function(name)
        if function is None:
            return None
        assert isinstance(function.initial, Table)
        return Constant(function.initial.values[0], function.result)

    def evaluate(self, expression: Expression, span: Span) -> Constant | None:
        """The value of an expression that reads constants only."""
        if isinstance(expression, Constant):
            return expression
        values = self._tabulate((), expression, span)
        return None if values is None else Constant(values[0], expression.type)

    def _tabulate(self, parameters: tuple[Variable, ...], body: Expression, span: Span) -> tuple[Value, ...] | None:
        """The value of `body` at every point of the parameters."""
        kinds = tuple(parameter.type for parameter in parameters)
        if isinstance(body, Constant):
            return (body.value,) * prod(map(size_of, kinds))
        needed: dict[str, Function] = {}
        if not self._needs(body, needed):
            return None
        work = prod(map(size_of, kinds)) * _work(body) + sum(map(_cost, needed.values()))
        if not self._world.effort.spend(work, span, self._world.problems):
            return None
        interpreter = Interpreter(System("constants", (), tuple(needed.values()), (), ()))
        names = [parameter.name for parameter in parameters]
        return tuple(interpreter.evaluate(body, (), dict(zip(names, point, strict=True))) for point in points_of(kinds))

    def _needs(self, expression: Expression, needed: dict[str, Function]) -> bool:
        """Adds the functions that the expression reads, each after what it reads itself; False if one is wrong."""
        for node in walk(expression):
            if isinstance(node, Read) and node.function not in needed:
                function = self._world.any_function(node.function)
                if function is None:
                    return False
                if isinstance(function.initial, Formula):
                    with self._world.resolving(f"value of {node.function}", function.span) as free:
                        if not free or not self._needs(function.initial.body, needed):
                            return False
                needed[node.function] = function
        return True

    # Functions

    def function(self, name: str) -> Function | None:
        """The state or constant of that name, which is declared, with its initial values."""
        if name not in self._functions:
            signature = self._world.signature(name)
            if signature is None:
                return None
            with self._world.resolving(f"value of {name}", signature.declaration.name.span) as free:
                if not free:
                    return None
                initial = self._initial(signature)
                self._functions[name] = None if initial is None else _function(signature, initial)
        return self._functions[name]

    def in_order(self, names: Iterable[str]) -> tuple[Function, ...]:
        """The constants of these names, each after those that its values come from."""
        ordered: dict[str, Function] = {}
        for name in names:
            function = self.function(name)
            if function is not None:
                self._needs(Read(name, (), function.result), ordered)
        return tuple(function for name, function in ordered.items() if name in self._functions)

    def _initial(self, signature: Signature) -> Initial | None:
        declaration = signature.declaration
        points = prod(map(size_of, signature.parameters))
        if points > MOST_CELLS:
            self._world.problems.error(
                "E0307", declaration.name.span, f"`{signature.name}` has {points} cells", f"at most {MOST_CELLS}"
            )
            return None
        given = self._given(declaration.name.span).get(signature.name, {}) if signature.parameters else {}
        if declaration.initial == "any":
            return self._anything(signature, given)
        parameters, body = self._formula(signature, declaration.initial)
        if body is None and declaration.initial is not None:
            return None
        if body is None:
            body = _default(signature.result)
        if body is None and len(given) < points:
            self._missing(signature)
            return None
        if not given and body is not None:
            return self._checked(signature, parameters, body)
        return self._overridden(signature, parameters, body, given)

    def _given(self, declared_at: Span) -> Mapping[str, Mapping[Point, Given]]:
        """What the machine description sets."""
        if self._settings is None:
            with self._world.resolving("machine description", declared_at) as free:
                if not free:
                    return {}
                self._settings = machine_settings(self._world)
        return self._settings

    def _anything(self, signature: Signature, given: Mapping[Point, Given]) -> Initial | None:
        span = signature.declaration.name.span
        if signature.constant:
            self._world.problems.error("E0302", span, "a constant has one value", "cannot be `any`")
            return None
        for setting in list(given.values())[:1]:
            self._world.problems.error(
                "E0312", setting.span, f"`{signature.name}` starts with any value", "cannot be set as well"
            )
        return Anything()

    def _missing(self, signature: Signature) -> None:
        name = signature.declaration.name
        if signature.constant:
            message, hint = f"the constant `{name.text}` has no value", "write `= value`, or set it in an instance"
        else:
            message, hint = f"`{name.text}` has no initial value", "write `= value`, or `= any` for all values"
        self._world.problems.error("E0301", name.span, message, f"a {signature.result} must be given", hint)

    def _formula(
        self, signature: Signature, written: tree.Expr | Literal["any"] | None
    ) -> tuple[tuple[Variable, ...], Expression | None]:
        """The parameters and the body of the initial value that is written, or chosen by an instance."""
        scope, variables = CONSTANT, []
        for index, (parameter, kind) in enumerate(
            zip(signature.declaration.parameters, signature.parameters, strict=True), start=1
        ):
            scope, variable = scope.declare(parameter.name.text if parameter.name else f"_{index}", kind)
            assert variable is not None
            variables.append(variable)
        choice = self._world.choices.constants.get(signature.name)
        if choice is not None:
            return (), self.of_type(choice.value, signature.result)
        if written is None or written == "any":
            return tuple(variables), None
        body = self._world.expressions.value(written, scope, signature.result)
        body = body and coerce(body, signature.result, written.span, self._world.problems)
        return tuple(variables), body

    def _checked(self, signature: Signature, parameters: tuple[Variable, ...], body: Expression) -> Initial | None:
        """The formula, if all its values are in range; a table where there is only one value."""
        span = signature.declaration.span
        if signature.parameters and within(body.type, signature.result):
            return Formula(parameters, body)
        values = self._tabulate(parameters, body, span)
        if values is None or not self._in_range(values, signature):
            return None
        return Formula(parameters, body) if signature.parameters else Table(values)

    def _overridden(
        self,
        signature: Signature,
        parameters: tuple[Variable, ...],
        body: Expression | None,
        given: Mapping[Point, Given],
    ) -> Initial | None:
        points = points_of(signature.parameters)
        values: tuple[Value, ...] | None = (None,) * len(points)
        if body is not None:
            values = self._tabulate(parameters, body, signature.declaration.span)
        if values is None:
            return None
        settled = tuple(given[p].value if p in given else value for p, value in zip(points, values, strict=True))
        return Table(settled) if self._in_range(settled, signature) else None

    def _in_range(self, values: tuple[Value, ...], signature: Signature) -> bool:
        outside = next((value for value in values if not contains(signature.result, value)), None)
        if outside is None:
            return True
        self._world.problems.error(
            "E0306",
            signature.declaration.name.span,
            f"`{signature.name}` must be in {signature.result}",
            f"is {outside} at first",
        )
        return False


def _function(signature: Signature, initial: Initial) -> Function:
    return Function(
        signature.name,
        signature.parameters,
        signature.result,
        initial,
        signature.constant,
        signature.declaration.name.span,
    )


def _default(kind: Type) -> Constant | None:
    """The initial value where none is written."""
    if kind == BOOL:
        return fold.truth(False)
    return Constant(None, kind) if isinstance(kind, OptionalType) else None


def _work(expression: Expression) -> int:
    """About how many steps it takes to evaluate the expression."""
    inside = 1 + sum(map(_work, children(expression)))
    if isinstance(expression, ForAll | Exists | Count):
        return inside * size_of(expression.variable.type)
    return inside


def _cost(function: Function) -> int:
    body = function.initial.body if isinstance(function.initial, Formula) else None
    return prod(map(size_of, function.parameters)) * (1 if body is None else _work(body))
