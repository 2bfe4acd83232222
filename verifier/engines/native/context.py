"""What the kernel and Python share: an array of 64-bit numbers, of which some are addresses."""

from __future__ import annotations

from enum import IntEnum, auto

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.terms import FULL, POINTER, Value, at, number


class Slot(IntEnum):
    """The numbers in the array, by their places."""

    STATES = 0
    """Address of all states found, in order."""
    PARENTS = auto()
    """Address of a 32-bit number for each: the state it was first reached from, or NONE."""
    TABLE = auto()
    """Address of the hash table."""
    PLACES = auto()
    """How many places the table has."""
    ROOM = auto()
    """How many states there may be before Python has to make room for more."""
    FOUND = auto()
    """How many states there are."""
    TAKEN = auto()
    """How many of them have been taken up: the number of the next one."""
    LAYER = auto()
    """The number of the first state after those of the present depth."""
    DEPTH = auto()
    TRANSITIONS = auto()
    OUT = auto()
    """Address of the successors that have not been looked up yet."""
    FROM = auto()
    """Address of a 32-bit number for each: the state it follows."""
    HASHES = auto()
    """Address of a number for each: its hash."""
    LATEST = auto()
    """Address of the successors that came last, each in the place that its hash gives it; -1 where there is none."""
    PENDING = auto()
    """How many of them there are."""
    FIRST = auto()
    """Address of a 32-bit number for each event: the first state that showed it, or NONE."""
    OPEN = auto()
    """How many claims are undecided; the kernel stops when there are none."""
    STOP = auto()
    """The number of states beyond which the kernel asks Python whether to go on."""
    PAUSE = auto()
    """The number of the state before which it does so."""
    FIRED = auto()
    """Address of a number for each action: how many transitions it has made."""
    IDLE = auto()
    """Address of a byte for each state that was taken up: 1 if no step of the protocol is possible in it, or else 0."""
    LIVELY = auto()
    """Whether one is possible in the state that is being taken up."""
    MORE = auto()
    """Address of what code works on besides, for a kernel that needs more."""


NONE = 0xFFFFFFFF
"""No state."""


class Status(IntEnum):
    """Why the kernel returned."""

    PAUSED = 0
    FULL = 1
    DECIDED = 2
    COMPLETE = 3


class Context:
    """The array, or another one whose places have names, as a function sees it."""

    def __init__(self, builder: Value, base: Value) -> None:
        self.builder = builder
        self.base = base

    def get(self, slot: IntEnum) -> Value:
        return self.builder.load(at(self.builder, self.base, number(slot)), typ=FULL)

    def address(self, slot: IntEnum) -> Value:
        return self.builder.inttoptr(self.get(slot), POINTER)

    def set(self, slot: IntEnum, value: Value) -> None:
        self.builder.store(value, at(self.builder, self.base, number(slot)))

    def add(self, slot: IntEnum, value: Value) -> None:
        self.set(slot, self.builder.add(self.get(slot), value))


def function(module: Value, name: str, result: Value, *parameters: Value, shared: bool = False) -> tuple[Value, Value]:
    """A new function and what writes it. What its pointers lead to is its own while it runs, unless it is `shared`."""
    made = ir.Function(module, ir.FunctionType(result, parameters), name)
    for argument in made.args:
        if isinstance(argument.type, ir.PointerType) and not shared:
            argument.add_attribute("noalias")
    return made, ir.IRBuilder(made.append_basic_block())
