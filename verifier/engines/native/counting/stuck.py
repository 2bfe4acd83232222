"""Stuck states among the keys of a complete search by counts; see `explicit.stuck` for what they are."""

from __future__ import annotations

from verifier.engines.explicit.compiler import Program
from verifier.engines.native.arrays import Numbers
from verifier.engines.native.context import Context, Slot, function
from verifier.engines.native.counting.desk import FINE, MADE, STATUS
from verifier.engines.native.counting.ledger import Ledger
from verifier.engines.native.counting.parts import Parts, get, put
from verifier.engines.native.stuck import StuckStates
from verifier.engines.native.terms import BIT, FULL, POINTER, Value, number
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.watch import Watch
from verifier.system.symmetry import Symmetry


class StuckKeys(StuckStates):
    """Looks for keys of stuck states. Raises NativeUnavailable."""

    def __init__(self, program: Program, symmetry: Symmetry, ledger: Ledger, watch: Watch) -> None:
        self._parts: Parts | None = None
        super().__init__(program, watch, ledger.words, symmetry)
        assert self._parts is not None
        self._desk: Numbers = ledger.another_desk(self._parts.finished())
        self.more = self._desk.address

    def find(self, ledger: Ledger) -> int | None:
        """The number of the first stuck key of a complete search, or None if there is none. Raises Stopped."""
        found = self.first(ledger.store)
        if self._desk.view[STATUS] != FINE:
            raise NativeUnavailable("a state was left to one that the search had not found")
        return found

    def _write_moves(self, module: Value) -> Value:
        self._parts = parts = Parts(module, self._program, self._symmetry)
        made, builder = function(module, "moves", FULL, POINTER, POINTER, POINTER)
        base, state, out = made.args
        desk = Context(builder, base).address(Slot.MORE)
        parts.unfold(builder, desk, state, number(0))
        put(builder, desk, MADE, number(0))
        names = {a.property: 0 for action in self._moving for a in action.assertions}
        steps = parts.steps(builder, desk, lambda code: None, names, lambda action: parts.seal(builder, desk, out))
        for action in self._moving:
            steps.action(action)
        builder.ret(get(builder, desk, MADE))
        return made

    def _write_final(self, module: Value) -> Value:
        assert self._parts is not None
        made, builder = function(module, "final", BIT, POINTER, POINTER)
        base, state = made.args
        desk = Context(builder, base).address(Slot.MORE)
        self._parts.unfold(builder, desk, state, number(0))
        builder.ret(self._parts.blocks(builder, desk).term(self._system.final, {}).code)
        return made
