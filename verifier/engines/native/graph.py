"""The graph for liveness, explored in machine code state by state; see `explicit.liveness`."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.liveness.graph import Graph, Rows
from verifier.engines.explicit.liveness.routines import TRIGGERED, WAITING
from verifier.engines.explicit.liveness.units import Units
from verifier.engines.native.arrays import Placed
from verifier.engines.native.context import Slot, function
from verifier.engines.native.edges import PlainEdges
from verifier.engines.native.formulas import Formulas
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.model import Model
from verifier.engines.native.search import NativeSearch
from verifier.engines.native.storage import State
from verifier.engines.native.store import Store
from verifier.engines.native.terms import BIT, BYTE, FULL, POINTER, Value, at, local, loop, number
from verifier.engines.watch import Watch, interruptible
from verifier.system.expressions import Expression
from verifier.system.symmetry import NO_SYMMETRY, Symmetry
from verifier.system.system import Property, PropertyKind

CHUNK = 1 << 18
"""How many states are looked at between two looks at the budget."""


class NativeGraph(Graph):
    """The graph of all states, or of one of all that a symmetry makes equal.

    Raises NativeUnavailable where there cannot be machine code; `explore` does so too.
    """

    native = True

    def __init__(self, program: Program, units: Units, watch: Watch, symmetry: Symmetry = NO_SYMMETRY) -> None:
        self._search = NativeSearch(program, (), watch, symmetry=symmetry)
        super().__init__(program, self._search.quotient, units)
        self.keys = self._search.keys
        self._symmetry = symmetry
        self._rows: Rows | None = None

    @property
    def rows(self) -> Rows:
        assert self._rows is not None, "not explored yet"
        return self._rows

    def explore(self, watch: Watch) -> None:
        try:
            self._search.run(whole=True)
        finally:
            self.transitions, self.depth = self._search.transitions, self._search.depth
        with interruptible():
            self._rows = PlainEdges(self.program, self.units, self._symmetry).collected(self._search.store, watch)

    def mark(self, claim: Property, flags: Placed, watch: Watch) -> bool:
        mark = marker(self.program, claim)
        return marked(self, self._search.store, mark, flags, watch)


Mark = Callable[[int, int, int, int, int], int]
"""mark(more, states, start, stop, flags): writes the flags of some states; whether the trigger holds in any of them.

`states` and `flags` are addresses, and so is `more`, of what the formulas need besides.
"""


def marked(graph: Graph, store: Store, mark: Mark, flags: Placed, watch: Watch, more: int = 0) -> bool:
    """Writes the flags of all states; whether the trigger holds in any of them. Raises Stopped."""
    count = store.get(Slot.FOUND)
    triggered = False
    with interruptible():
        for start in range(0, count, CHUNK):
            watch.look("liveness", count, graph.transitions, graph.depth, count - start)
            stop = min(count, start + CHUNK)
            triggered |= bool(mark(more, store.get(Slot.STATES), start, stop, flags.address))
    return triggered


def marker(program: Program, claim: Property) -> Mark:
    """The code that marks the states of a system as they are."""
    module = ir.Module("mark")
    model = Model(program.interpreter, module)
    words = model.bits.words

    def formula(name: str, expression: Expression) -> Value:
        made, builder = function(module, name, BIT, POINTER)
        builder.ret(Formulas(model, builder, State(builder, made.args[0], words)).term(expression, {}).code)
        return made

    goal = formula("goal", claim.formula)
    trigger = formula("trigger", claim.trigger) if claim.kind is PropertyKind.LEADS_TO else None

    def holds(builder: Value, more: Value, states: Value, index: Value) -> tuple[Value, Value | None]:
        state = at(builder, states, builder.mul(index, number(words)))
        return builder.call(goal, [state]), trigger and builder.call(trigger, [state])

    return compiled_mark(module, holds)


def compiled_mark(module: Value, holds: Callable[[Value, Value, Value, Value], tuple[Value, Value | None]]) -> Mark:
    """Finishes and compiles a module.

    `holds(builder, more, states, index)` writes whether the goal, and the trigger if there is one, hold in a state.
    """
    made, builder = function(module, "mark", FULL, POINTER, POINTER, FULL, FULL, POINTER)
    more, states, start, stop, flags = made.args
    triggered = local(builder, FULL, number(0))
    with loop(builder, start, stop) as (index, _):
        goal, trigger = holds(builder, more, states, index)
        flag = builder.select(goal, number(0), number(WAITING))
        if trigger is not None:
            bit = builder.select(trigger, number(TRIGGERED), number(0))
            builder.store(builder.or_(builder.load(triggered, typ=FULL), bit), triggered)
            flag = builder.or_(flag, bit)
        builder.store(builder.trunc(flag, BYTE), at(builder, flags, index, BYTE))
    builder.ret(builder.load(triggered, typ=FULL))
    code = MachineCode(module)
    kinds = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
    call = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(code.address("mark"))

    def mark(more: int, states: int, start: int, stop: int, flags: int) -> int:
        assert code is not None  # the function lives as long as its code
        return int(call(more, states, start, stop, flags))

    return mark
