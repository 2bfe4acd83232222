"""What a search in machine code does about its checkpoint: goes on from it, renews it, says where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from verifier import __version__
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import initial_choices
from verifier.engines.native.checkpoint import NOTHING, Checkpoint, More, identity
from verifier.engines.native.context import Slot
from verifier.engines.native.store import Store
from verifier.engines.verdict import CheckpointError, Keeping
from verifier.engines.watch import Stopped
from verifier.system.system import Property


class Keeper:
    """The checkpoint of one search, if there is to be one; otherwise nothing happens.

    `text` is that of the search's machine code, which all that is found depends on.
    """

    def __init__(
        self, keeping: Keeping | None, program: Program, claims: Iterable[Property], text: Callable[[], str]
    ) -> None:
        self._checkpoint: Checkpoint | None = None
        self._usable = False
        if keeping is not None:
            initial = initial_choices(program.system, program.interpreter)
            asked = [(claim.name, claim.kind.value) for claim in claims]
            self._checkpoint = Checkpoint(keeping, identity((__version__, text(), repr(initial), repr(asked))))

    def more(self) -> More:
        """What was kept besides what a store holds; nothing if the search was not begun before."""
        return self._checkpoint.more() if self._checkpoint is not None and self._checkpoint.exists else NOTHING

    def begin(self, store: Store, illegal: Callable[[], int | None]) -> bool:
        """Whether the store holds an earlier search now; its table has to be made and filled. Otherwise begins one.

        `illegal` gives a state that there cannot be. Raises CheckpointError and Stopped.
        """
        checkpoint = self._checkpoint
        if checkpoint is None:
            return False
        if not checkpoint.exists:
            checkpoint.begin(store)
        elif checkpoint.read(store) and (bad := illegal()) is not None:
            raise self.refusal(f"state {bad} is none that there can be")
        self._usable = True
        return checkpoint.states > 0

    def refusal(self, what: str) -> CheckpointError:
        """What was kept cannot be used, and why."""
        assert self._checkpoint is not None
        return self._checkpoint.refuse(what)

    def renew(self, store: Store, more: Callable[[], More] = lambda: NOTHING, ended: bool = False) -> None:
        """Writes a checkpoint if it is time for one, or if the search has ended. Raises Stopped."""
        if self._checkpoint is not None and (ended or self._checkpoint.due):
            self._checkpoint.write(store, more())

    def stopped(self, reason: str, store: Store, more: Callable[[], More] = lambda: NOTHING) -> Stopped:
        """The end of a search that was cut short, after a last checkpoint, with where it can be taken up again."""
        checkpoint = self._checkpoint
        if checkpoint is None or not self._usable:
            return Stopped(reason)
        with suppress(Stopped):
            if store.get(Slot.LAYER):  # before, not all initial states are there
                checkpoint.write(store, more())
        kept = f"; {checkpoint.states} states are kept: --resume {checkpoint.run} goes on from there"
        return Stopped(reason + (kept if checkpoint.states else ""))
