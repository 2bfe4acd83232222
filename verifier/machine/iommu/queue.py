"""The invalidation queue: a ring of 16-byte descriptors in memory between software and the address translation unit.

(VT-d specification, queued invalidation interface; the bytes are those QEMU executes in qemu.md 3.) Writing a
descriptor invalidates nothing. The unit works the queue off in its own time; a wait descriptor tells how far it is.
"""

import enum
from dataclasses import dataclass

from verifier.machine.errors import MachineError
from verifier.machine.memory import PAGE_SIZE, PhysicalMemory, address_of, page_of

DESCRIPTOR_SIZE = 16
QUEUE_LENGTH = PAGE_SIZE // DESCRIPTOR_SIZE


class _Kind(enum.IntEnum):
    """Descriptor type (bits 3:0) with its granularity or, for the wait descriptor, "status write" (bits 5:4)."""

    CONTEXT_GLOBAL = 0x11
    CONTEXT_DEVICE = 0x31
    IOTLB_GLOBAL = 0x12
    IOTLB_DOMAIN = 0x22
    IOTLB_PAGE = 0x32
    WAIT = 0x25


_KIND_MASK = 0x3F


@dataclass(frozen=True)
class InvalidateContexts:
    """Forget all context entries."""


@dataclass(frozen=True)
class InvalidateContext:
    """Forget the context entry of one device. The unit goes by the source id alone, as QEMU does."""

    source_id: int
    domain_id: int


@dataclass(frozen=True)
class InvalidateIotlb:
    """Forget all translations."""


@dataclass(frozen=True)
class InvalidateDomain:
    """Forget the translations of one domain."""

    domain_id: int


@dataclass(frozen=True)
class InvalidatePage:
    """Forget the translations of one domain that cover one guest page."""

    domain_id: int
    gpa: int


@dataclass(frozen=True)
class Wait:
    """Write `status` (32 bits) to `address` once every earlier descriptor is done."""

    status: int
    address: int


Descriptor = InvalidateContexts | InvalidateContext | InvalidateIotlb | InvalidateDomain | InvalidatePage | Wait


def encode(descriptor: Descriptor) -> bytes:
    """A descriptor as the 16 bytes that software writes."""
    low: int
    high: int
    match descriptor:
        case InvalidateContexts():
            low, high = _Kind.CONTEXT_GLOBAL, 0
        case InvalidateContext(source_id, domain_id):
            low, high = source_id << 32 | domain_id << 16 | _Kind.CONTEXT_DEVICE, 0
        case InvalidateIotlb():
            low, high = _Kind.IOTLB_GLOBAL, 0
        case InvalidateDomain(domain_id):
            low, high = domain_id << 16 | _Kind.IOTLB_DOMAIN, 0
        case InvalidatePage(domain_id, gpa):
            low, high = domain_id << 16 | _Kind.IOTLB_PAGE, address_of(gpa)
        case Wait(status, address):
            low, high = status << 32 | _Kind.WAIT, address
    return low.to_bytes(8, "little") + high.to_bytes(8, "little")


def decode(data: bytes) -> Descriptor:
    """A descriptor as hardware understands its 16 bytes. MachineError if the type is unknown."""
    low, high = int.from_bytes(data[:8], "little"), int.from_bytes(data[8:], "little")
    domain_id, upper = low >> 16 & 0xFFFF, low >> 32
    match low & _KIND_MASK:
        case _Kind.CONTEXT_GLOBAL:
            return InvalidateContexts()
        case _Kind.CONTEXT_DEVICE:
            return InvalidateContext(upper & 0xFFFF, domain_id)
        case _Kind.IOTLB_GLOBAL:
            return InvalidateIotlb()
        case _Kind.IOTLB_DOMAIN:
            return InvalidateDomain(domain_id)
        case _Kind.IOTLB_PAGE:
            return InvalidatePage(domain_id, page_of(high))
        case _Kind.WAIT:
            return Wait(upper, high)
        case kind:
            raise MachineError(f"invalidation queue: expected a descriptor type that exists, found {kind:#x}")


class InvalidationQueue:
    """The ring and its head and tail registers (in descriptors)."""

    def __init__(self, memory: PhysicalMemory, frame: int) -> None:
        self._memory = memory
        self._frame = frame
        self.head = 0  # moved by hardware
        self.tail = 0  # moved by software

    def __len__(self) -> int:
        """How many descriptors hardware has not executed."""
        return (self.tail - self.head) % QUEUE_LENGTH

    def submit(self, descriptor: Descriptor) -> None:
        """Software: write a descriptor and move the tail. MachineError if the ring is full."""
        if len(self) == QUEUE_LENGTH - 1:
            raise MachineError(
                f"invalidation queue is full: expected fewer than {QUEUE_LENGTH - 1} pending, found {len(self)}"
            )
        self._memory.write(address_of(self._frame, self.tail * DESCRIPTOR_SIZE), encode(descriptor))
        self.tail = (self.tail + 1) % QUEUE_LENGTH

    def fetch(self) -> Descriptor | None:
        """Hardware: the next descriptor, and move the head; None if the queue is empty."""
        if not len(self):
            return None
        data = self._memory.read(address_of(self._frame, self.head * DESCRIPTOR_SIZE), DESCRIPTOR_SIZE)
        descriptor = decode(data)
        self.head = (self.head + 1) % QUEUE_LENGTH
        return descriptor
