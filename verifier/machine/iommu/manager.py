"""The hypervisor's side of the address translation unit: domains, context entries, and requests to invalidate.

It edits memory and the queue; it cannot see the caches. Every VM has one DMA domain, named like the VM.
"""

from collections.abc import Callable
from dataclasses import dataclass

from verifier.machine.errors import MachineError
from verifier.machine.iommu.entries import (
    PRESENT,
    SOURCE_ENTRY_SIZE,
    ContextEntry,
    publish_context_entry,
    read_context_entry,
    replace_context_entry,
    retract_context_entry,
)
from verifier.machine.iommu.queue import Descriptor, InvalidateContexts, InvalidateIotlb, InvalidationQueue, Wait
from verifier.machine.iommu.tables import SecondLevelTable
from verifier.machine.memory import PhysicalMemory, address_of


@dataclass(frozen=True)
class Domain:
    """A DMA address space: its tag in the IOTLB and its table."""

    name: str
    id: int
    table: SecondLevelTable


class TranslationManager:
    """Writes the DMA tables. `allocate` gives page numbers of zeroed host pages."""

    def __init__(self, memory: PhysicalMemory, allocate: Callable[[], int]) -> None:
        self._memory = memory
        self._allocate = allocate
        self._domains: dict[str, Domain] = {}
        self._waits = 0
        self._wait_covers_all = True
        self.root_table = allocate()
        self._context_table = allocate()  # every device of this machine is on bus 0
        self._memory.store_word(address_of(self.root_table), address_of(self._context_table) | PRESENT)
        self._status = allocate()
        self.queue = InvalidationQueue(memory, allocate())
        # A new root table pointer: contexts before translations (hardware.md 6.2).
        self.submit(InvalidateContexts())
        self.submit(InvalidateIotlb())

    def add_domain(self, name: str) -> None:
        """A new, empty address space. Domain id 0 stays unused: it tags nothing."""
        table = SecondLevelTable(self._memory, self._allocate(), self._allocate)
        self._domains[name] = Domain(name, len(self._domains) + 1, table)

    def domain(self, name: str) -> Domain:
        """The domain of this name."""
        if name not in self._domains:
            raise MachineError(f"no such domain: expected one of {sorted(self._domains)}, found {name!r}")
        return self._domains[name]

    def domain_named_by(self, entry: ContextEntry) -> Domain | None:
        """The domain whose id an entry holds."""
        return next((domain for domain in self._domains.values() if domain.id == entry.domain_id), None)

    def attached_domain(self, source_id: int) -> Domain | None:
        """The domain that a device's present context entry names."""
        present, entry = read_context_entry(self._memory, self._context_slot(source_id))
        return self.domain_named_by(entry) if present else None

    def last_domain(self, source_id: int) -> Domain | None:
        """The domain that a device's context entry names or named before P was cleared: the tag its caches may bear."""
        _, entry = read_context_entry(self._memory, self._context_slot(source_id))
        return self.domain_named_by(entry)

    def attach(self, source_id: int, domain: Domain) -> None:
        """Make the context entry of a device present and name this domain."""
        slot = self._context_slot(source_id)
        entry = ContextEntry(domain.id, domain.table.root)
        present, _ = read_context_entry(self._memory, slot)
        write = replace_context_entry if present else publish_context_entry
        write(self._memory, slot, entry)

    def detach(self, source_id: int) -> None:
        """Clear P of the context entry of a device."""
        retract_context_entry(self._memory, self._context_slot(source_id))

    def submit(self, descriptor: Descriptor) -> None:
        """Queue an invalidation."""
        self.queue.submit(descriptor)
        self._wait_covers_all = False

    def wait(self) -> bool:
        """Whether everything submitted so far has been executed; queues a wait descriptor unless one is the newest.

        Each wait has a number of its own, so that the completion of an earlier one cannot pass for it (bug class 5).
        """
        if not self._wait_covers_all:
            self.queue.submit(Wait(self._waits + 1, address_of(self._status)))
            self._waits += 1
            self._wait_covers_all = True
        return int.from_bytes(self._memory.read(address_of(self._status), 4), "little") == self._waits

    def _context_slot(self, source_id: int) -> int:
        return address_of(self._context_table, source_id * SOURCE_ENTRY_SIZE)
