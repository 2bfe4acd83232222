"""Who runs the routines, Python or the machine, and the memory that they work in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from verifier.engines.explicit.liveness import routines
from verifier.engines.explicit.liveness.routines import MORE
from verifier.engines.native.arrays import Buffer, Elements, Numbers, Placed
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.watch import Stopped, Watch, memory_used, memory_used_up

TURN = 1 << 13
"""How many transitions Python looks at between two looks at the budget."""

NATIVE_TURN = 1 << 20
"""The same in machine code."""


class Runner:
    """Calls routines; `native` if machine code does them."""

    def __init__(self) -> None:
        self.turn = TURN
        self._compiled: Mapping[str, Callable[..., int]] = {}

    @property
    def native(self) -> bool:
        return bool(self._compiled)

    def compile(self) -> None:
        """From now on in machine code. Raises NativeUnavailable."""
        try:
            from verifier.engines.native.routine import compiled
        except ImportError as error:
            raise NativeUnavailable(f"{error.name} is not installed") from error
        self._compiled = compiled(text for text in vars(routines).values() if isinstance(text, FunctionType))
        self.turn = NATIVE_TURN

    def __call__(self, routine: Callable[..., Any], *arguments: Any) -> int:
        """The routine's result."""
        if self._compiled:
            return self._compiled[routine.__name__](*arguments)
        return int(routine(*(a.view if isinstance(a, Placed) else a for a in arguments)) or 0)

    def in_turns(self, look: Callable[[], None], routine: Callable[..., Any], *arguments: Any) -> None:
        """Calls the routine until it is done, and `look` before each turn."""
        look()
        while self(routine, *arguments, self.turn) == MORE:
            look()


class Room:
    """Memory within a budget: what is asked for counts as taken, and what was taken before."""

    def __init__(self, watch: Watch) -> None:
        self._budget = watch.budget.memory
        self._taken = memory_used()

    def zeros(self, width: int, count: int) -> Numbers:
        """So many zeros of 8, 32 or 64 bits each. Raises Stopped where the budget does not allow them."""
        self._taken += width // 8 * count
        if self._budget is not None and self._taken > self._budget:
            raise Stopped(memory_used_up(self._budget))
        return Numbers(width, max(1, count))


def view(buffer: Buffer) -> Elements:
    """An array as Python indexes it."""
    return buffer.view if isinstance(buffer, Placed) else buffer
