"""Python source for guarded actions: loops over parameters, tests of the guard, the successor or what went wrong.

Checks that cannot fail are left out: of integers whose types fit, and of writes that cannot meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod

from verifier.engines.explicit.guards import placed
from verifier.engines.explicit.source import Code, Scope, range_of, weight
from verifier.engines.explicit.writer import Writer
from verifier.system.expressions import ForAll
from verifier.system.system import Action, Update
from verifier.system.types import IntType, OptionalType, Type, size_of, values_of

UNROLL = 3000
"""An action whose instances have more nodes than this together is written as loops over its parameters."""

RANGE = 0
CONFLICT = 1
"""Codes of failures; assertions follow from 2, in the order of their properties' first use."""

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Write:
    """One write of an action: `loops` (identifier, values) around a condition around a place and a position.

    `position` is source for the place of the new value in its type of `size` values, and -1 or anything else outside
    that type if the value is not in it; `constant` is its number where it is known, and `checked` tells whether it
    might be outside. Without `injective`, two turns of the loops might hit the same place.
    """

    function: str
    loops: tuple[tuple[str, str], ...]
    condition: Code
    place: Code
    position: str
    constant: int | None
    checked: bool
    size: int
    injective: bool

    @property
    def fixed(self) -> bool:
        return not self.loops and self.condition.constant is not None and self.place.constant is not None


def position(value: Code, cell: Type) -> tuple[str, bool]:
    """Source for the position of a value in its cell's type, and whether it might not be in that type."""
    match value.type, cell:
        case IntType(low, high), IntType(least, most):
            return (f"{value.text} - {least}" if least else value.text), low < least or high > most
        case OptionalType(IntType(low, high)), OptionalType(IntType(least, most)):
            by = low - least
            text = value.text
            if by > 0:
                text = f"({text} and {text} + {by})"
            elif by < 0:
                text = f"({text} and ({text} - {-by} if {text} > {-by} else -1))"
            return text, low < least or high > most
        case _:
            return value.text, False


def indented(lines: Lines) -> Lines:
    return [f"    {line}" for line in lines]


