"""The audit: every DMA request the platform sees, with who owned the page and who drove the device at that moment."""

import enum
from dataclasses import dataclass


class Direction(enum.Enum):
    """Seen from the device."""

    READ = "read"
    WRITE = "write"


class Verdict(enum.Enum):
    """How a request compares with the rule that DMA reaches only pages of the device's driver (hardware.md 0, O1)."""

    CONFINED = "confined"
    FOREIGN = "foreign page"  # the page does not belong to the VM that drives the device
    STALE = (
        "page changed hands in flight"  # owner and driver agree again, but the write was issued for an earlier owner
    )
    BLOCKED = "blocked"  # the address translation unit refused it; nothing was read or written


@dataclass(frozen=True)
class DmaRecord:
    """One request at the moment it took effect (a read or a blocked request: when issued; a write: when it landed)."""

    cycle: int
    device: str
    direction: Direction
    iova: int
    address: int | None  # host physical, in bytes; None if blocked
    owner: str | None
    driver: str | None
    verdict: Verdict
    data: bytes
    fault: str = ""  # why it was blocked

    def __str__(self) -> str:
        where = "nowhere" if self.address is None else f"{self.address:#x} (owner {self.owner or 'nobody'})"
        why = f": {self.fault}" if self.fault else ""
        return (
            f"cycle {self.cycle}: {self.device} (driver {self.driver or 'nobody'}) {self.direction.value} "
            f"iova {self.iova:#x} -> {where}: {self.verdict.value}{why}"
        )


class Audit:
    """The log of all DMA."""

    def __init__(self) -> None:
        self._records: list[DmaRecord] = []

    def add(self, record: DmaRecord) -> None:
        """Append what just happened."""
        self._records.append(record)

    def records(self) -> tuple[DmaRecord, ...]:
        """Everything, in order."""
        return tuple(self._records)

    def violations(self) -> tuple[DmaRecord, ...]:
        """The requests that reached a page they had no business with; `data` holds the bytes that crossed."""
        return tuple(record for record in self._records if record.verdict in (Verdict.FOREIGN, Verdict.STALE))
