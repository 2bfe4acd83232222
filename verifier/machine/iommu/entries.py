"""The bytes of the DMA-remapping structures (VT-d specification, chapter 9; bit positions as run on QEMU in qemu.md 3).

root entry          16 bytes   low: context table | P                                 high: 0
context entry       16 bytes   low: second-level table | translation type << 2 | P    high: domain id << 8 | width
second-level entry   8 bytes   next table or page | page size (bit 7) | W (bit 1) | R (bit 0)

A second-level entry has no P bit: it is present when it grants something. Here reads and writes are granted together.
"""

from dataclasses import dataclass

from verifier.machine.memory import MEMORY_SIZE, PAGE_SIZE, PhysicalMemory, address_of, page_of

PRESENT = 1 << 0
READ_WRITE = 0b11
SUPERPAGE = 1 << 7
ADDRESS_MASK = MEMORY_SIZE - PAGE_SIZE  # no entry, however garbled, leads outside the memory
FOUR_LEVELS = 2  # address width: 48-bit
DOMAIN_SHIFT = 8
DOMAIN_MASK = 0xFFFF

SOURCE_ENTRY_SIZE = 16  # root and context entries
TABLE_ENTRY_SIZE = 8

LEVELS = 4
INDEX_BITS = 9
SUPERPAGE_LEVEL = 2
PAGES_PER_SUPERPAGE = 1 << INDEX_BITS
GPA_LIMIT = 1 << (LEVELS * INDEX_BITS)


@dataclass(frozen=True)
class ContextEntry:
    """Which domain a device belongs to and where that domain's second-level table is (a page number)."""

    domain_id: int
    table: int

    def words(self) -> tuple[int, int]:
        """The entry as its (low, high) words, present. Translation type 0: requests go through the second level."""
        return address_of(self.table) | PRESENT, self.domain_id << DOMAIN_SHIFT | FOUR_LEVELS


def read_context_entry(memory: PhysicalMemory, address: int) -> tuple[bool, ContextEntry]:
    """Whether the entry is present, and its fields: software may still read them after it has cleared P."""
    low, high = memory.load_word(address), memory.load_word(address + 8)
    return bool(low & PRESENT), ContextEntry(high >> DOMAIN_SHIFT & DOMAIN_MASK, entry_target(low))


def publish_context_entry(memory: PhysicalMemory, address: int, entry: ContextEntry) -> None:
    """Set up an entry that is not present: the word with P goes last (hardware.md 6.1)."""
    low, high = entry.words()
    memory.store_word(address + 8, high)
    memory.store_word(address, low)


def replace_context_entry(memory: PhysicalMemory, address: int, entry: ContextEntry) -> None:
    """Replace a present entry by one 16-byte store (cmpxchg16b, as Xen does): two stores could be seen torn (6.1)."""
    low, high = entry.words()
    memory.write(address, low.to_bytes(8, "little") + high.to_bytes(8, "little"))


def retract_context_entry(memory: PhysicalMemory, address: int) -> None:
    """Clear P and nothing else: hardware owns the rest of the entry until it is invalidated (6.1)."""
    memory.store_word(address, memory.load_word(address) & ~PRESENT)


def pointer_entry(table: int) -> int:
    """A second-level entry that leads to the next table."""
    return address_of(table) | READ_WRITE


def leaf_entry(hpa: int, *, superpage: bool = False) -> int:
    """A second-level entry that ends the walk at a 4 KiB or a 2 MiB page."""
    return address_of(hpa) | READ_WRITE | (SUPERPAGE if superpage else 0)


def is_present(entry: int) -> bool:
    """Whether a second-level entry grants anything."""
    return bool(entry & READ_WRITE)


def is_superpage(entry: int) -> bool:
    """Whether a level-2 entry is a 2 MiB leaf."""
    return bool(entry & SUPERPAGE)


def entry_target(entry: int) -> int:
    """The page number that an entry of any kind holds in its low word."""
    return page_of(entry & ADDRESS_MASK)


def table_index(gpa: int, level: int) -> int:
    """The index of a page at one level of the walk (4 is the top)."""
    return gpa >> (INDEX_BITS * (level - 1)) & (PAGES_PER_SUPERPAGE - 1)
