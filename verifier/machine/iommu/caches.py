"""What the address translation unit remembers. Software cannot read it; it can only ask for it to be forgotten."""

from verifier.machine.iommu.entries import PAGES_PER_SUPERPAGE, ContextEntry
from verifier.machine.iommu.walker import Leaf


class ContextCache:
    """Context entries, by source id."""

    def __init__(self) -> None:
        self._entries: dict[int, ContextEntry] = {}

    def lookup(self, source_id: int) -> ContextEntry | None:
        """The remembered entry of a device."""
        return self._entries.get(source_id)

    def fill(self, source_id: int, entry: ContextEntry) -> None:
        """Remember an entry."""
        self._entries[source_id] = entry

    def forget(self, source_id: int) -> None:
        """Drop the entry of one device."""
        self._entries.pop(source_id, None)

    def forget_all(self) -> None:
        """Drop everything."""
        self._entries.clear()


class Iotlb:
    """Leaf translations, tagged with the domain they belong to; devices of one domain share them."""

    def __init__(self) -> None:
        self._domains: dict[int, dict[tuple[int, int], Leaf]] = {}  # domain id -> (first gpa, pages) -> leaf

    def lookup(self, domain_id: int, gpa: int) -> Leaf | None:
        """The remembered translation of a guest page.

        After a superpage was split, the old 2 MiB and a new 4 KiB translation may both be here, and hardware may use
        either. This unit uses the one that came later.
        """
        leaves = self._domains.get(domain_id, {})
        small = leaves.get((gpa, 1))
        large = leaves.get((gpa - gpa % PAGES_PER_SUPERPAGE, PAGES_PER_SUPERPAGE))
        if small is None or large is None:
            return small or large
        return next(leaf for leaf in reversed(leaves.values()) if leaf in (small, large))

    def fill(self, domain_id: int, leaf: Leaf) -> None:
        """Remember a translation, in place of one for the same pages."""
        self._domains.setdefault(domain_id, {})[leaf.first_gpa, leaf.pages] = leaf

    def forget_page(self, domain_id: int, gpa: int) -> None:
        """Drop every translation of the domain that covers a guest page, of whatever size."""
        leaves = self._domains.get(domain_id, {})
        self._domains[domain_id] = {extent: leaf for extent, leaf in leaves.items() if not leaf.covers(gpa)}

    def forget_domain(self, domain_id: int) -> None:
        """Drop every translation of the domain."""
        self._domains.pop(domain_id, None)

    def forget_all(self) -> None:
        """Drop everything."""
        self._domains.clear()
