"""How hardware reads the DMA-remapping structures: from the bytes in memory, and nothing else."""

from dataclasses import dataclass

from verifier.machine.iommu.entries import (
    GPA_LIMIT,
    LEVELS,
    PAGES_PER_SUPERPAGE,
    PRESENT,
    SOURCE_ENTRY_SIZE,
    SUPERPAGE_LEVEL,
    TABLE_ENTRY_SIZE,
    ContextEntry,
    entry_target,
    is_present,
    is_superpage,
    read_context_entry,
    table_index,
)
from verifier.machine.memory import PhysicalMemory, address_of


@dataclass(frozen=True)
class Leaf:
    """A translation the walk ended at: `pages` guest pages from `first_gpa` on are at `first_hpa` on."""

    first_gpa: int
    first_hpa: int
    pages: int

    def covers(self, gpa: int) -> bool:
        """Whether this translation answers for a guest page."""
        return self.first_gpa <= gpa < self.first_gpa + self.pages

    def translate(self, gpa: int) -> int:
        """The host page of a covered guest page."""
        return self.first_hpa + gpa - self.first_gpa


def context_entry_address(memory: PhysicalMemory, root_table: int, source_id: int) -> int | None:
    """Where the context entry of a source id (bus << 8 | devfn) is; None if its root entry is not present."""
    root = memory.load_word(address_of(root_table, (source_id >> 8) * SOURCE_ENTRY_SIZE))
    if not root & PRESENT:
        return None
    return address_of(entry_target(root), (source_id & 0xFF) * SOURCE_ENTRY_SIZE)


def walk_context(memory: PhysicalMemory, root_table: int, source_id: int) -> ContextEntry | None:
    """The present context entry of a source id, if there is one."""
    address = context_entry_address(memory, root_table, source_id)
    if address is None:
        return None
    present, entry = read_context_entry(memory, address)
    return entry if present else None


def walk_table(memory: PhysicalMemory, table: int, gpa: int) -> Leaf | None:
    """Walk a second-level table down to the leaf for a guest page; None if some entry on the way is not present."""
    if not 0 <= gpa < GPA_LIMIT:
        return None
    for level in range(LEVELS, 0, -1):
        entry = memory.load_word(address_of(table, table_index(gpa, level) * TABLE_ENTRY_SIZE))
        if not is_present(entry):
            return None
        if level == SUPERPAGE_LEVEL and is_superpage(entry):
            return Leaf(gpa - gpa % PAGES_PER_SUPERPAGE, entry_target(entry), PAGES_PER_SUPERPAGE)
        table = entry_target(entry)
    return Leaf(gpa, table, 1)