@dataclass(frozen=True)
class ActionWriter:
    """Writes the body of a function that passes successors to `out` and codes of failures to `bad`.

    With symmetry, a parameter takes only representative values, and instead of a successor there is what changes.
    """

    writer: Writer
    in_bytes: bool
    assertions: Mapping[str, int]

    def action(self, action: Action, emit: Callable[[str, list[str]], str]) -> Lines:
        """All instances of the action; `emit(successor, arguments)` is the source of what to do with each."""
        instances = prod(size_of(parameter.type) for parameter in action.parameters)
        unroll = instances * self._weight(action) <= UNROLL
        levels = placed(action)

        def level(depth: int, scope: Scope, arguments: list[str]) -> Lines:
            tests: list[Code] = []
            for part in levels[depth]:
                code = self.writer.expression(part, scope)
                if code.constant is None:
                    tests.append(code)
                elif not code.constant:
                    return []
            if depth == len(action.parameters):
                lines = self._body(action, scope, lambda successor: emit(successor, arguments))
            else:
                parameter = action.parameters[depth]
                lines = []
                name = self.writer.fresh("v")
                chosen = self.writer.choices.values(name, parameter.type, scope)
                if chosen is None and unroll:
                    for value in values_of(parameter.type):
                        code = self.writer.literal(parameter.type, value)
                        lines += level(depth + 1, {**scope, parameter.name: code}, [*arguments, code.text])
                else:
                    inner = level(depth + 1, {**scope, parameter.name: Code(name, parameter.type)}, [*arguments, name])
                    if inner:
                        lines = [f"for {name} in {chosen or self.writer.values(parameter.type)}:", *indented(inner)]
            if tests and lines:
                return [f"if {' and '.join(test.text for test in tests)}:", *indented(lines)]
            return lines

        return level(0, {}, [])

    def _weight(self, action: Action) -> int:
        parts = [action.guard, *(assertion.formula for assertion in action.assertions)]
        total = sum(map(weight, parts))
        for update in action.updates:
            one = sum(map(weight, (update.condition, update.value, *update.arguments)))
            total += one * prod(size_of(binder.type) for binder in update.binders)
        return total

    def _body(self, action: Action, scope: Scope, emit: Callable[[str], str]) -> Lines:
        lines: Lines = []
        for assertion in action.assertions:
            formula = assertion.formula
            for binder in reversed(assertion.binders):
                formula = ForAll(binder, formula)
            code = self.writer.expression(formula, scope)
            report = f"bad({self.assertions[assertion.property]})"
            if code.constant is None:
                lines.append(f"if not {code.text}: {report}")
            elif not code.constant:
                lines.append(report)
        writes = [write for update in action.updates for write in self._writes(update, scope)]
        places = {write.place.constant for write in writes}
        if all(write.fixed for write in writes) and len(places) == len(writes):
            return lines + self._spliced(writes, emit)
        return lines + self._copied(writes, emit)

    def _writes(self, update: Update, scope: Scope) -> list[Write]:
        """The update's writes: one for each choice of its binders if these are few, otherwise one with loops."""
        one = sum(map(weight, (update.condition, update.value, *update.arguments)))
        scopes = [dict(scope)]
        loops: list[tuple[str, str]] = []
        changing = any(self.writer.choices.every(binder.type) for binder in update.binders)
        if not changing and one * prod(size_of(binder.type) for binder in update.binders) <= UNROLL // 10:
            for binder in update.binders:
                scopes = [
                    {**inner, binder.name: self.writer.literal(binder.type, value)}
                    for inner in scopes
                    for value in values_of(binder.type)
                ]
        else:
            for binder in update.binders:
                name = self.writer.fresh("v")
                scopes[0][binder.name] = Code(name, binder.type)
                loops.append((name, self.writer.values(binder.type)))
        injective = all(binder in update.arguments for binder in update.binders)
        return [write for inner in scopes for write in self._write(update, inner, tuple(loops), injective)]

    def _write(self, update: Update, scope: Scope, loops: tuple[tuple[str, str], ...], injective: bool) -> list[Write]:
        condition = self.writer.expression(update.condition, scope)
        if condition.constant is not None and not condition.constant:
            return []
        cell = self.writer.functions[update.function].result
        place = self.writer.place(update.function, update.arguments, scope)
        value = self.writer.expression(update.value, scope)
        text, checked = position(value, cell)
        low = range_of(cell)[0]
        constant = value.constant - low if value.constant is not None and value.type == cell and not checked else None
        return [Write(update.function, loops, condition, place, text, constant, checked, size_of(cell), injective)]

    def _spliced(self, writes: list[Write], emit: Callable[[str], str]) -> Lines:
        """The successor cut together from the state and new cells, all of which are at known places."""
        lines: Lines = []
        checks: list[str] = []
        pieces: list[str] = []
        changes: list[str] = []
        end = 0
        for write in sorted(writes, key=lambda write: write.place.constant or 0):
            assert write.place.constant is not None
            value = write.position
            if write.checked:
                name = self.writer.fresh("x")
                lines.append(f"{name} = {value}")
                checks.append(f"0 <= {name} < {write.size}")
                value = name
            if write.place.constant > end:
                pieces.append(f"s[{end}:{write.place.constant}]")
            pieces.append(self._cell(write, value))
            changes.append(f"{write.place.constant}: {value}")
            end = write.place.constant + 1
        if end < len(self.writer.layout.cells):
            pieces.append(f"s[{end}:]" if end else "s")
        done = emit(f"{{{', '.join(changes)}}}" if self.writer.choices else " + ".join(pieces))
        if not checks:
            return [*lines, done]
        return [*lines, f"if {' and '.join(checks)}: {done}", f"else: bad({RANGE})"]

    def _cell(self, write: Write, value: str) -> str:
        if not self.in_bytes:
            return f"({value},)"
        if write.constant is not None:
            return repr(bytes((write.constant,)))
        return f"{self.writer.name('b', tuple(bytes((i,)) for i in range(write.size)))}[{value}]"

    def _copied(self, writes: list[Write], emit: Callable[[str], str]) -> Lines:
        """The successor as a copy that is written to, with the checks that cannot be decided beforehand."""
        tracked = {
            write.function for write in writes if not _distinct([w for w in writes if w.function == write.function])
        }
        watch = bool(tracked) or any(write.checked for write in writes)
        start, end = ("bytearray(s)", "bytes(n)") if self.in_bytes else ("list(s)", "tuple(n)")
        if self.writer.choices:
            start, end = "{}", "n"
        lines = [f"n = {start}"]
        lines += ["out_of_range = conflict = False"] if watch else []
        lines += ["written = set()"] if tracked else []
        for write in writes:
            inner = self._assign(write, write.function in tracked)
            if write.condition.constant is None:
                inner = [f"if {write.condition.text}:", *indented(inner)]
            for name, values in reversed(write.loops):
                inner = [f"for {name} in {values}:", *indented(inner)]
            lines += inner
        done = emit(end)
        if not watch:
            return [*lines, done]
        lines += [f"if out_of_range: bad({RANGE})", f"if conflict: bad({CONFLICT})"]
        return [*lines, f"if not (out_of_range or conflict): {done}"]

    def _assign(self, write: Write, tracked: bool) -> Lines:
        if not tracked and not write.checked:
            return [f"n[{write.place.text}] = {write.position}"]
        place, value = self.writer.fresh("p"), self.writer.fresh("x")
        lines = [f"{place} = {write.place.text}", f"{value} = {write.position}"]
        if tracked:
            lines += [f"if {place} in written: conflict = True", f"written.add({place})"]
        if not write.checked:
            return [*lines, f"n[{place}] = {value}"]
        return [*lines, f"if 0 <= {value} < {write.size}: n[{place}] = {value}", "else: out_of_range = True"]


def _distinct(writes: list[Write]) -> bool:
    """Whether no two of the writes, all of one function, can hit one place."""
    if any(write.loops and not write.injective for write in writes):
        return False
    places = {write.place.constant for write in writes}
    return len(writes) == 1 or (None not in places and len(places) == len(writes))
