"""The address translation unit: what the hardware does with a DMA request, and on its own."""

import enum

from verifier.machine.iommu.caches import ContextCache, Iotlb
from verifier.machine.iommu.entries import ContextEntry
from verifier.machine.iommu.queue import (
    Descriptor,
    InvalidateContext,
    InvalidateContexts,
    InvalidateDomain,
    InvalidateIotlb,
    InvalidatePage,
    InvalidationQueue,
    Wait,
)
from verifier.machine.iommu.walker import Leaf, walk_context, walk_table
from verifier.machine.memory import PhysicalMemory


class Fault(enum.Enum):
    """Why a request was blocked."""

    CONTEXT_NOT_PRESENT = "context entry not present"
    PAGE_NOT_PRESENT = "page not mapped"


class TranslationUnit:
    """Translates DMA addresses by tables in memory, through a context cache and an IOTLB.

    Both caches may hold what memory no longer says until the unit executes an invalidation. Executing one does not wait
    for posted writes that were translated earlier: that drain is optional in hardware (hardware.md 6.2), and a protocol
    that relies on it must say so.
    """

    def __init__(self, memory: PhysicalMemory, root_table: int, queue: InvalidationQueue) -> None:
        self._memory = memory
        self._root_table = root_table
        self.queue = queue
        self.context_cache = ContextCache()
        self.iotlb = Iotlb()

    def translate(self, source_id: int, gpa: int) -> int | Fault:
        """The host page a request reaches, or why it is blocked. Fills both caches on the way."""
        context = self.context(source_id)
        if context is None:
            return Fault.CONTEXT_NOT_PRESENT
        leaf = self.iotlb.lookup(context.domain_id, gpa) or self._walk(context, gpa)
        return Fault.PAGE_NOT_PRESENT if leaf is None else leaf.translate(gpa)

    def prefetch(self, source_id: int, gpa: int) -> bool:
        """The unit reads the tables unasked and remembers what it finds. Returns whether it found a translation."""
        context = self.context(source_id)
        return context is not None and self._walk(context, gpa) is not None

    def _walk(self, context: ContextEntry, gpa: int) -> Leaf | None:
        # The table is that of the *cached* context: a stale one refills the IOTLB from the old table (hardware.md 6.2).
        leaf = walk_table(self._memory, context.table, gpa)
        if leaf is not None:
            self.iotlb.fill(context.domain_id, leaf)
        return leaf

    def context(self, source_id: int) -> ContextEntry | None:
        """The context entry the unit goes by: the cached one, else the one in memory, which is then cached."""
        cached = self.context_cache.lookup(source_id)
        if cached is not None:
            return cached
        entry = walk_context(self._memory, self._root_table, source_id)
        if entry is not None:
            self.context_cache.fill(source_id, entry)
        return entry

    def process(self, count: int) -> int:
        """Execute up to `count` queued descriptors. Returns how many there were."""
        for done in range(count):
            descriptor = self.queue.fetch()
            if descriptor is None:
                return done
            self._execute(descriptor)
        return count

    def _execute(self, descriptor: Descriptor) -> None:
        match descriptor:
            case InvalidateContexts():
                self.context_cache.forget_all()
            case InvalidateContext(source_id):
                self.context_cache.forget(source_id)
            case InvalidateIotlb():
                self.iotlb.forget_all()
            case InvalidateDomain(domain_id):
                self.iotlb.forget_domain(domain_id)
            case InvalidatePage(domain_id, gpa):
                self.iotlb.forget_page(domain_id, gpa)
            case Wait(status, address):
                self._memory.write(address, status.to_bytes(4, "little"))
