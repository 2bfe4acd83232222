"""The fabric between device and memory: posted writes that have left the device and have not reached memory.

A posted write has no completion: the device never learns what became of it, clearing bus master does not recall it, and
"transactions pending = 0" does not cover it (hardware.md 6.7). Only a read from the device pushes it out. Its address
was translated when it was issued, so nothing done to the DMA tables afterwards can stop it.
"""

from dataclasses import dataclass

from verifier.machine.errors import MachineError
from verifier.machine.memory import page_of


@dataclass(frozen=True)
class PostedWrite:
    """A write in flight."""

    number: int
    device: str
    iova: int
    address: int  # host physical, in bytes: translated at issue
    generation: int  # of the host page at issue: tells later whether the page changed hands meanwhile
    data: bytes

    @property
    def hpa(self) -> int:
        """The host page it will land in."""
        return page_of(self.address)


class Fabric:
    """Holds posted writes until they land.

    They may land in any order: devices set Relaxed Ordering on payload writes, and an order that hardware may take is
    one that a protocol has to survive.
    """

    def __init__(self) -> None:
        self._posted: dict[int, PostedWrite] = {}
        self._issued = 0

    def post(self, device: str, iova: int, address: int, generation: int, data: bytes) -> None:
        """Accept a write from a device."""
        self._issued += 1
        self._posted[self._issued] = PostedWrite(self._issued, device, iova, address, generation, data)

    def take(self, number: int) -> PostedWrite:
        """Remove the write with this number, because it lands now."""
        if number not in self._posted:
            raise MachineError(f"posted writes: expected one of {sorted(self._posted)}, found {number}")
        return self._posted.pop(number)

    def posted(self, device: str) -> tuple[PostedWrite, ...]:
        """The writes of a device that have not landed, oldest first."""
        return tuple(write for write in self._posted.values() if write.device == device)
