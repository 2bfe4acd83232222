"""What a concrete machine offers. `Machine` implements it here; another implementation drives QEMU.

Names are strings; `gpa` and `hpa` are page numbers; a device addresses memory as its guest does, so an iova page is a
gpa. Each operation is atomic. It raises MachineError, and then has done nothing, when the machine cannot do it; what is
unwise but possible, it does. `domain` names the VM whose DMA table or cache tag is meant; if left out, it is the one
that the device's context entry names, or named before its P bit was cleared.
"""

from typing import Protocol

from verifier.machine.audit import DmaRecord
from verifier.machine.device import Status
from verifier.machine.fabric import PostedWrite
from verifier.machine.vmm import Claim


class MachineInterface(Protocol):
    """Operations of software, moves of the hardware, and readers that tell the state."""

    # Building the machine

    def add_hypervisor(self, name: str) -> None:
        """A new hypervisor."""

    def add_vm(self, name: str, hypervisor: str) -> None:
        """A new VM without memory, and its empty DMA domain."""

    def add_device(self, name: str, *, driver_lies: bool = False) -> None:
        """A new device in reset, driven by nobody, without a context entry. See Device for `driver_lies`."""

    def place_page(self, vm: str, gpa: int, hpa: int) -> None:
        """Give a free host page to a VM at a guest address."""

    # VM management unit: pages

    def give_page(self, hpa: int, owner: str | None) -> None:
        """Hand a host page to a VM or to nobody; it disappears from the guest memory it was in."""

    def flip_page(self, gpa: int, from_vm: str, to_vm: str) -> None:
        """Hand the host page at `gpa` of one VM to another VM, at the same `gpa`."""

    def shoot_down_cpu_tlb(self, vm: str) -> None:
        """Flush a VM's CPU translations after pages were taken from it. CPUs are not modelled: this only takes time."""

    def copy_page(self, source_hpa: int, destination_hpa: int) -> None:
        """Copy 4096 bytes."""

    def copy_region(self, gpas: range, from_vm: str, to_vm: str, subregion: range) -> None:
        """Copy guest pages into the first pages of a subregion of another VM. All or nothing; too small is an error."""

    def read_guest(self, vm: str, gpa: int) -> bytes:
        """The 4096 bytes a VM sees at a guest page."""

    def write_guest(self, vm: str, gpa: int, data: bytes) -> None:
        """Replace the 4096 bytes of a guest page, as the VM."""

    # VM management unit: devices, actors, messages

    def assign_device(self, device: str, vm: str | None) -> None:
        """Make a VM, or nobody, the driver of a device, on a blank interface with bus master off."""

    def claim_device(self, device: str, vm: str) -> Claim:
        """A VM asks for a device and gets it if nobody drives it and nobody holds its token."""

    def hold_device(self, device: str, holder: str) -> None:
        """Take the token that keeps others from claiming the device."""

    def pass_device(self, device: str, holder: str, successor: str) -> None:
        """Pass the token on."""

    def release_device(self, device: str, holder: str) -> None:
        """Give the token up."""

    def send(self, sender: str, receiver: str, message: str) -> None:
        """Send a message to a VM or hypervisor."""

    def take_message(self, receiver: str, message: str) -> None:
        """Receive (or lose) a waiting message."""

    def crash(self, hypervisor: str) -> None:
        """The hypervisor stops and its waiting messages are lost. Memory, tables, tokens, devices and VMs stay."""

    def recover(self, hypervisor: str) -> None:
        """The crashed hypervisor runs again."""

    # Address translation unit: what software does

    def map_page(self, device: str, gpa: int, hpa: int, *, domain: str | None = None) -> None:
        """Write the second-level entry of a 4 KiB page."""

    def unmap_page(self, device: str, gpa: int, *, domain: str | None = None) -> None:
        """Clear the second-level entry of a 4 KiB page."""

    def map_superpage(self, device: str, gpa: int, hpa: int, *, domain: str | None = None) -> None:
        """Write a 2 MiB leaf."""

    def split_superpage(self, device: str, gpa: int, *, domain: str | None = None) -> None:
        """Replace the 2 MiB leaf over `gpa` by 512 entries with the same translations."""

    def set_context_entry(self, device: str, domain: str) -> None:
        """Make the context entry of a device present, naming a domain."""

    def clear_context_entry(self, device: str) -> None:
        """Clear the P bit of the context entry of a device."""

    def invalidate_page(self, device: str, gpa: int, *, domain: str | None = None) -> None:
        """Queue a page-selective IOTLB invalidation."""

    def invalidate_all(self, device: str, *, domain: str | None = None) -> None:
        """Queue a domain-selective IOTLB invalidation."""

    def invalidate_context(self, device: str) -> None:
        """Queue a device-selective context-cache invalidation."""

    def wait_invalidations(self) -> bool:
        """Queue a wait descriptor if something was queued since the last one, and poll: is everything executed?"""

    # Address translation unit: what hardware does

    def process_invalidations(self, count: int) -> int:
        """Execute up to `count` queued descriptors; returns how many."""

    def fill_iotlb(self, device: str, gpa: int) -> None:
        """Walk the tables unasked and remember the translation (and the context entry)."""

    def evict_iotlb(self, device: str, gpa: int, *, domain: str | None = None) -> None:
        """Forget a translation unasked."""

    def fill_context_cache(self, device: str) -> None:
        """Read the context entry unasked and remember it."""

    def evict_context_cache(self, device: str) -> None:
        """Forget a context entry unasked."""

    # Device: what software does

    def probe_device(self, device: str) -> None:
        """Find a device after a reset and load its driver: bus rescan, bus master on, driver start-up."""

    def set_up_ring(self, device: str, gpa: int, entries: int) -> None:
        """Give a stopped device an empty ring in a guest page."""

    def queue_job(self, device: str, source_gpa: int, destination_gpa: int) -> None:
        """As the driver: write a descriptor into the ring in guest memory and ring the doorbell."""

    def set_bus_master(self, device: str, enabled: bool) -> None:
        """Bus master enable. Off, the device issues no DMA whatever its driver says; posted writes are not recalled."""

    def start_device(self, device: str) -> None:
        """Command register: run."""

    def stop_device(self, device: str) -> None:
        """Command register: stop. The device is stopping until it has quiesced."""

    def reset_device(self, device: str) -> None:
        """Function-level reset: the context is lost and bus master is off."""

    def drain(self, device: str) -> None:
        """Read from the device: pushes all its posted writes to memory."""

    def save_context(self, device: str, hpa: int) -> None:
        """Write the device context, as it is now, into a page."""

    def restore_context(self, device: str, hpa: int) -> None:
        """Load the context found in a page into a stopped device. MachineError if it is damaged or another device's."""

    def blank_device(self, device: str) -> None:
        """Clear the device's registers and bus master, as when it is assigned: nothing saved is worth loading."""

    # Device: what hardware does

    def quiesce_device(self, device: str) -> None:
        """A stopping device comes to rest: stopped. Posted writes may still be in flight."""

    def device_work(self, device: str) -> bool:
        """Do the next job; False if there is none or a DMA read was blocked."""

    def issue_dma(self, device: str, gpa: int) -> None:
        """Issue a write that no job asks for."""

    def land(self, number: int) -> None:
        """The posted write of this number reaches memory."""

    # Readers

    def owner_of(self, hpa: int) -> str | None:
        """The VM (or HOST) that owns a page."""

    def generation_of(self, hpa: int) -> int:
        """How often a page has changed hands."""

    def frame_of(self, vm: str, gpa: int) -> int | None:
        """The host page a VM has at a guest page."""

    def driver_of(self, device: str) -> str | None:
        """The VM that drives a device."""

    def holder_of(self, device: str) -> str | None:
        """Who holds the token of a device."""

    def is_crashed(self, hypervisor: str) -> bool:
        """Whether a hypervisor has crashed."""

    def hypervisor_of(self, vm: str) -> str:
        """The hypervisor that runs a VM."""

    def messages(self, receiver: str) -> tuple[str, ...]:
        """The messages waiting for an actor, sorted."""

    def table_entry(self, device: str, gpa: int, *, domain: str | None = None) -> int | None:
        """The host page the second-level table in memory gives."""

    def iotlb_entry(self, device: str, gpa: int, *, domain: str | None = None) -> int | None:
        """The host page the IOTLB gives."""

    def context_entry(self, device: str) -> str | None:
        """The domain the present context entry in memory names."""

    def context_cache_entry(self, device: str) -> str | None:
        """The domain the cached context entry names."""

    def pending_invalidations(self) -> int:
        """How many queued descriptors have not been executed."""

    def device_status(self, device: str) -> Status:
        """The status register."""

    def bus_master(self, device: str) -> bool:
        """Whether bus master is on."""

    def posted(self, device: str) -> tuple[PostedWrite, ...]:
        """The writes in flight, oldest first."""

    def is_blank(self, device: str) -> bool:
        """Whether the device's registers are as after a reset."""

    def has_context(self, device: str, hpa: int) -> bool:
        """Whether a page holds a context that this device would accept."""

    def holds_current_context(self, device: str, hpa: int) -> bool:
        """Whether a page holds the device's context of this moment, but for the tail, which is the driver's to move.

        MachineError if it holds no context.
        """

    def audit(self) -> tuple[DmaRecord, ...]:
        """Every DMA request so far."""

    def violations(self) -> tuple[DmaRecord, ...]:
        """The DMA requests that reached a page they had no business with."""

    def cycles(self) -> int:
        """The time, in cycles."""
