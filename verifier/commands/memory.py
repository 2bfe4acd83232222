"""How much memory a search may use if nobody says: a specification can come from a stranger."""

from __future__ import annotations

import os

SHARE = 0.75
"""Of the machine's memory: beyond it, the system would begin to kill or to swap."""


def most_memory() -> int:
    """Bytes of the whole process."""
    return int(SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
