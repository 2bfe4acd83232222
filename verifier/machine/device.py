"""A bus-master device: it fetches jobs from a ring by DMA, reads a buffer, transforms it and writes the result.

The transform is chained: each output depends on all jobs before it. So the bytes in memory show whether the device went
on exactly where it stopped.
"""

import enum
import hashlib
import struct
from dataclasses import replace
from typing import Protocol

from verifier.machine.context import CHAIN_SIZE, DeviceContext
from verifier.machine.errors import MachineError
from verifier.machine.memory import PAGE_SIZE, address_of

DESCRIPTOR = struct.Struct("<QQ")  # source and destination buffer: byte addresses as the device sees them, a page each
RING_LIMIT = PAGE_SIZE // DESCRIPTOR.size


class Status(enum.Enum):
    """The status register."""

    RUNNING = "running"
    STOPPING = "stopping"  # told to stop; may still finish what it has begun
    STOPPED = "stopped"
    FAILED = "failed"  # a DMA read was blocked; only a reset helps


class DmaBlockedError(MachineError):
    """The completion of a DMA read says that the request was not supported. Never leaves the device."""


class DmaPort(Protocol):
    """The device's side of the link: where its requests go."""

    def read(self, iova: int, length: int) -> bytes:
        """A DMA read. DmaBlockedError if the platform refuses it."""

    def write(self, iova: int, data: bytes) -> None:
        """A posted DMA write: gone, with no word about its fate."""


def transform(chain: bytes, data: bytes) -> tuple[bytes, bytes]:
    """One job: the output for some input, and the next state of the chain."""
    keystream = hashlib.shake_128(chain).digest(len(data))
    output = (int.from_bytes(data, "little") ^ int.from_bytes(keystream, "little")).to_bytes(len(data), "little")
    return output, hashlib.blake2b(chain + output, digest_size=CHAIN_SIZE).digest()


class Device:
    """A device, from its registers to its engine.

    With `driver_lies` its driver reports a pause the device does not keep: stopped, it still issues DMA as long as bus
    master is on (hardware.md 0.2).
    """

    def __init__(self, name: str, identity: int, port: DmaPort, *, driver_lies: bool) -> None:
        self.name = name
        self.identity = identity
        self._port = port
        self._driver_lies = driver_lies
        self.status = Status.STOPPED
        self.blank_interface()

    def set_up_ring(self, gpa: int, entries: int) -> None:
        """Ring base and size; the ring is empty and the chain starts anew."""
        self._expect("set up the ring", Status.STOPPED)
        if not 2 <= entries <= RING_LIMIT:
            raise MachineError(f"{self.name}: expected a ring of 2..{RING_LIMIT} entries, found {entries}")
        self.context = DeviceContext(ring_gpa=gpa, ring_entries=entries)

    def next_slot(self) -> int:
        """Where the driver writes the next descriptor: a byte address for the device. MachineError if none is free."""
        context = self.context
        if not context.ring_entries:
            raise MachineError(f"{self.name}: expected a ring, found none set up")
        if (context.tail + 1) % context.ring_entries == context.head:
            raise MachineError(f"{self.name}: expected a free descriptor, found all {context.ring_entries - 1} in use")
        return address_of(context.ring_gpa, context.tail * DESCRIPTOR.size)

    def ring_doorbell(self) -> None:
        """Tail register: one more descriptor is valid."""
        self.context = replace(self.context, tail=(self.context.tail + 1) % self.context.ring_entries)

    def start(self) -> None:
        """Command register: run."""
        self._expect("start", Status.STOPPED, Status.STOPPING)
        if not self.context.ring_entries:
            raise MachineError(f"{self.name}: cannot start: expected a ring, found none set up")
        self.status = Status.RUNNING

    def stop(self) -> None:
        """Command register: stop taking new work. Told twice, it reports once more when it has come to rest."""
        self._expect("stop", Status.RUNNING, Status.STOPPING, Status.STOPPED)
        self.status = Status.STOPPING

    def quiesce(self) -> None:
        """The engine has come to rest. Posted writes may still be on their way (hardware.md 6.7)."""
        self._expect("quiesce", Status.STOPPING)
        self.status = Status.STOPPED

    def reset(self) -> None:
        """Function-level reset: everything internal is gone and bus master is off. Posted writes are not recalled."""
        self.status = Status.STOPPED
        self.bus_master = False
        self.context = DeviceContext()

    def blank_interface(self) -> None:
        """Another VM is to use the device: what the interface held for the last one is gone, and bus master is off."""
        self.bus_master = False
        self.context = DeviceContext()

    def save(self) -> bytes:
        """The context as it is now; it is only worth something once the device has stopped."""
        return self.context.save(self.identity)

    def load(self, data: bytes) -> None:
        """Take over a saved context."""
        self._expect("load a context", Status.STOPPED, Status.STOPPING)
        self.context = DeviceContext.load(data, self.identity)

    def work(self) -> bool:
        """Do the next job. Returns False if there was none or a read was blocked (the device has failed then)."""
        self._expect_dma("work")
        context = self.context
        if context.head == context.tail:
            return False
        try:
            slot = address_of(context.ring_gpa, context.head * DESCRIPTOR.size)
            source, destination = DESCRIPTOR.unpack(self._port.read(slot, DESCRIPTOR.size))
            data = self._port.read(source, PAGE_SIZE)
        except DmaBlockedError:
            self.status = Status.FAILED
            return False
        output, chain = transform(context.chain, data)
        self._port.write(destination, output)
        self.context = replace(
            context,
            head=(context.head + 1) % context.ring_entries,
            sequence=context.sequence + 1,
            chain=chain,
        )
        return True

    def issue_dma(self, gpa: int) -> None:
        """Write to a page though no job asks for it, as a network device does when a frame arrives."""
        self._expect_dma("issue DMA")
        self._port.write(address_of(gpa), f"unsolicited DMA of {self.name} after job {self.context.sequence}".encode())
        self.context = replace(self.context, sequence=self.context.sequence + 1)

    def _expect(self, action: str, *allowed: Status) -> None:
        if self.status not in allowed:
            expected = " or ".join(status.value for status in allowed)
            raise MachineError(f"{self.name}: cannot {action}: expected {expected}, found {self.status.value}")

    def _expect_dma(self, action: str) -> None:
        if not self.bus_master:
            raise MachineError(f"{self.name}: cannot {action}: expected bus master on, found it off")
        if self._driver_lies and self.status is Status.STOPPED:
            return
        if self.status not in (Status.RUNNING, Status.STOPPING):
            raise MachineError(f"{self.name}: cannot {action}: expected running or stopping, found {self.status.value}")
