"""Routines: algorithms over arrays of numbers, written once in Python, as machine code.

A routine is a function of this tool's own source in a small part of Python, read with `ast`. No text of a specification
goes this way. As it stands it runs under Python too, which its tests and small inputs make use of.

- Parameters are annotated `int`, `Bytes`, `Halves` or `Words` (see `arrays`); it returns an `int`, or None.
- All numbers are from 0 up to 2^64 - 1. A routine masks with FULL what may get longer and never goes below 0: then both
  ways of running it agree. What is stored into an array has to fit into its elements.
- Statements: assignment to a name or an element (also `+=` and its like), `if`, `while`, `for .. in range(..)`,
  `break`, `continue`, `return`, `pass`, and calls. Expressions: names, integers of the module, elements,
  `+ - * // % & | ^ << >>`, comparisons of two numbers, `and`, `or`, `not`, `x if c else y`, calls of other routines and
  of `prefetch`.

Anything else is refused with a TypeError that names the line. What Python would refuse at run time - an index outside
of an array, a name without a value, a shift by 64 or more, a division by 0 - machine code does not see.
"""

from __future__ import annotations

import ast
import ctypes
import inspect
import linecache
from collections.abc import Callable, Iterable
from functools import cache
from types import FunctionType
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.arrays import WIDTHS, Buffer, Placed, prefetch
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.terms import BIT, FULL, HALF, POINTER, Value, at, local, number

OPERATORS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "udiv",
    ast.Mod: "urem",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
    ast.LShift: "shl",
    ast.RShift: "lshr",
}
SIGNS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}

Routine = Callable[..., int | None]
"""A function as described above."""

SIGN = 1 << 63
"""The lowest number that LLVM writes as a negative one."""


class Writer:
    """Writes routines, and those that they call, into one module."""

    def __init__(self, module: Value) -> None:
        self.module = module
        self._written: dict[Routine, Value] = {}
        self._prefetch: Value = None

    def write(self, routine: Routine) -> Value:
        """The function of the module that is the routine, under the routine's own name."""
        if routine not in self._written:
            _Body(self, routine).write()
        return self._written[routine]

    def begun(self, routine: Routine, made: Value) -> None:
        self._written[routine] = made

    def fetch(self, builder: Value, address: Value) -> None:
        if self._prefetch is None:
            kind = ir.FunctionType(ir.VoidType(), [POINTER, HALF, HALF, HALF])
            known = self.module.globals.get("llvm.prefetch.p0")
            self._prefetch = known or ir.Function(self.module, kind, "llvm.prefetch.p0")
        builder.call(self._prefetch, [address, *(ir.Constant(HALF, flag) for flag in (0, 3, 1))])


