"""What the code for one system refers to, and what of it may be computed anywhere."""

from __future__ import annotations

from verifier.engines.explicit.source import encode, range_of, weight
from verifier.engines.native.bits import Bits
from verifier.engines.native.storage import Tables
from verifier.engines.native.terms import Value
from verifier.system.expressions import Constant, Expression, Open, Read, Variable, children
from verifier.system.interpreter import Interpreter
from verifier.system.types import IntType, Type

LIGHT = 40
"""What has at most so many nodes, unrolled, may be computed where it is not needed."""


class Model:
    """What code for one system refers to: its functions, where their cells are, the tables of its constants."""

    def __init__(self, interpreter: Interpreter, module: Value) -> None:
        self.bits = Bits(interpreter.layout)
        self.functions = {function.name: function for function in interpreter.system.functions}
        self.tables = Tables(module)
        self.values: dict[str, tuple[int, ...]] = {}
        for constant in interpreter.system.constant_functions:
            low = range_of(constant.result)[0]
            values = interpreter.table(constant)
            self.values[constant.name] = tuple(encode(constant.result, value) - low for value in values)
        self._light: dict[int, tuple[Expression, bool]] = {}

    def light(self, expression: Expression) -> bool:
        """Whether the expression is cheap and has a value however it is reached."""
        if id(expression) not in self._light:
            # The expression is kept beside the answer, or another might come to have its identity.
            light = weight(expression) <= LIGHT and self._defined(expression)
            self._light[id(expression)] = expression, light
        return self._light[id(expression)][1]

    def _defined(self, expression: Expression) -> bool:
        match expression:
            case Open():
                return False
            case Read(function, arguments, _):
                parameters = self.functions[function].parameters
                if not all(map(self._lies, arguments, parameters)):
                    return False
        return all(map(self._defined, children(expression)))

    def _lies(self, argument: Expression, kind: Type) -> bool:
        """Whether the argument is certainly in the type; only of integers is there a doubt."""
        if not isinstance(kind, IntType) or isinstance(argument, Constant):
            return True
        match argument:
            case Variable(_, IntType(low, high)):
                return kind.low <= low and high <= kind.high
            case Read(function, _, _):
                result = self.functions[function].result
                return isinstance(result, IntType) and kind.low <= result.low and result.high <= kind.high
            case _:
                return False
