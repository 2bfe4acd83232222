"""The concrete machine: a small computer on which a handover protocol runs, byte by byte.

machine      the facade: every operation, with its cost     interface    the same as a protocol that QEMU satisfies too
state        the parts joined, and the readers              figure       the concrete instance of the patent's figure 3
handover     flip, copy and re-attach, timed                clock        what each operation costs

memory       physical memory                                iommu/       the address translation unit
vmm          the VM management unit                         messages     mailboxes of hypervisors and VMs
device       a bus-master device                            context      its saved state
fabric       posted writes in flight                        root_complex DMA from device to memory
audit        every DMA request, judged
"""

from verifier.machine.audit import Direction, DmaRecord, Verdict
from verifier.machine.clock import Costs
from verifier.machine.device import Status
from verifier.machine.errors import MachineError
from verifier.machine.fabric import PostedWrite
from verifier.machine.figure import Figure, build
from verifier.machine.interface import MachineInterface
from verifier.machine.machine import Machine
from verifier.machine.vmm import HOST, Claim

__all__ = [
    "HOST",
    "Claim",
    "Costs",
    "Direction",
    "DmaRecord",
    "Figure",
    "Machine",
    "MachineError",
    "MachineInterface",
    "PostedWrite",
    "Status",
    "Verdict",
    "build",
]
