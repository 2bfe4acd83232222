"""The concrete instance of the patent's figure 3: whose memory lies where.

The window is 225 pages of vm1 at gpa 0x1f..0xff, hpa 0xee1f..0xeeff, a constant offset of 0xee00. Its first page takes
the saved device context, its second holds the ring, the others are buffers. A smaller or scattered window works alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.machine.device import RING_LIMIT
from verifier.machine.errors import MachineError
from verifier.machine.interface import MachineInterface

FIRST_GPA = 0x1F
PAGES = 225
OFFSET = 0xEE00
SPARE_OFFSET = 0x1000  # from the window's frames to the ones that vm2 receives a copy in
SMALLEST = 4  # context, ring, one source, one destination


@dataclass(frozen=True)
class Figure:
    """A window of guest pages, the host pages behind them, and as many spare host pages for a VM that gets a copy."""

    gpas: range
    frames: tuple[int, ...]
    spares: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.gpas) < SMALLEST:
            raise MachineError(f"window: expected at least {SMALLEST} pages, found {len(self.gpas)}")
        if not len(self.gpas) == len(self.frames) == len(self.spares):
            raise MachineError(
                f"window: expected {len(self.gpas)} frames and spares, found {len(self.frames)} and {len(self.spares)}"
            )

    @classmethod
    def contiguous(cls, pages: int = PAGES) -> "Figure":
        """The figure as drawn, or its first pages."""
        gpas = range(FIRST_GPA, FIRST_GPA + pages)
        frames = tuple(gpa + OFFSET for gpa in gpas)
        return cls(gpas, frames, tuple(frame + SPARE_OFFSET for frame in frames))

    @classmethod
    def scattered(cls, pages: int = PAGES) -> "Figure":
        """The same guest pages, on host pages in descending order with gaps: no two are neighbours."""
        gpas = range(FIRST_GPA, FIRST_GPA + pages)
        frames = tuple(OFFSET + FIRST_GPA + 3 * (gpas.stop - gpa) for gpa in gpas)
        return cls(gpas, frames, tuple(frame + SPARE_OFFSET for frame in frames))

    @property
    def context_gpa(self) -> int:
        """The page for the saved context."""
        return self.gpas[0]

    @property
    def ring_gpa(self) -> int:
        """The page of the descriptor ring."""
        return self.gpas[1]

    @property
    def jobs(self) -> tuple[tuple[int, int], ...]:
        """(source, destination) buffers: the first half of the rest and the second half."""
        buffers = self.gpas[2:]
        half = len(buffers) // 2
        return tuple(zip(buffers[:half], buffers[half : 2 * half], strict=True))

    def mappings(self) -> Iterator[tuple[int, int]]:
        """(guest page, host page) of the window."""
        return zip(self.gpas, self.frames, strict=True)


def build(machine: MachineInterface, figure: Figure, *, driver_lies: bool = False) -> None:
    """Set the figure up on an empty machine: vm1 drives a running nic whose DMA is confined to the window."""
    machine.add_hypervisor("hv1")
    machine.add_hypervisor("hv2")
    machine.add_vm("vm1", "hv1")
    machine.add_vm("bystander", "hv1")
    machine.add_vm("vm2", "hv2")
    machine.add_device("nic", driver_lies=driver_lies)
    for gpa, hpa in figure.mappings():
        machine.place_page("vm1", gpa, hpa)
        machine.map_page("nic", gpa, hpa, domain="vm1")
    machine.set_context_entry("nic", "vm1")
    machine.assign_device("nic", "vm1")
    machine.set_bus_master("nic", True)
    machine.set_up_ring("nic", figure.ring_gpa, RING_LIMIT)
    machine.start_device("nic")
