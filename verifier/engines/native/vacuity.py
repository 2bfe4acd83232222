"""What a complete search in machine code shows to be without effect; see `explicit.vacuity` for what is asked.

The kernel has counted how often each action happened. Most formulas turn out to be true in one of a few states spread
over all of them, and these are looked at first. Those that are left become machine code that goes through all states:
through some here and some there, since states in which something rare is true were mostly found one soon after another.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.vacuity import Finding, concluded
from verifier.engines.native.context import Slot, function
from verifier.engines.native.formulas import Formulas
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.model import Model
from verifier.engines.native.storage import State
from verifier.engines.native.store import Store
from verifier.engines.native.terms import FULL, POINTER, at, loop, number
from verifier.engines.watch import Watch
from verifier.system.expressions import Expression
from verifier.system.system import Property

SAMPLE = 256
"""How many states are looked at before machine code is made."""

CHUNK = 1 << 14
"""How many states in a row machine code looks at."""


def findings(
    program: Program, store: Store, states: Sequence[Packed], claims: Iterable[Property], watch: Watch
) -> tuple[Finding, ...]:
    """What the states of a complete search show, actions first. Raises Stopped and NativeUnavailable."""

    def unseen(asked: Mapping[Finding, Expression]) -> set[Finding]:
        waiting = {finding: program.predicate(formula) for finding, formula in asked.items()}
        for index in range(0, len(states), -(-len(states) // SAMPLE)):
            if not waiting:
                break
            watch.look("vacuity", index, 0, 0, len(states) - index)
            state = states[index]
            waiting = {finding: holds for finding, holds in waiting.items() if not holds(state)}
        return _unseen(program, store, {finding: asked[finding] for finding in waiting}, watch) if waiting else set()

    never = {action.name for action, fired in zip(program.system.actions, store.fired, strict=False) if not fired}
    return concluded(program, tuple(claims), never, unseen)


def _unseen(program: Program, store: Store, asked: Mapping[Finding, Expression], watch: Watch) -> set[Finding]:
    """Those of which the formula is true in none of all states."""
    module = ir.Module("vacuity")
    model = Model(program.interpreter, module)
    for index, formula in enumerate(asked.values()):
        _write_seen(model, module, f"seen{index}", formula)
    code = MachineCode(module)
    kinds = (ctypes.c_void_p, ctypes.c_int64)
    seen = [ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(code.address(f"seen{index}")) for index in range(len(asked))]
    return {finding for finding, one in zip(asked, seen, strict=True) if not _anywhere(one, store, watch)}


def _anywhere(seen: Callable[[int, int], int], store: Store, watch: Watch) -> bool:
    found, width = store.get(Slot.FOUND), 8 * store.bits.words
    for done, (start, count) in enumerate(here_and_there(found)):
        watch.look("vacuity", done * CHUNK, 0, 0, found - done * CHUNK)
        if seen(store.get(Slot.STATES) + start * width, count):
            return True
    return False


def here_and_there(states: int) -> Iterator[tuple[int, int]]:
    """Where rows of states begin that make up all of them, and how many each has; any first few are spread evenly."""
    rows = -(-states // CHUNK)
    bits = (rows - 1).bit_length()
    for turn in range(1 << bits):
        # The bits of the turn, read from the other end.
        start = CHUNK * int(f"{turn:0{bits}b}"[::-1], 2)
        if start < states:
            yield start, min(CHUNK, states - start)


def _write_seen(model: Model, module: ir.Module, name: str, formula: Expression) -> None:
    """seen(states, count): 1 if the formula is true in one of so many states in a row, or else 0."""
    made, builder = function(module, name, FULL, POINTER, FULL)
    states, count = made.args
    holds, inner = function(module, f"{name}_in", ir.IntType(1), POINTER)
    inner.ret(Formulas(model, inner, State(inner, holds.args[0], model.bits.words)).term(formula, {}).code)
    with loop(builder, number(0), count) as (index, _):
        state = at(builder, states, builder.mul(index, number(model.bits.words)))
        with builder.if_then(builder.call(holds, [state]), likely=False):
            builder.ret(number(1))
    builder.ret(number(0))
