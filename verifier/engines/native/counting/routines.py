"""The routines of this package as machine code: made once, and called by the code of every system."""

from __future__ import annotations

from functools import cache

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.arrays import Elements, Halves, Words
from verifier.engines.native.context import NONE, Slot
from verifier.engines.native.counting.desk import HAPPENED, SEAL, UNFOLD
from verifier.engines.native.counting.keys import recode
from verifier.engines.native.counting.patterns import pattern_at
from verifier.engines.native.counting.seal import put, seal, touch
from verifier.engines.native.counting.unfold import unfold
from verifier.engines.native.machine_code import MachineCode
from verifier.engines.native.routine import Compiled, Writer
from verifier.engines.native.terms import FULL, Value, at, number

INLINE = (pattern_at, put, touch)
"""Routines that are written out where they are called, which makes the search a fifth faster."""

TAKEN, OPEN = int(Slot.TAKEN), int(Slot.OPEN)


def happened(context: Words, first: Halves, event: int, claims: int) -> None:
    """Takes down the first state for an event, and that so many claims are decided by it."""
    if first[event] == NONE:
        first[event] = context[TAKEN]
        context[OPEN] = context[OPEN] - claims


@cache
def _code() -> MachineCode:
    module = ir.Module("routines")
    writer = Writer(module)
    for routine in (unfold, seal, recode, happened):
        writer.write(routine)
    for inlined in INLINE:
        writer.write(inlined).attributes.add("alwaysinline")
    return MachineCode(module)


def compiled_recode() -> Compiled:
    """For Python to call."""
    return Compiled(_code(), recode)


PLACES = ((UNFOLD, unfold), (SEAL, seal), (HAPPENED, happened))


def connect(desk: Elements) -> None:
    """Puts the addresses of routines where `call` looks for them."""
    for place, routine in PLACES:
        desk[place] = _code().address(routine.__name__)


def call(builder: Value, desk: Value, place: int, *arguments: Value) -> None:
    """Code that calls the routine whose address is at a place of the desk."""
    kind = ir.FunctionType(FULL, [argument.type for argument in arguments])
    address = builder.load(at(builder, desk, number(place)), typ=FULL)
    builder.call(builder.inttoptr(address, ir.PointerType(kind)), arguments)
