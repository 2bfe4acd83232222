"""The parts of the machine, joined, and what can be read from them without changing anything."""

from dataclasses import replace

from verifier.machine.audit import Audit, DmaRecord
from verifier.machine.clock import Clock
from verifier.machine.context import CONTEXT_SIZE, DeviceContext
from verifier.machine.device import Device, Status
from verifier.machine.errors import MachineError
from verifier.machine.fabric import Fabric, PostedWrite
from verifier.machine.iommu.manager import Domain, TranslationManager
from verifier.machine.iommu.unit import TranslationUnit
from verifier.machine.iommu.walker import walk_table
from verifier.machine.memory import PhysicalMemory, address_of
from verifier.machine.messages import Mailboxes
from verifier.machine.root_complex import RootComplex, RootPort
from verifier.machine.vmm import VmManager

PAGE_LIMIT = 1 << 14  # 64 MiB: the figure's 225 pages many times over
FIRST_HOST_PAGE = 1 << 28  # the host's own pages begin at 1 TiB, out of the way of the VMs'
FIRST_SOURCE_ID = 0x20  # bus 0, device 4, function 0
SOURCE_ID_STEP = 0x08  # the next device's function 0
LAST_SOURCE_ID = 0xF8  # one bus
DEVICE_IDENTITY = 0x464C_0000  # plus the source id


class MachineState:
    """Everything there is. The interface says what each reader means."""

    def __init__(self) -> None:
        self._clock = Clock()
        self._memory = PhysicalMemory(PAGE_LIMIT)
        self._vmm = VmManager()
        self._mailboxes = Mailboxes()
        self._next_host_page = FIRST_HOST_PAGE
        self._translation = TranslationManager(self._memory, self._allocate)
        self._unit = TranslationUnit(self._memory, self._translation.root_table, self._translation.queue)
        self._fabric = Fabric()
        self._audit = Audit()
        self._root_complex = RootComplex(self._memory, self._unit, self._fabric, self._vmm, self._audit, self._clock)
        self._devices: dict[str, Device] = {}
        self._source_ids: dict[str, int] = {}

    def owner_of(self, hpa: int) -> str | None:
        return self._vmm.owner_of(hpa)

    def generation_of(self, hpa: int) -> int:
        return self._vmm.generation_of(hpa)

    def frame_of(self, vm: str, gpa: int) -> int | None:
        return self._vmm.frame_of(vm, gpa)

    def read_guest(self, vm: str, gpa: int) -> bytes:
        return self._memory.read_page(self._vmm.backing(vm, gpa))

    def driver_of(self, device: str) -> str | None:
        return self._vmm.driver_of(device)

    def holder_of(self, device: str) -> str | None:
        return self._vmm.holder_of(device)

    def is_crashed(self, hypervisor: str) -> bool:
        return self._vmm.is_crashed(hypervisor)

    def hypervisor_of(self, vm: str) -> str:
        return self._vmm.hypervisor_of(vm)

    def messages(self, receiver: str) -> tuple[str, ...]:
        return self._mailboxes.waiting(receiver)

    def table_entry(self, device: str, gpa: int, *, domain: str | None = None) -> int | None:
        meant = self._named_domain(device, domain)
        leaf = None if meant is None else walk_table(self._memory, meant.table.root, gpa)
        return None if leaf is None else leaf.translate(gpa)

    def iotlb_entry(self, device: str, gpa: int, *, domain: str | None = None) -> int | None:
        meant = self._named_domain(device, domain)
        leaf = None if meant is None else self._unit.iotlb.lookup(meant.id, gpa)
        return None if leaf is None else leaf.translate(gpa)

    def context_entry(self, device: str) -> str | None:
        domain = self._translation.attached_domain(self._source_id(device))
        return None if domain is None else domain.name

    def context_cache_entry(self, device: str) -> str | None:
        entry = self._unit.context_cache.lookup(self._source_id(device))
        domain = None if entry is None else self._translation.domain_named_by(entry)
        return None if domain is None else domain.name

    def pending_invalidations(self) -> int:
        return len(self._translation.queue)

    def device_status(self, device: str) -> Status:
        return self._device(device).status

    def bus_master(self, device: str) -> bool:
        return self._device(device).bus_master

    def posted(self, device: str) -> tuple[PostedWrite, ...]:
        return self._fabric.posted(device)

    def is_blank(self, device: str) -> bool:
        return self._device(device).context == DeviceContext()

    def has_context(self, device: str, hpa: int) -> bool:
        try:
            DeviceContext.load(self._context_bytes(hpa), self._device(device).identity)
        except MachineError:
            return False
        return True

    def holds_current_context(self, device: str, hpa: int) -> bool:
        device_now = self._device(device)
        saved = DeviceContext.load(self._context_bytes(hpa), device_now.identity)
        return replace(saved, tail=device_now.context.tail) == device_now.context

    def audit(self) -> tuple[DmaRecord, ...]:
        return self._audit.records()

    def violations(self) -> tuple[DmaRecord, ...]:
        return self._audit.violations()

    def cycles(self) -> int:
        return self._clock.now

    def _allocate(self) -> int:
        """The next page of the host itself, for a table. Pages are not taken back: a table is never freed."""
        page = self._next_host_page
        self._vmm.reserve_page(page)
        self._next_host_page += 1
        return page

    def _plug_in(self, name: str, *, driver_lies: bool) -> None:
        source_id = FIRST_SOURCE_ID + SOURCE_ID_STEP * len(self._devices)
        if source_id > LAST_SOURCE_ID:
            raise MachineError(f"no slot for {name}: expected at most {len(self._devices)} devices, found one more")
        self._vmm.add_device(name)
        port = RootPort(self._root_complex, name, source_id)
        self._source_ids[name] = source_id
        self._devices[name] = Device(name, DEVICE_IDENTITY + source_id, port, driver_lies=driver_lies)

    def _device(self, name: str) -> Device:
        if name not in self._devices:
            raise MachineError(f"no such device: expected one of {sorted(self._devices)}, found {name!r}")
        return self._devices[name]

    def _source_id(self, device: str) -> int:
        self._device(device)
        return self._source_ids[device]

    def _named_domain(self, device: str, domain: str | None) -> Domain | None:
        """The domain of this name or, without a name, the one the device's context entry names or last named."""
        if domain is not None:
            return self._translation.domain(domain)
        return self._translation.last_domain(self._source_id(device))

    def _domain(self, device: str, domain: str | None) -> Domain:
        found = self._named_domain(device, domain)
        if found is None:
            raise MachineError(f"{device}: expected a domain by name or in its context entry, found neither")
        return found

    def _context_bytes(self, hpa: int) -> bytes:
        return self._memory.read(address_of(hpa), CONTEXT_SIZE)
