"""Physical memory: bytes, addressed by byte, kept in 4 KiB pages that come into being when first written."""

from collections.abc import Iterator

from verifier.machine.errors import MachineError

PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
PAGE_MASK = PAGE_SIZE - 1
ADDRESS_BITS = 46
MEMORY_SIZE = 1 << ADDRESS_BITS


def page_of(address: int) -> int:
    """The number of the page that holds this byte address."""
    return address >> PAGE_SHIFT


def address_of(page: int, offset: int = 0) -> int:
    """The byte address of an offset inside a page."""
    return (page << PAGE_SHIFT) + offset


class PhysicalMemory:
    """Sparse memory with 46-bit addresses in which at most `page_limit` pages exist.

    A page nobody has written reads as zeros and takes no room.
    """

    def __init__(self, page_limit: int) -> None:
        self.page_limit = page_limit
        self._pages: dict[int, bytearray] = {}

    def read(self, address: int, length: int) -> bytes:
        """`length` bytes from `address` on. MachineError if they are not all inside the memory."""
        return b"".join(
            bytes(self._pages[page][start:end]) if page in self._pages else bytes(end - start)
            for page, start, end in self._pieces(address, length)
        )

    def write(self, address: int, data: bytes) -> None:
        """Store all of `data` at once: nobody sees half of it. MachineError, and nothing stored, if it does not fit."""
        pieces = list(self._pieces(address, len(data)))
        missing = [page for page, _, _ in pieces if page not in self._pages]
        if len(self._pages) + len(missing) > self.page_limit:
            raise MachineError(
                f"physical memory is full: expected at most {self.page_limit} pages, "
                f"found {len(self._pages)} in use and {len(missing)} more needed at {address:#x}"
            )
        done = 0
        for page, start, end in pieces:
            storage = self._pages.setdefault(page, bytearray(PAGE_SIZE))
            storage[start:end] = data[done : done + end - start]
            done += end - start

    def load_word(self, address: int) -> int:
        """The 64-bit little-endian word at `address`."""
        start = address & PAGE_MASK
        if start + 8 > PAGE_SIZE or not 0 <= address < MEMORY_SIZE:
            return int.from_bytes(self.read(address, 8), "little")
        # Walkers read little else, and a word lies in one page.
        page = self._pages.get(page_of(address))
        return 0 if page is None else int.from_bytes(page[start : start + 8], "little")

    def store_word(self, address: int, word: int) -> None:
        """Store a 64-bit little-endian word: one store, atomic for the hardware that walks tables."""
        self.write(address, word.to_bytes(8, "little"))

    def read_page(self, page: int) -> bytes:
        """The 4096 bytes of a page."""
        return self.read(address_of(page), PAGE_SIZE)

    def write_page(self, page: int, data: bytes) -> None:
        """Replace the 4096 bytes of a page."""
        if len(data) != PAGE_SIZE:
            raise MachineError(f"writing page {page:#x}: expected {PAGE_SIZE} bytes, found {len(data)}")
        self.write(address_of(page), data)

    def _pieces(self, address: int, length: int) -> Iterator[tuple[int, int, int]]:
        """Cut a byte range at page borders into (page, start, end)."""
        end = address + length
        if address < 0 or length < 0 or end > MEMORY_SIZE:
            raise MachineError(
                f"address out of range: expected 0..{MEMORY_SIZE:#x}, found {length} bytes from {address:#x}"
            )
        while address < end:
            start = address & PAGE_MASK
            taken = min(PAGE_SIZE - start, end - address)
            yield page_of(address), start, start + taken
            address += taken
