"""Machine code for expressions over the state at hand: cells are read where they are unfolded, and variables over sorts
with members that move take their values from lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import prod

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.source import range_of
from verifier.engines.native.counting.desk import LIST, LIST_ROW
from verifier.engines.native.counting.variables import Ranged, Variables
from verifier.engines.native.formulas import Formulas
from verifier.engines.native.model import Model
from verifier.engines.native.terms import (
    BIT,
    FULL,
    Scope,
    Term,
    Value,
    at,
    local,
    loop,
    number,
    shifted,
    within,
)
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.system.expressions import Count, Exists, Expression, ForAll, Next, Read, Variable
from verifier.system.layout import Layout
from verifier.system.types import BOOL, IntType, SortType, size_of


class Blocks(Formulas):
    """Writes expressions into one function. `cells` is where the cells are in the desk, `following` those after a step.

    If there are cells after a step, blocks that were alike need not be any more, and variables take every block.
    """

    def __init__(
        self,
        model: Model,
        variables: Variables,
        builder: Value,
        desk: Value,
        layout: Layout,
        cells: int,
        following: int | None = None,
    ) -> None:
        # What a Formulas knows of a state is asked for in `term` alone, which this class answers itself.
        super().__init__(model, builder, None)  # type: ignore[arg-type]
        self.variables = variables
        self.desk = desk
        self.layout = layout
        self.cells = cells
        self.after = following

    def term(self, expression: Expression, scope: Scope) -> Term:
        match expression:
            case Read(function, arguments, _) if function not in self.model.values:
                return self._cell(function, self.place(function, arguments, scope))
            case Next(operand):
                assert self.after is not None, "Next outside a two-state property"
                view = Blocks(self.model, self.variables, self.builder, self.desk, self.layout, self.after, self.after)
                return view.term(operand, scope)
            case ForAll(variable, body, _) | Exists(variable, body, _) if self.variables.moving(variable.type):
                return self._found(isinstance(expression, Exists), variable, body, scope)
            case Count(variable, body, _) if self.variables.moving(variable.type):
                return self._counted(variable, body, scope)
            case _:
                return super().term(expression, scope)

    def together(self, expression: ForAll | Exists | Count, scope: Scope) -> Term | None:
        """Never: cells do not lie in words."""
        return None

    @contextmanager
    def each(
        self, variable: Variable, scope: Scope, everything: bool = False
    ) -> Iterator[tuple[Scope, Value, Callable[[], None]]]:
        """Code for every value from a list: the scope with it, its number in the list, a way to write a jump out.

        With `everything`, that is every block that is looked at, whatever is enough.
        """
        builder = self.builder
        which, chosen = self._values(variable, scope, everything)
        with loop(builder, number(0), self.entry(which, 3)) as (index, leave):
            value = self.at_desk(builder.add(self.entry(which, 0), index))
            yield {**scope, variable.name: Ranged(value, variable.type, chosen=chosen)}, index, leave

    def place(self, function: str, arguments: Sequence[Expression], scope: Scope) -> Value:
        """The place in a state of the function's cell at a point: one of the function's places whatever happens."""
        index = self.index(function, arguments, scope)
        size = prod(size_of(kind) for kind in self.model.functions[function].parameters)
        inside = index.code if index.constant is not None else within(self.builder, index.code, size)
        return self.builder.add(inside, number(self.layout.start[function]))

    def entry(self, which: int, part: int) -> Value:
        """A number that the desk has for a list."""
        start = self.at_desk(number(LIST))
        return self.at_desk(self.builder.add(start, number(LIST_ROW * which + part)))

    def at_desk(self, place: Value) -> Value:
        return self.builder.load(at(self.builder, self.desk, place), typ=FULL)

    def _values(self, variable: Variable, scope: Scope, everything: bool = False) -> tuple[int, bool]:
        stepped = self.after is not None
        return self.variables.values(variable.type, scope, everything or stepped, stepped)

    def _cell(self, function: str, place: Value) -> Term:
        kind = self.model.functions[function].result
        position = self.at_desk(self.builder.add(place, number(self.cells)))
        return shifted(self.builder, Term(position, IntType(0, size_of(kind) - 1)), range_of(kind)[0], kind)

    def _found(self, end: bool, variable: Variable, body: Expression, scope: Scope) -> Term:
        """Whether the body is `end` for some value; if not, the result is the opposite."""
        builder = self.builder
        result = local(builder, BIT, ir.Constant(BIT, int(not end)))
        with self.each(variable, scope) as (inner, _, leave):
            test = self.term(body, inner)
            with builder.if_then(test.code if end else builder.not_(test.code), likely=False):
                builder.store(ir.Constant(BIT, int(end)), result)
                leave()
        return Term(builder.load(result, typ=BIT), BOOL)

    def _counted(self, variable: Variable, body: Expression, scope: Scope) -> Term:
        """How many values make the body true, each counted as often as it stands for another."""
        builder = self.builder
        assert isinstance(variable.type, SortType)
        rivals = self.variables.rivals(variable.type, scope)
        if rivals and (self.after is not None or not all(rival.chosen for rival in rivals)):
            raise NativeUnavailable(f"members of {variable.type} are counted where those that were equal may differ")
        total = local(builder, FULL, number(0))
        with self.each(variable, scope) as (inner, index, _):
            test = self.term(body, inner)
            with builder.if_then(test.code):
                which, _ = self._values(variable, scope)
                weight = self.at_desk(builder.add(self.entry(which, 1), index))
                builder.store(builder.add(builder.load(total, typ=FULL), weight), total)
        return Term(builder.load(total, typ=FULL), IntType(0, size_of(variable.type)))
