"""The graph for liveness of a symmetric system, explored by counts in machine code; see `explicit.liveness`."""

from __future__ import annotations

from collections import defaultdict

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.liveness.graph import Graph, Rows
from verifier.engines.explicit.liveness.units import Units
from verifier.engines.native.arrays import Numbers, Placed
from verifier.engines.native.context import Context, Slot, function
from verifier.engines.native.counting.desk import FINE, MADE, STATUS
from verifier.engines.native.counting.ledger import Ledger
from verifier.engines.native.counting.parts import Parts, get, put
from verifier.engines.native.counting.search import CountingSearch
from verifier.engines.native.counting.steps import Steps
from verifier.engines.native.edges import Edges, unit_code
from verifier.engines.native.graph import Mark, compiled_mark, marked
from verifier.engines.native.terms import FULL, HALF, POINTER, Scope, Value, at, local, number
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.watch import Watch, interruptible
from verifier.system.symmetry import Symmetry
from verifier.system.system import Action, Property, PropertyKind


class CountedGraph(Graph):
    """The graph of exact counts. Raises NativeUnavailable where there cannot be machine code; `explore` does so too."""

    native = True

    def __init__(self, program: Program, symmetry: Symmetry, units: Units, watch: Watch) -> None:
        self._search = CountingSearch(program, (), watch, symmetry)
        super().__init__(program, self._search.quotient, units)
        self.keys = self._search.states
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
            edges = CountedEdges(self.program, self._symmetry, self.units, self._search.ledger)
            self._rows = edges.collected(self._search.ledger.store, watch)
            edges.confirm()

    def mark(self, claim: Property, flags: Placed, watch: Watch) -> bool:
        desk, mark = marker(self.program, self._symmetry, self._search.ledger, claim)
        return marked(self, self._search.ledger.store, mark, flags, watch, desk.address)


class CountedEdges(Edges):
    """Finds representatives of the transitions between keys."""

    def __init__(self, program: Program, symmetry: Symmetry, units: Units, ledger: Ledger) -> None:
        self._symmetry = symmetry
        self._parts: Parts | None = None
        super().__init__(program, units, ledger.words)
        assert self._parts is not None
        self._desk: Numbers = ledger.another_desk(self._parts.finished())
        self.more = self._desk.address

    def confirm(self) -> None:
        """Raises NativeUnavailable if a state came up that cannot be counted, or whose key does not fit."""
        if self._desk.view[STATUS] != FINE:
            raise NativeUnavailable("a transition leads to a state that the search had not found")

    def expansions(self, module: Value) -> list[Value]:
        self._parts = parts = Parts(module, self.program, self._symmetry)
        made, builder = function(module, "expand_key", FULL, POINTER, POINTER, POINTER, POINTER)
        base, key, out, taken = made.args
        desk = Context(builder, base).address(Slot.MORE)
        parts.unfold(builder, desk, key, number(0))
        put(builder, desk, MADE, number(0))
        steps = Labelled(parts, builder, desk, out, taken, self.units)
        for action in self.program.system.actions:
            steps.action(action)
        builder.ret(get(builder, desk, MADE))
        return [made]


class Labelled(Steps):
    """Writes the unit of every transition at `taken` beside its key at `out`."""

    def __init__(self, parts: Parts, builder: Value, desk: Value, out: Value, taken: Value, units: Units) -> None:
        self._unit = local(builder, FULL, number(0))
        self._labelled = builder
        self._units = units

        def whole(action: Action) -> None:
            place = at(builder, taken, get(builder, desk, MADE), HALF)
            builder.store(builder.trunc(builder.load(self._unit, typ=FULL), HALF), place)
            parts.seal(builder, desk, out)

        super().__init__(parts.blocks(builder, desk), parts.desk, lambda code: None, defaultdict(int), whole)

    def _instance(self, action: Action, scope: Scope) -> None:
        self._labelled.store(unit_code(self._labelled, self._units, action, scope), self._unit)
        super()._instance(action, scope)


def marker(program: Program, symmetry: Symmetry, ledger: Ledger, claim: Property) -> tuple[Numbers, Mark]:
    """The code that marks keys, and the desk that it works on."""
    module = ir.Module("mark")
    parts = Parts(module, program, symmetry)

    def holds(builder: Value, desk: Value, keys: Value, index: Value) -> tuple[Value, Value | None]:
        parts.unfold(builder, desk, keys, builder.mul(index, number(ledger.words)))
        blocks = parts.blocks(builder, desk)
        goal = blocks.term(claim.formula, {}).code
        return goal, blocks.term(claim.trigger, {}).code if claim.kind is PropertyKind.LEADS_TO else None

    mark = compiled_mark(module, holds)
    return ledger.another_desk(parts.finished()), mark
