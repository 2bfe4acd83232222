"""The root complex: takes the DMA requests of devices, has them translated, and carries them out under audit."""

from dataclasses import dataclass

from verifier.machine.audit import Audit, Direction, DmaRecord, Verdict
from verifier.machine.clock import Clock
from verifier.machine.device import DmaBlockedError
from verifier.machine.fabric import Fabric
from verifier.machine.iommu.unit import Fault, TranslationUnit
from verifier.machine.memory import PAGE_MASK, PAGE_SIZE, PhysicalMemory, address_of, page_of
from verifier.machine.vmm import VmManager


class RootComplex:
    """Joins memory, the address translation unit, the fabric and the audit."""

    def __init__(
        self, memory: PhysicalMemory, unit: TranslationUnit, fabric: Fabric, vmm: VmManager, audit: Audit, clock: Clock
    ) -> None:
        self._memory = memory
        self._unit = unit
        self._fabric = fabric
        self._vmm = vmm
        self._audit = audit
        self._clock = clock

    def read(self, device: str, source_id: int, iova: int, length: int) -> bytes:
        """Serve a DMA read, at once."""
        target = self._translate(source_id, iova, length)
        if isinstance(target, str):
            self._block(device, Direction.READ, iova, b"", target)
            raise DmaBlockedError(target)
        data = self._memory.read(target, length)
        verdict = Verdict.CONFINED if self._is_confined(device, target) else Verdict.FOREIGN
        self._record(device, Direction.READ, iova, target, verdict, data)
        return data

    def write(self, device: str, source_id: int, iova: int, data: bytes) -> None:
        """Accept a posted DMA write into the fabric. A blocked one vanishes: the device does not learn of it."""
        target = self._translate(source_id, iova, len(data))
        if isinstance(target, str):
            self._block(device, Direction.WRITE, iova, data, target)
            return
        self._fabric.post(device, iova, target, self._vmm.generation_of(page_of(target)), data)

    def land(self, number: int) -> None:
        """A posted write reaches memory. This is the moment it is judged (hardware.md 0, O1)."""
        write = self._fabric.take(number)
        if not self._is_confined(write.device, write.address):
            verdict = Verdict.FOREIGN
        elif self._vmm.generation_of(write.hpa) != write.generation:
            verdict = Verdict.STALE
        else:
            verdict = Verdict.CONFINED
        self._memory.write(write.address, write.data)
        self._record(write.device, Direction.WRITE, write.iova, write.address, verdict, write.data)

    def drain(self, device: str) -> None:
        """Read from the device: the completion pushes its earlier posted writes ahead of it (hardware.md 6.7, 4)."""
        for write in self._fabric.posted(device):
            self.land(write.number)

    def _translate(self, source_id: int, iova: int, length: int) -> int | str:
        """The host physical byte address of a request, or why it is blocked."""
        offset = iova & PAGE_MASK
        if offset + length > PAGE_SIZE:
            return "request crosses a 4 KiB boundary"  # PCI Express forbids it
        hpa = self._unit.translate(source_id, page_of(iova))
        return hpa.value if isinstance(hpa, Fault) else address_of(hpa, offset)

    def _is_confined(self, device: str, address: int) -> bool:
        driver = self._vmm.driver_of(device)
        return driver is not None and driver == self._vmm.owner_of(page_of(address))

    def _block(self, device: str, direction: Direction, iova: int, data: bytes, fault: str) -> None:
        self._record(device, direction, iova, None, Verdict.BLOCKED, data, fault)

    def _record(
        self,
        device: str,
        direction: Direction,
        iova: int,
        address: int | None,
        verdict: Verdict,
        data: bytes,
        fault: str = "",
    ) -> None:
        self._audit.add(
            DmaRecord(
                cycle=self._clock.now,
                device=device,
                direction=direction,
                iova=iova,
                address=address,
                owner=None if address is None else self._vmm.owner_of(page_of(address)),
                driver=self._vmm.driver_of(device),
                verdict=verdict,
                data=data,
                fault=fault,
            )
        )


@dataclass(frozen=True)
class RootPort:
    """Where a device is plugged in: stamps its requests with its name and source id."""

    root_complex: RootComplex
    device: str
    source_id: int

    def read(self, iova: int, length: int) -> bytes:
        """A DMA read."""
        return self.root_complex.read(self.device, self.source_id, iova, length)

    def write(self, iova: int, data: bytes) -> None:
        """A posted DMA write."""
        self.root_complex.write(self.device, self.source_id, iova, data)
