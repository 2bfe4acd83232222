"""What the code for one system under one symmetry is made with, whatever it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.engines.explicit.compiler import Program
from verifier.engines.native.context import function
from verifier.engines.native.counting.desk import CELL, NEXT, RESTS, ROWS, SEAL, UNFOLD, Desk
from verifier.engines.native.counting.formulas import Blocks
from verifier.engines.native.counting.routines import call
from verifier.engines.native.counting.shape import Shape
from verifier.engines.native.counting.steps import Steps, writes_of
from verifier.engines.native.counting.variables import Variables
from verifier.engines.native.model import Model
from verifier.engines.native.table import VOID
from verifier.engines.native.terms import FULL, POINTER, Value, at, number
from verifier.system.symmetry import Symmetry
from verifier.system.system import Action


class Parts:
    """What is written into a module, and the desk that its functions work on; `finished` when all of it is written.

    Functions get the addresses of the context and of the desk. `watched` if steps are looked at from both ends.
    """

    def __init__(self, module: Value, program: Program, symmetry: Symmetry, watched: bool = False) -> None:
        system, layout = program.system, program.interpreter.layout
        self.module = module
        self.shape = Shape(system, layout, symmetry)
        self.variables = Variables(system, symmetry)
        writes = max((writes_of(action) for action in system.actions), default=0)
        self.desk = Desk(self.shape, len(layout.cells), writes, watched)
        self._model = Model(program.interpreter, self.module)
        self._layout = layout
        self._sizes = {sort.name: len(sort.members) for sort in system.sorts}
        self._symmetry = symmetry

    def finished(self) -> Desk:
        """The desk, with the lists of the values that variables take."""
        self.desk.add_lists(self._symmetry, self._sizes, self.variables)
        return self.desk

    def function(self, name: str, result: Value = VOID) -> tuple[Value, Value, Value, Value]:
        """A function of the context and the desk: itself, what writes it, and these two."""
        made, builder = function(self.module, name, result, POINTER, POINTER)
        return made, builder, *made.args

    def blocks(self, builder: Value, desk: Value, following: bool = False) -> Blocks:
        """What writes expressions into a function."""
        cells = self.desk.at(CELL), self.desk.at(NEXT) if following else None
        return Blocks(self._model, self.variables, builder, desk, self._layout, *cells)

    def steps(
        self,
        builder: Value,
        desk: Value,
        fail: Callable[[int], None],
        assertions: Mapping[str, int],
        whole: Callable[[Action], None],
    ) -> Steps:
        """What writes actions into a function; see `Steps`."""
        return Steps(self.blocks(builder, desk), self.desk, fail, assertions, whole)

    @staticmethod
    def unfold(builder: Value, desk: Value, keys: Value, start: Value) -> None:
        """Code that makes a key's state the state at hand."""
        call(builder, desk, UNFOLD, desk, *patterns(builder, desk), keys, start)

    @staticmethod
    def seal(builder: Value, desk: Value, out: Value) -> None:
        """Code that puts the keys of the next states at `out`."""
        call(builder, desk, SEAL, desk, *patterns(builder, desk), out)


def patterns(builder: Value, desk: Value) -> list[Value]:
    """The addresses of what is known of rows and of rests."""
    return [builder.inttoptr(get(builder, desk, place), POINTER) for place in (ROWS, RESTS)]


def get(builder: Value, desk: Value, place: int) -> Value:
    """A number of the desk."""
    return builder.load(at(builder, desk, number(place)), typ=FULL)


def put(builder: Value, desk: Value, place: int, content: Value) -> None:
    builder.store(content, at(builder, desk, number(place)))
