"""Physical memory and the bytes of the structures kept in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.machine import MachineError
from verifier.machine.iommu.entries import (
    ContextEntry,
    publish_context_entry,
    read_context_entry,
    replace_context_entry,
    retract_context_entry,
)
from verifier.machine.iommu.manager import TranslationManager
from verifier.machine.iommu.queue import (
    Descriptor,
    InvalidateContext,
    InvalidateContexts,
    InvalidateDomain,
    InvalidateIotlb,
    InvalidatePage,
    InvalidationQueue,
    Wait,
    decode,
    encode,
)
from verifier.machine.memory import MEMORY_SIZE, PAGE_SIZE, PhysicalMemory

ENTRY = ContextEntry(domain_id=5, table=0x123)


class RecordedMemory(PhysicalMemory):
    """Remembers the address and size of each store."""

    def __init__(self) -> None:
        super().__init__(page_limit=16)
        self.stores: list[tuple[int, int]] = []

    def write(self, address: int, data: bytes) -> None:
        self.stores.append((address, len(data)))
        super().write(address, data)


@given(st.integers(0, 3 * PAGE_SIZE), st.binary(max_size=2 * PAGE_SIZE))
def test_what_was_written_is_read(address: int, data: bytes) -> None:
    """A write is read back, across page borders too, and leaves the bytes around it alone."""
    memory = PhysicalMemory(page_limit=8)

    memory.write(address, data)

    assert memory.read(address, len(data)) == data
    assert memory.read(0, address) == bytes(address)
    assert memory.read(address + len(data), 8) == bytes(8)


def test_number_of_pages_is_bounded() -> None:
    """The page too many is refused, by numbers, and nothing of the write is stored; reading makes no page."""
    memory = PhysicalMemory(page_limit=2)
    memory.write(0, b"first")
    memory.read(0x9000, PAGE_SIZE)

    with pytest.raises(MachineError, match="at most 2 pages, found 1 in use and 2 more needed"):
        memory.write(2 * PAGE_SIZE - 1, b"xy")

    assert memory.read(2 * PAGE_SIZE - 1, 2) == bytes(2)


@pytest.mark.parametrize("address", [-1, MEMORY_SIZE])
def test_addresses_are_bounded(address: int) -> None:
    """There is no memory beyond 46 bits."""
    with pytest.raises(MachineError, match="out of range"):
        PhysicalMemory(page_limit=1).write(address, b"x")


def test_page_is_written_whole() -> None:
    """A page is 4096 bytes, no more and no less."""
    with pytest.raises(MachineError, match="expected 4096 bytes, found 3"):
        PhysicalMemory(page_limit=1).write_page(0, b"abc")


def test_present_bit_is_written_last() -> None:
    """Setting up a context entry stores the word without P first: the walker never sees half an entry as present."""
    memory = RecordedMemory()

    publish_context_entry(memory, 0x40, ENTRY)

    assert memory.stores == [(0x48, 8), (0x40, 8)]
    assert read_context_entry(memory, 0x40) == (True, ENTRY)


def test_present_entry_is_replaced_at_once() -> None:
    """Replacing a present context entry is one 16-byte store: it cannot be seen torn (bug class 11)."""
    memory = RecordedMemory()

    replace_context_entry(memory, 0x40, ENTRY)

    assert memory.stores == [(0x40, 16)]
    assert read_context_entry(memory, 0x40) == (True, ENTRY)


def test_moving_a_device_stores_its_entry_at_once() -> None:
    """The translation manager sets an entry up in two stores, and moves a present one to another domain in one."""
    memory = RecordedMemory()
    free = iter(range(1, 16))
    manager = TranslationManager(memory, lambda: next(free))
    manager.add_domain("vm1")
    manager.add_domain("vm2")
    memory.stores.clear()

    manager.attach(0x20, manager.domain("vm1"))
    manager.attach(0x20, manager.domain("vm2"))

    assert [size for _, size in memory.stores] == [8, 8, 16]


def test_present_bit_is_cleared_alone() -> None:
    """Taking a context entry down clears P and leaves every field to the hardware."""
    memory = PhysicalMemory(page_limit=1)
    publish_context_entry(memory, 0x40, ENTRY)

    retract_context_entry(memory, 0x40)

    assert read_context_entry(memory, 0x40) == (False, ENTRY)


@pytest.mark.parametrize(
    ("descriptor", "low", "high"),
    [
        (InvalidateContexts(), 0x11, 0),
        (InvalidateContext(source_id=0x20, domain_id=5), 0x20_0005_0031, 0),
        (InvalidateIotlb(), 0x12, 0),
        (InvalidateDomain(domain_id=5), 0x5_0022, 0),
        (InvalidatePage(domain_id=5, gpa=0x1F), 0x5_0032, 0x1F000),
        (Wait(status=7, address=0x8000), 0x7_0000_0025, 0x8000),
    ],
)
def test_descriptors_have_the_bytes_of_vtd(descriptor: Descriptor, low: int, high: int) -> None:
    """Each descriptor is the bytes that VT-d hardware executes, and is understood back."""
    data = encode(descriptor)

    assert data == low.to_bytes(8, "little") + high.to_bytes(8, "little")
    assert decode(data) == descriptor


def test_unknown_descriptor_is_refused() -> None:
    """Hardware does not guess at a descriptor type."""
    with pytest.raises(MachineError, match="found 0x3f"):
        decode(b"\xff" * 16)


def test_invalidation_queue_is_a_ring() -> None:
    """The queue takes 255 descriptors at a time, keeps their order, and goes on past its end."""
    queue = InvalidationQueue(PhysicalMemory(page_limit=1), frame=0)
    for start in (0, 1000):
        for number in range(255):
            queue.submit(InvalidatePage(1, start + number))

        with pytest.raises(MachineError, match="queue is full"):
            queue.submit(InvalidateIotlb())

        assert [queue.fetch() for _ in range(256)] == [InvalidatePage(1, start + n) for n in range(255)] + [None]
