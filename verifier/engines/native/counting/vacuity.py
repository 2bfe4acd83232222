"""What a complete search by counts shows to be without effect; see `explicit.vacuity` for what is asked."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.space import Space
from verifier.engines.explicit.vacuity import Finding, concluded
from verifier.engines.native.context import Slot, function
from verifier.engines.native.counting.desk import WORDS
from verifier.engines.native.counting.ledger import Ledger
from verifier.engines.native.counting.parts import Parts, get
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.terms import FULL, POINTER, loop, number
from verifier.engines.native.vacuity import CHUNK, SAMPLE, here_and_there
from verifier.engines.watch import Watch
from verifier.system.expressions import Expression
from verifier.system.symmetry import Symmetry
from verifier.system.system import Property


def findings(
    space: Space, symmetry: Symmetry, ledger: Ledger, claims: Iterable[Property], watch: Watch
) -> tuple[Finding, ...]:
    """What the keys of a complete search show, actions first. Raises Stopped and NativeUnavailable.

    As in the plain search, some states that are spread over all are looked at before machine code is made.
    """
    program, quotient, keys = space.program, space.quotient, space.states

    def unseen(asked: Mapping[Finding, Expression]) -> set[Finding]:
        waiting = {finding: quotient.predicate(formula) for finding, formula in asked.items()}
        for index in range(0, len(keys), -(-len(keys) // SAMPLE)):
            if not waiting:
                return set()
            watch.look("vacuity", index, 0, 0, len(keys) - index)
            view = quotient.view(keys[index])
            waiting = {finding: holds for finding, holds in waiting.items() if not holds(view)}
        scan = _Scan(space, symmetry, ledger, [asked[finding] for finding in waiting])
        return {finding for index, finding in enumerate(waiting) if not scan.anywhere(index, watch)}

    actions = program.system.actions
    never = {action.name for action, fired in zip(actions, ledger.store.fired, strict=False) if not fired}
    return concluded(program, tuple(claims), never, unseen)


class _Scan:
    """Machine code that looks for keys of which formulas are true."""

    def __init__(self, space: Space, symmetry: Symmetry, ledger: Ledger, formulas: Iterable[Expression]) -> None:
        module = ir.Module("vacuity")
        parts = Parts(module, space.program, symmetry)
        for index, formula in enumerate(formulas):
            made, builder = function(module, f"seen{index}", FULL, POINTER, POINTER, FULL)
            desk, keys, count = made.args
            words = get(builder, desk, WORDS)
            with loop(builder, number(0), count) as (place, _):
                parts.unfold(builder, desk, keys, builder.mul(place, words))
                holds = parts.blocks(builder, desk).term(formula, {}).code
                with builder.if_then(holds, likely=False):
                    builder.ret(number(1))
            builder.ret(number(0))
        self._desk = ledger.another_desk(parts.finished())
        self._code = MachineCode(module)
        self._ledger = ledger

    def anywhere(self, index: int, watch: Watch) -> bool:
        """Whether formula number `index` is true of one of the keys. Raises Stopped."""
        kinds = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
        seen = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(self._code.address(f"seen{index}"))
        store = self._ledger.store
        found, width = store.get(Slot.FOUND), 8 * self._ledger.words
        for done, (start, count) in enumerate(here_and_there(found)):
            watch.look("vacuity", done * CHUNK, 0, 0, found - done * CHUNK)
            if seen(self._desk.address, store.get(Slot.STATES) + start * width, count):
                return True
        return False