@cache
def _functions(filename: str) -> dict[int, ast.FunctionDef]:
    """The functions of a file of source, by the lines in which they begin."""
    tree = ast.parse("".join(linecache.getlines(filename)))
    return {node.lineno: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


class _Body:
    """Writes one routine."""

    def __init__(self, writer: Writer, routine: Routine) -> None:
        assert isinstance(routine, FunctionType)
        self._writer = writer
        self._routine = routine
        self._tree = _functions(routine.__code__.co_filename)[routine.__code__.co_firstlineno]
        self._arrays: dict[str, tuple[Value, Value]] = {}
        """For each parameter that is an array, its address and the type of its elements."""
        self._names: dict[str, Value] = {}
        self._loops: list[tuple[Value, Value]] = []
        """For each loop around, where `continue` and `break` go."""
        self._builder: Value = None

    def write(self) -> None:
        parameters = self._tree.args.args
        kinds = [self._kind(parameter) for parameter in parameters]
        types = [FULL if width is None else POINTER for width in kinds]
        made = ir.Function(self._writer.module, ir.FunctionType(FULL, types), self._routine.__name__)
        self._writer.begun(self._routine, made)
        self._builder = ir.IRBuilder(made.append_basic_block())
        for parameter, width, value in zip(parameters, kinds, made.args, strict=True):
            if width is not None:
                self._arrays[parameter.arg] = value, ir.IntType(width)
        names = [name for name in self._routine.__code__.co_varnames if name not in self._arrays]
        self._names = {name: local(self._builder, FULL) for name in names}
        for parameter, value in zip(parameters, made.args, strict=True):
            if parameter.arg in self._names:
                self._builder.store(value, self._names[parameter.arg])
        self._block(self._tree.body)
        if not self._builder.block.is_terminated:
            self._builder.ret(number(0))

    def _kind(self, parameter: ast.arg) -> int | None:
        """The width of the array's elements, or None for a number."""
        annotation = parameter.annotation
        if isinstance(annotation, ast.Name) and annotation.id == "int":
            return None
        if isinstance(annotation, ast.Name) and annotation.id in WIDTHS:
            return WIDTHS[annotation.id]
        raise self._refusal(parameter)

    def _refusal(self, node: ast.AST) -> TypeError:
        line = getattr(node, "lineno", self._tree.lineno)
        return TypeError(f"{self._routine.__code__.co_filename}:{line}: a routine cannot say {ast.unparse(node)}")

    # Statements

    def _block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            if self._builder.block.is_terminated:
                return  # what follows a jump is never reached
            self._statement(statement)

    def _statement(self, statement: ast.stmt) -> None:
        builder = self._builder
        match statement:
            case ast.Assign([target], value):
                self._assign(target, self._value(value))
            case ast.AugAssign(target, operator, value):
                old = self._value(target)
                self._assign(target, self._operation(operator, old, self._value(value), statement))
            case ast.If(test, body, otherwise):
                self._if(test, body, otherwise)
            case ast.While(test, body, []):
                self._while(test, body)
            case ast.For(ast.Name(name), ast.Call(ast.Name("range"), bounds, []), body, []) if len(bounds) in (1, 2):
                self._for(name, bounds, body)
            case ast.Break() if self._loops:
                builder.branch(self._loops[-1][1])
            case ast.Continue() if self._loops:
                builder.branch(self._loops[-1][0])
            case ast.Return(value):
                builder.ret(number(0) if value is None else self._value(value))
            case ast.Expr(ast.Call() as call):
                self._call(call)
            case ast.Pass() | ast.Expr(ast.Constant(str())):
                pass
            case _:
                raise self._refusal(statement)

    def _assign(self, target: ast.expr, value: Value) -> None:
        builder = self._builder
        match target:
            case ast.Name(name) if name in self._names:
                builder.store(value, self._names[name])
            case ast.Subscript(ast.Name(name), index) if name in self._arrays:
                base, element = self._arrays[name]
                narrow = value if element == FULL else builder.trunc(value, element)
                builder.store(narrow, at(builder, base, self._value(index), element))
            case _:
                raise self._refusal(target)

    def _if(self, test: ast.expr, body: list[ast.stmt], otherwise: list[ast.stmt]) -> None:
        builder = self._builder
        yes, no, end = (builder.append_basic_block() for _ in range(3))
        self._branch(test, yes, no)
        for block, statements in ((yes, body), (no, otherwise)):
            builder.position_at_end(block)
            self._block(statements)
            if not builder.block.is_terminated:
                builder.branch(end)
        builder.position_at_end(end)

    def _while(self, test: ast.expr, body: list[ast.stmt]) -> None:
        builder = self._builder
        head, inside, end = (builder.append_basic_block() for _ in range(3))
        builder.branch(head)
        builder.position_at_end(head)
        self._branch(test, inside, end)
        builder.position_at_end(inside)
        self._inside(body, head, end)
        builder.position_at_end(end)

    def _for(self, name: str, bounds: list[ast.expr], body: list[ast.stmt]) -> None:
        """As in Python, the bounds are looked at once, and assignments to the name do not change the next turn."""
        builder = self._builder
        low = self._value(bounds[0]) if len(bounds) == 2 else number(0)
        high = self._value(bounds[-1])
        counter = local(builder, FULL)
        builder.store(low, counter)
        head, inside, more, end = (builder.append_basic_block() for _ in range(4))
        builder.branch(head)
        builder.position_at_end(head)
        here = builder.load(counter, typ=FULL)
        builder.cbranch(builder.icmp_unsigned("<", here, high), inside, end)
        builder.position_at_end(inside)
        builder.store(here, self._names[name])
        self._inside(body, more, end)
        builder.position_at_end(more)
        builder.store(builder.add(here, number(1)), counter)
        builder.branch(head)
        builder.position_at_end(end)

    def _inside(self, body: list[ast.stmt], more: Value, end: Value) -> None:
        """What is repeated, and the jump to `more`, where `continue` goes too."""
        self._loops.append((more, end))
        self._block(body)
        if not self._builder.block.is_terminated:
            self._builder.branch(more)
        self._loops.pop()

    # Expressions

    def _value(self, expression: ast.expr) -> Value:
        """A number of 64 bits."""
        builder = self._builder
        match expression:
            case ast.Constant(int(value)):
                return self._number(value, expression)
            case ast.Name(name) if name in self._names:
                return builder.load(self._names[name], typ=FULL)
            case ast.Name(name) if name not in self._arrays:
                return self._number(self._routine.__globals__.get(name), expression)
            case ast.Subscript(ast.Name(name), index) if name in self._arrays:
                base, element = self._arrays[name]
                loaded = builder.load(at(builder, base, self._value(index), element), typ=element)
                return loaded if element == FULL else builder.zext(loaded, FULL)
            case ast.BinOp(left, operator, right):
                a = self._value(left)
                return self._operation(operator, a, self._value(right), expression)
            case ast.Compare() | ast.UnaryOp(ast.Not()):
                return builder.zext(self._condition(expression), FULL)
            case ast.IfExp(test, then, otherwise):
                return self._choice(test, then, otherwise)
            case ast.Call() if (result := self._call(expression)) is not None:
                return result
            case _:
                raise self._refusal(expression)

    def _number(self, value: object, node: ast.AST) -> Value:
        if not isinstance(value, int) or not 0 <= value < 2 * SIGN:
            raise self._refusal(node)
        return number(value - 2 * SIGN if value >= SIGN else int(value))

    def _operation(self, operator: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        if type(operator) not in OPERATORS:
            raise self._refusal(node)
        return getattr(self._builder, OPERATORS[type(operator)])(left, right)

    def _condition(self, expression: ast.expr) -> Value:
        """One bit."""
        match expression:
            case ast.Compare(left, [sign], [right]) if type(sign) in SIGNS:
                a = self._value(left)
                return self._builder.icmp_unsigned(SIGNS[type(sign)], a, self._value(right))
            case ast.Compare():
                raise self._refusal(expression)
            case ast.UnaryOp(ast.Not(), operand):
                return self._builder.not_(self._condition(operand))
            case ast.BoolOp():
                return self._merged(expression, ir.Constant(BIT, 1), ir.Constant(BIT, 0), BIT)
            case _:
                return self._builder.icmp_unsigned("!=", self._value(expression), number(0))

    def _branch(self, test: ast.expr, yes: Value, no: Value) -> None:
        """Jumps as soon as it is clear which way."""
        builder = self._builder
        match test:
            case ast.BoolOp(operator, [*parts, last]):
                for part in parts:
                    more = builder.append_basic_block()
                    self._branch(part, *((more, no) if isinstance(operator, ast.And) else (yes, more)))
                    builder.position_at_end(more)
                self._branch(last, yes, no)
            case ast.UnaryOp(ast.Not(), operand):
                self._branch(operand, no, yes)
            case ast.Constant(bool(value)):
                builder.branch(yes if value else no)
            case _:
                builder.cbranch(self._condition(test), yes, no)

    def _choice(self, test: ast.expr, then: ast.expr, otherwise: ast.expr) -> Value:
        return self._merged(test, then, otherwise, FULL)

    def _merged(self, test: ast.expr, then: Any, otherwise: Any, kind: Value) -> Value:
        """One of two values, expressions or code, of which only the one that is needed is computed."""
        builder = self._builder
        yes, no, end = (builder.append_basic_block() for _ in range(3))
        self._branch(test, yes, no)
        incoming = []
        for block, part in ((yes, then), (no, otherwise)):
            builder.position_at_end(block)
            value = self._value(part) if isinstance(part, ast.expr) else part
            incoming.append((value, builder.block))
            builder.branch(end)
        builder.position_at_end(end)
        result = builder.phi(kind)
        for value, block in incoming:
            result.add_incoming(value, block)
        return result

    def _call(self, call: ast.Call) -> Value:
        """The result of another routine; None for a hint, which has none."""
        builder = self._builder
        called = self._routine.__globals__.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if call.keywords or not isinstance(called, FunctionType) or called is self._routine:
            raise self._refusal(call)
        if called is prefetch:
            match call.args:
                case [ast.Name(name), index] if name in self._arrays:
                    base, element = self._arrays[name]
                    self._writer.fetch(builder, at(builder, base, self._value(index), element))
                    return None
            raise self._refusal(call)
        made = self._writer.write(called)
        given = [
            self._arrays[a.id][0] if isinstance(a, ast.Name) and a.id in self._arrays else self._value(a)
            for a in call.args
        ]
        if [value.type for value in given] != [argument.type for argument in made.args]:
            raise self._refusal(call)
        return builder.call(made, given)


class Compiled:
    """A routine as machine code, called as its Python is, with arrays whose elements have the width that it expects."""

    def __init__(self, code: MachineCode, routine: Routine) -> None:
        parameters = inspect.signature(routine).parameters.values()
        kinds = [ctypes.c_uint64 if p.annotation in (int, "int") else ctypes.c_void_p for p in parameters]
        self._call = ctypes.CFUNCTYPE(ctypes.c_uint64, *kinds)(code.address(routine.__name__))
        self._code = code

    def __call__(self, *arguments: int | Buffer) -> int:
        return int(self._call(*map(_plain, arguments)))


def _plain(argument: int | Buffer) -> int:
    if isinstance(argument, int):
        return argument
    return argument.address if isinstance(argument, Placed) else argument.buffer_info()[0]


def compiled(routines: Iterable[Routine]) -> dict[str, Compiled]:
    """The routines as machine code, by name."""
    module = ir.Module("routines")
    writer = Writer(module)
    chosen = tuple(routines)
    for routine in chosen:
        writer.write(routine)
    code = MachineCode(module)
    return {routine.__name__: Compiled(code, routine) for routine in chosen}
