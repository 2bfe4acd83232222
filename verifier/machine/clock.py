"""Time, in CPU cycles of a 3 GHz host, and what each operation costs.

The figures are estimates from the cache lines and round trips that an operation needs; where one was measured, it says
so. They are for comparing ways to hand over a device, not for predicting one machine. The comparison of flip and copy
rests on `page_flip` against `page_copy`: tests/machine/test_handover.py pins how far either may be off.
"""

from dataclasses import dataclass

CYCLES_PER_MICROSECOND = 3_000


@dataclass(frozen=True)
class Costs:
    """Cycles per operation."""

    # Clear one second-level CPU entry, write another, update two records: four cache lines that miss, 100 each.
    page_flip: int = 400
    # Interrupt every CPU that runs the VM and flush its second-level translations: about 2 us, once per batch of flips.
    cpu_tlb_shootdown: int = 6_000
    # 4096 bytes, cold on both sides, at 9.5 GB/s of one core: 430 ns. (Measured on a cloud Xeon: 890 ns, 2670 cycles.)
    page_copy: int = 1_300
    # One 64-bit store to a DMA table, its cache line flushed and fenced because the walker may not snoop CPU caches.
    table_write: int = 100
    # Read a superpage leaf, write 512 entries (64 cache lines, flushed), swing the pointer.
    superpage_split: int = 7_000
    # Write a 16-byte descriptor into the queue and the tail register (a posted MMIO write); any kind of invalidation.
    invalidation_submit: int = 300
    # Poll the status word of the wait descriptor: about 1 us until the unit has worked off the queue and written it.
    invalidation_wait: int = 3_000
    # A register read of a PCIe device: a round trip of about 0.8 us.
    mmio_read: int = 2_400
    # A register write is posted: the CPU only hands it over.
    mmio_write: int = 300
    # An engine finishes the requests it has begun: about 10 us.
    device_quiesce: int = 30_000
    # Send an interrupt or event from hypervisor to VM or back: exit, injection, entry.
    notify: int = 5_000
    # One job of the device: two reads of host memory and 4 KiB out, at about 100 Gbit/s.
    device_job: int = 2_000
    # The driver writes one descriptor and the tail register.
    queue_job: int = 400
    # Function-level reset: PCIe grants the function 100 ms and Linux pcie_flr() sleeps for all of it.
    device_reset: int = 100_000 * CYCLES_PER_MICROSECOND
    # Rescan the bus: about a thousand configuration-space reads of 1 us.
    bus_rescan: int = 1_000 * CYCLES_PER_MICROSECOND
    # Bind and initialise a driver: 5 ms is short; network drivers take tens of ms before the link is up.
    driver_load: int = 5_000 * CYCLES_PER_MICROSECOND
    # Program ring base, size, head and tail and enable the queue: some ten register writes and a read back.
    ring_setup: int = 6_000
    # Records of the VM manager (driver, token, owner of a page): a lock and a cache line or two.
    bookkeeping: int = 200


COSTS = Costs()


class Clock:
    """Counts cycles. Only what software and the device do takes time; a choice of the hardware is free."""

    def __init__(self) -> None:
        self.now = 0

    def spend(self, cycles: int) -> None:
        """Let time pass."""
        self.now += cycles
