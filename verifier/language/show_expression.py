"""Kernel expressions as text, in the notation of the language where it has one."""

from __future__ import annotations

from verifier.system.expressions import (
    And,
    Arithmetic,
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    IsSome,
    Less,
    Next,
    Not,
    Number,
    Open,
    Or,
    Read,
    Some,
    Variable,
)
from verifier.system.types import OptionalType, Type, render

_IMPLIES, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _ATOM = range(8)


def show_expression(expression: Expression) -> str:
    return _show(expression, _IMPLIES)


def _show(expression: Expression, least: int) -> str:
    """The text, in parentheses if it binds less tightly than `least`."""
    text, level = _text(expression)
    return text if level >= least else f"({text})"


def _text(expression: Expression) -> tuple[str, int]:
    """The text and how tightly it binds."""
    match expression:
        case Constant(value, kind):
            return render(kind, value), _ATOM
        case Variable(name, _):
            return name, _ATOM
        case Read(name, arguments, _):
            return (f"{name}({_listed(arguments)})" if arguments else name), _ATOM
        case Next(operand) | Number(operand, _):
            word = "next" if isinstance(expression, Next) else "number"
            return f"{word}({show_expression(operand)})", _ATOM
        case Open(operand, _):
            return show_expression(operand), _ATOM
        case Some(operand, _):
            return _text(operand)
        case And(operands, _):
            return " and ".join(_show(o, _NOT) for o in operands) or "true", _AND if operands else _ATOM
        case Or(operands, _):
            return " or ".join(_show(o, _AND) for o in operands) or "false", _OR if operands else _ATOM
        case Implies(left, right, _):
            return f"{_show(left, _OR)} implies {_show(right, _IMPLIES)}", _IMPLIES
        case Equal(left, right, _):
            return f"{_show(left, _SUM)} == {_show(right, _SUM)}", _COMPARE
        case Less(left, right, _):
            return f"{_show(left, _SUM)} < {_show(right, _SUM)}", _COMPARE
        case IsSome(operand, _):
            return f"{_show(operand, _SUM)} is not none", _COMPARE
        case Not(operand, _):
            return _negated(operand)
        case Arithmetic("*", left, right, _):
            return f"{_show(left, _PRODUCT)} * {_show(right, _ATOM)}", _PRODUCT
        case Arithmetic(operator, left, right, _):
            return f"{_show(left, _SUM)} {operator} {_show(right, _PRODUCT)}", _SUM
        case If(condition, then, otherwise, _):
            parts = map(show_expression, (condition, then, otherwise))
            return "if {} then {} else {}".format(*parts), _IMPLIES
        case ForAll() | Exists() | Count():
            word = {ForAll: "all", Exists: "some", Count: "count"}[type(expression)]
            variable = expression.variable
            return f"{word} {variable.name}: {show_type(variable.type)}: {show_expression(expression.body)}", _IMPLIES


def _negated(operand: Expression) -> tuple[str, int]:
    match operand:
        case Equal(left, right, _):
            return f"{_show(left, _SUM)} != {_show(right, _SUM)}", _COMPARE
        case Less(left, right, _):
            return f"{_show(left, _SUM)} >= {_show(right, _SUM)}", _COMPARE
        case IsSome(inner, _):
            return f"{_show(inner, _SUM)} is none", _COMPARE
        case _:
            return f"not {_show(operand, _NOT)}", _NOT


def _listed(arguments: tuple[Expression, ...]) -> str:
    return ", ".join(map(show_expression, arguments))


def show_type(kind: Type) -> str:
    return f"{show_type(kind.base)}?" if isinstance(kind, OptionalType) else str(kind)
