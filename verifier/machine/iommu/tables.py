"""How software edits a second-level table. Every change that hardware can see is a single 64-bit store."""

from collections.abc import Callable

from verifier.machine.errors import MachineError
from verifier.machine.iommu.entries import (
    GPA_LIMIT,
    LEVELS,
    PAGES_PER_SUPERPAGE,
    SUPERPAGE_LEVEL,
    TABLE_ENTRY_SIZE,
    entry_target,
    is_present,
    is_superpage,
    leaf_entry,
    pointer_entry,
    table_index,
)
from verifier.machine.memory import MEMORY_SIZE, PhysicalMemory, address_of, page_of


class SecondLevelTable:
    """The four-level table of one domain. `allocate` gives the page numbers of zeroed pages for its lower tables."""

    def __init__(self, memory: PhysicalMemory, root: int, allocate: Callable[[], int]) -> None:
        self._memory = memory
        self.root = root
        self._allocate = allocate

    def map(self, gpa: int, hpa: int) -> None:
        """Map a 4 KiB page, in place of what was mapped there. MachineError inside a superpage: split it first."""
        self._expect_frame(hpa)
        self._memory.store_word(self._slot(gpa, 1), leaf_entry(hpa))

    def unmap(self, gpa: int) -> None:
        """Clear the entry of a 4 KiB page. MachineError inside a superpage: split it first."""
        self._memory.store_word(self._slot(gpa, 1), 0)

    def map_superpage(self, gpa: int, hpa: int) -> None:
        """Map 512 pages by one 2 MiB leaf. MachineError if either side is not aligned or the place is taken."""
        for name, page in (("gpa", gpa), ("hpa", hpa)):
            if page % PAGES_PER_SUPERPAGE:
                raise MachineError(
                    f"superpage: expected {name} aligned to {PAGES_PER_SUPERPAGE:#x} pages, found {page:#x}"
                )
        self._expect_frame(hpa)
        slot = self._slot(gpa, SUPERPAGE_LEVEL)
        if is_present(self._memory.load_word(slot)):
            raise MachineError(f"superpage at gpa {gpa:#x}: expected a free entry, found one that is present")
        self._memory.store_word(slot, leaf_entry(hpa, superpage=True))

    def split(self, gpa: int) -> None:
        """Replace the 2 MiB leaf over a page by a table of 512 identical 4 KiB translations (hardware.md 6.3, a to c).

        Until the old translation is invalidated and that is waited for, the IOTLB may still hold all 2 MiB of it: only
        then may single entries be changed.
        """
        slot = self._slot(gpa, SUPERPAGE_LEVEL)
        leaf = self._memory.load_word(slot)
        if not (is_present(leaf) and is_superpage(leaf)):
            raise MachineError(f"split at gpa {gpa:#x}: expected a 2 MiB leaf, found entry {leaf:#x}")
        table = self._allocate()
        for index in range(PAGES_PER_SUPERPAGE):
            self._memory.store_word(address_of(table, index * TABLE_ENTRY_SIZE), leaf_entry(entry_target(leaf) + index))
        self._memory.store_word(slot, pointer_entry(table))

    def _expect_frame(self, hpa: int) -> None:
        if not 0 <= hpa < page_of(MEMORY_SIZE):
            raise MachineError(f"hpa out of range: expected 0..{page_of(MEMORY_SIZE) - 1:#x}, found {hpa:#x}")

    def _slot(self, gpa: int, level: int) -> int:
        """The address of the entry of a page at some level; missing tables above it are made."""
        if not 0 <= gpa < GPA_LIMIT:
            raise MachineError(f"gpa out of range: expected 0..{GPA_LIMIT - 1:#x}, found {gpa:#x}")
        table = self.root
        for upper in range(LEVELS, level, -1):
            slot = address_of(table, table_index(gpa, upper) * TABLE_ENTRY_SIZE)
            entry = self._memory.load_word(slot)
            if upper == SUPERPAGE_LEVEL and is_present(entry) and is_superpage(entry):
                raise MachineError(
                    f"gpa {gpa:#x}: expected a 4 KiB mapping, found it inside a 2 MiB leaf: split it first"
                )
            if not is_present(entry):
                entry = pointer_entry(self._allocate())
                self._memory.store_word(slot, entry)
            table = entry_target(entry)
        return address_of(table, table_index(gpa, level) * TABLE_ENTRY_SIZE)
