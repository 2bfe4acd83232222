"""The machine: what software and hardware can do, each operation with its cost. The interface says what each means."""

from verifier.machine.clock import COSTS, Costs
from verifier.machine.context import REGISTERS
from verifier.machine.device import DESCRIPTOR
from verifier.machine.errors import MachineError
from verifier.machine.interface import MachineInterface
from verifier.machine.iommu.queue import InvalidateContext, InvalidateDomain, InvalidatePage
from verifier.machine.memory import PAGE_MASK, address_of, page_of
from verifier.machine.state import MachineState
from verifier.machine.vmm import Claim


class Machine(MachineState, MachineInterface):
    """An emulated host with its hypervisors, VMs, address translation unit and devices."""

    def __init__(self, costs: Costs = COSTS) -> None:
        super().__init__()
        self._costs = costs

    # Building the machine: before time begins

    def add_hypervisor(self, name: str) -> None:
        self._vmm.add_hypervisor(name)

    def add_vm(self, name: str, hypervisor: str) -> None:
        self._vmm.add_vm(name, hypervisor)
        self._translation.add_domain(name)

    def add_device(self, name: str, *, driver_lies: bool = False) -> None:
        self._plug_in(name, driver_lies=driver_lies)

    def place_page(self, vm: str, gpa: int, hpa: int) -> None:
        self._vmm.place_page(vm, gpa, hpa)

    # VM management unit: pages

    def give_page(self, hpa: int, owner: str | None) -> None:
        self._vmm.give_page(hpa, owner)
        self._clock.spend(self._costs.bookkeeping)

    def flip_page(self, gpa: int, from_vm: str, to_vm: str) -> None:
        self._vmm.flip_page(gpa, from_vm, to_vm)
        self._clock.spend(self._costs.page_flip)

    def shoot_down_cpu_tlb(self, vm: str) -> None:
        self._vmm.expect_vm(vm)
        self._clock.spend(self._costs.cpu_tlb_shootdown)

    def copy_page(self, source_hpa: int, destination_hpa: int) -> None:
        self._memory.write_page(destination_hpa, self._memory.read_page(source_hpa))
        self._clock.spend(self._costs.page_copy)

    def copy_region(self, gpas: range, from_vm: str, to_vm: str, subregion: range) -> None:
        for source, destination in self._vmm.copy_plan(gpas, from_vm, to_vm, subregion):
            self.copy_page(source, destination)

    def write_guest(self, vm: str, gpa: int, data: bytes) -> None:
        self._memory.write_page(self._vmm.backing(vm, gpa), data)

    # VM management unit: devices, actors, messages

    def assign_device(self, device: str, vm: str | None) -> None:
        self._vmm.assign_device(device, vm)
        self._device(device).blank_interface()
        self._clock.spend(self._costs.bookkeeping)

    def claim_device(self, device: str, vm: str) -> Claim:
        claim = self._vmm.claim_device(device, vm)
        self._clock.spend(self._costs.bookkeeping)
        return claim

    def hold_device(self, device: str, holder: str) -> None:
        self._vmm.hold_device(device, holder)
        self._clock.spend(self._costs.bookkeeping)

    def pass_device(self, device: str, holder: str, successor: str) -> None:
        self._vmm.pass_device(device, holder, successor)
        self._clock.spend(self._costs.bookkeeping)

    def release_device(self, device: str, holder: str) -> None:
        self._vmm.release_device(device, holder)
        self._clock.spend(self._costs.bookkeeping)

    def send(self, sender: str, receiver: str, message: str) -> None:
        self._vmm.expect_running(sender)
        if not self._vmm.is_crashed(receiver):
            self._mailboxes.send(receiver, message)
        self._clock.spend(self._costs.notify)

    def take_message(self, receiver: str, message: str) -> None:
        self._vmm.expect_running(receiver)
        self._mailboxes.take(receiver, message)

    def crash(self, hypervisor: str) -> None:
        self._vmm.crash(hypervisor)
        self._mailboxes.discard(hypervisor)

    def recover(self, hypervisor: str) -> None:
        self._vmm.recover(hypervisor)

    # Address translation unit: what software does

    def map_page(self, device: str, gpa: int, hpa: int, *, domain: str | None = None) -> None:
        self._domain(device, domain).table.map(gpa, hpa)
        self._clock.spend(self._costs.table_write)

    def unmap_page(self, device: str, gpa: int, *, domain: str | None = None) -> None:
        self._domain(device, domain).table.unmap(gpa)
        self._clock.spend(self._costs.table_write)

    def map_superpage(self, device: str, gpa: int, hpa: int, *, domain: str | None = None) -> None:
        self._domain(device, domain).table.map_superpage(gpa, hpa)
        self._clock.spend(self._costs.table_write)

    def split_superpage(self, device: str, gpa: int, *, domain: str | None = None) -> None:
        self._domain(device, domain).table.split(gpa)
        self._clock.spend(self._costs.superpage_split)

    def set_context_entry(self, device: str, domain: str) -> None:
        self._translation.attach(self._source_id(device), self._translation.domain(domain))
        self._clock.spend(self._costs.table_write)

    def clear_context_entry(self, device: str) -> None:
        self._translation.detach(self._source_id(device))
        self._clock.spend(self._costs.table_write)

    def invalidate_page(self, device: str, gpa: int, *, domain: str | None = None) -> None:
        self._translation.submit(InvalidatePage(self._domain(device, domain).id, gpa))
        self._clock.spend(self._costs.invalidation_submit)

    def invalidate_all(self, device: str, *, domain: str | None = None) -> None:
        self._translation.submit(InvalidateDomain(self._domain(device, domain).id))
        self._clock.spend(self._costs.invalidation_submit)

    def invalidate_context(self, device: str) -> None:
        self._translation.submit(InvalidateContext(self._source_id(device), self._domain(device, None).id))
        self._clock.spend(self._costs.invalidation_submit)

    def wait_invalidations(self) -> bool:
        done = self._translation.wait()
        self._clock.spend(self._costs.invalidation_wait)
        return done

    # Address translation unit: what hardware does, at no cost to anyone

    def process_invalidations(self, count: int) -> int:
        return self._unit.process(count)

    def fill_iotlb(self, device: str, gpa: int) -> None:
        if not self._unit.prefetch(self._source_id(device), gpa):
            raise MachineError(f"fill of {device}, gpa {gpa:#x}: expected a present translation, found none")

    def evict_iotlb(self, device: str, gpa: int, *, domain: str | None = None) -> None:
        self._unit.iotlb.forget_page(self._domain(device, domain).id, gpa)

    def fill_context_cache(self, device: str) -> None:
        if self._unit.context(self._source_id(device)) is None:
            raise MachineError(f"fill of {device}: expected a present context entry, found none")

    def evict_context_cache(self, device: str) -> None:
        self._unit.context_cache.forget(self._source_id(device))

    # Device: what software does

    def probe_device(self, device: str) -> None:
        self._device(device).bus_master = True
        self._clock.spend(self._costs.bus_rescan + self._costs.driver_load)

    def set_up_ring(self, device: str, gpa: int, entries: int) -> None:
        self._device(device).set_up_ring(gpa, entries)
        self._clock.spend(self._costs.ring_setup)

    def queue_job(self, device: str, source_gpa: int, destination_gpa: int) -> None:
        driver = self._vmm.driver_of(device)
        if driver is None:
            raise MachineError(f"queue a job on {device}: expected a driver, found none")
        slot = self._device(device).next_slot()
        place = address_of(self._vmm.backing(driver, page_of(slot)), slot & PAGE_MASK)
        self._memory.write(place, DESCRIPTOR.pack(address_of(source_gpa), address_of(destination_gpa)))
        self._device(device).ring_doorbell()
        self._clock.spend(self._costs.queue_job)

    def set_bus_master(self, device: str, enabled: bool) -> None:
        self._device(device).bus_master = enabled
        self._clock.spend(self._costs.mmio_write)

    def start_device(self, device: str) -> None:
        self._device(device).start()
        self._clock.spend(self._costs.mmio_write)

    def stop_device(self, device: str) -> None:
        self._device(device).stop()
        self._clock.spend(self._costs.mmio_write)

    def reset_device(self, device: str) -> None:
        self._device(device).reset()
        self._clock.spend(self._costs.device_reset)

    def drain(self, device: str) -> None:
        self._root_complex.drain(device)
        self._clock.spend(self._costs.mmio_read)

    def save_context(self, device: str, hpa: int) -> None:
        self._memory.write(address_of(hpa), self._device(device).save())
        self._clock.spend(REGISTERS * self._costs.mmio_read)

    def restore_context(self, device: str, hpa: int) -> None:
        self._device(device).load(self._context_bytes(hpa))
        # The writes are posted: one read back tells that they have arrived.
        self._clock.spend(REGISTERS * self._costs.mmio_write + self._costs.mmio_read)

    def blank_device(self, device: str) -> None:
        self._device(device).blank_interface()
        self._clock.spend(self._costs.mmio_write)

    # Device: what hardware does

    def quiesce_device(self, device: str) -> None:
        self._device(device).quiesce()
        self._clock.spend(self._costs.device_quiesce)

    def device_work(self, device: str) -> bool:
        worked = self._device(device).work()
        self._clock.spend(self._costs.device_job)
        return worked

    def issue_dma(self, device: str, gpa: int) -> None:
        self._device(device).issue_dma(gpa)

    def land(self, number: int) -> None:
        self._root_complex.land(number)
