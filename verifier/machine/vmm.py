"""The VM management unit: who exists, who owns which page, who drives which device.

Two records guard a device. Its *driver* is the VM that may command it. Its *token* is held by whoever is moving it, as
a rule a hypervisor: while there is a holder, nobody can claim the device, even when it has no driver (bug class 27).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from verifier.machine.errors import MachineError

HOST = "host"  # owner of the pages that hold DMA tables and the invalidation queue


@dataclass(frozen=True)
class Page:
    """A host page in use: its owner, where that VM sees it, and how often it has changed hands."""

    owner: str | None = None
    gpa: int | None = None
    generation: int = 0


@dataclass(frozen=True)
class Claim:
    """The answer to a VM that asked for a device."""

    device: str
    vm: str
    granted: bool
    reason: str


@dataclass(frozen=True)
class Seat:
    """Who drives a device and who holds its token."""

    driver: str | None = None
    holder: str | None = None


class VmManager:
    """Records of hypervisors, VMs, pages and devices. Pages are named by number."""

    def __init__(self) -> None:
        self._hypervisors: dict[str, bool] = {}  # name -> running
        self._vms: dict[str, str] = {}  # name -> hypervisor
        self._pages: dict[int, Page] = {}  # by host page
        self._guest: dict[tuple[str, int], int] = {}  # (VM, guest page) -> host page
        self._seats: dict[str, Seat] = {}  # by device

    # Who exists

    def add_hypervisor(self, name: str) -> None:
        """A new hypervisor, running."""
        self._expect_new(name)
        self._hypervisors[name] = True

    def add_vm(self, name: str, hypervisor: str) -> None:
        """A new VM, without memory."""
        self._expect_new(name)
        self._expect_known("hypervisor", hypervisor, self._hypervisors)
        self._vms[name] = hypervisor

    def add_device(self, name: str) -> None:
        """A new device that nobody drives."""
        self._expect_new(name)
        self._seats[name] = Seat()

    def crash(self, hypervisor: str) -> None:
        """A hypervisor stops running. Pages, tokens and its VMs stay as they are: somebody has to recover them."""
        self._expect_known("hypervisor", hypervisor, self._hypervisors)
        self.expect_running(hypervisor)
        self._hypervisors[hypervisor] = False

    def recover(self, hypervisor: str) -> None:
        """A crashed hypervisor runs again."""
        if not self.is_crashed(hypervisor):
            raise MachineError(f"recover {hypervisor}: expected it crashed, found it running")
        self._hypervisors[hypervisor] = True

    def is_crashed(self, actor: str) -> bool:
        """Whether a VM or hypervisor has crashed; only hypervisors do."""
        self._expect_known("VM or hypervisor", actor, self._vms.keys() | self._hypervisors.keys())
        return not self._hypervisors.get(actor, True)

    def hypervisor_of(self, vm: str) -> str:
        """The hypervisor that runs a VM."""
        self.expect_vm(vm)
        return self._vms[vm]

    def expect_running(self, actor: str) -> None:
        """MachineError unless the actor is a VM or a hypervisor that has not crashed."""
        if self.is_crashed(actor):
            raise MachineError(f"{actor}: expected a running hypervisor, found it crashed")

    def expect_vm(self, name: str) -> None:
        """MachineError unless there is a VM of this name."""
        self._expect_known("VM", name, self._vms)

    # Pages

    def place_page(self, vm: str, gpa: int, hpa: int) -> None:
        """Give a free host page to a VM, at a guest address where it has none."""
        self.expect_vm(vm)
        self._expect_owner(hpa, None)
        self._expect_vacant(vm, gpa)
        self._hand(hpa, vm, gpa)

    def give_page(self, hpa: int, owner: str | None) -> None:
        """Hand a host page to a VM or to nobody; it disappears from the guest memory it was in."""
        if owner is not None:
            self.expect_vm(owner)
        if self.owner_of(hpa) == HOST:
            raise MachineError(f"page {hpa:#x}: expected a page of a VM or a free one, found one of the host")
        self._hand(hpa, owner, None)

    def reserve_page(self, hpa: int) -> None:
        """Take a free page for the host itself."""
        self._expect_owner(hpa, None)
        self._hand(hpa, HOST, None)

    def flip_page(self, gpa: int, from_vm: str, to_vm: str) -> None:
        """Hand the host page behind a guest page to another VM, which sees it at the same guest address."""
        hpa = self.backing(from_vm, gpa)
        self.expect_vm(to_vm)
        self._expect_vacant(to_vm, gpa)
        self._hand(hpa, to_vm, gpa)

    def copy_plan(self, gpas: range, from_vm: str, to_vm: str, subregion: range) -> list[tuple[int, int]]:
        """The (source, destination) host pages for copying guest pages into a subregion of another VM's memory.

        MachineError if the subregion is too small or either side lacks a page.
        """
        if len(subregion) < len(gpas):
            raise MachineError(
                f"copy from {from_vm} to {to_vm}: the subregion is too small: "
                f"expected at least {len(gpas)} pages, found {len(subregion)}"
            )
        return [
            (self.backing(from_vm, source), self.backing(to_vm, destination))
            for source, destination in zip(gpas, subregion, strict=False)
        ]

    def owner_of(self, hpa: int) -> str | None:
        """Who owns a host page."""
        return self._page(hpa).owner

    def generation_of(self, hpa: int) -> int:
        """How often a host page has changed hands."""
        return self._page(hpa).generation

    def frame_of(self, vm: str, gpa: int) -> int | None:
        """The host page behind a guest page, if there is one."""
        self.expect_vm(vm)
        return self._guest.get((vm, gpa))

    def backing(self, vm: str, gpa: int) -> int:
        """The host page behind a guest page. MachineError if there is none."""
        hpa = self.frame_of(vm, gpa)
        if hpa is None:
            raise MachineError(f"{vm}: expected a page at gpa {gpa:#x}, found none")
        return hpa

    def _page(self, hpa: int) -> Page:
        return self._pages.get(hpa, Page())

    def _hand(self, hpa: int, owner: str | None, gpa: int | None) -> None:
        before = self._page(hpa)
        if before.owner is not None and before.gpa is not None:
            del self._guest[before.owner, before.gpa]
        self._pages[hpa] = Page(owner, gpa, before.generation + (owner != before.owner))
        if owner is not None and gpa is not None:
            self._guest[owner, gpa] = hpa

    # Devices

    def assign_device(self, device: str, vm: str | None) -> None:
        """Make a VM (or nobody) the driver of a device."""
        if vm is not None:
            self.expect_vm(vm)
        self._seats[device] = replace(self._seat(device), driver=vm)

    def hold_device(self, device: str, holder: str) -> None:
        """Take the token of a device. MachineError if another has it."""
        self.expect_running(holder)
        seat = self._seat(device)
        if seat.holder not in (None, holder):
            raise MachineError(f"token of {device}: expected it free or with {holder}, found it with {seat.holder}")
        self._seats[device] = replace(seat, holder=holder)

    def pass_device(self, device: str, holder: str, successor: str) -> None:
        """Pass the token of a device on, so that there is exactly one holder at every moment (hardware.md 9, L6)."""
        self._expect_holder(device, holder)
        self.expect_running(successor)
        self._seats[device] = replace(self._seat(device), holder=successor)

    def release_device(self, device: str, holder: str) -> None:
        """Give up the token of a device."""
        self._expect_holder(device, holder)
        self._seats[device] = replace(self._seat(device), holder=None)

    def claim_device(self, device: str, vm: str) -> Claim:
        """A VM asks for a device; it becomes the driver if nobody holds or drives it."""
        self.expect_vm(vm)
        seat = self._seat(device)
        if seat.holder is not None:
            return Claim(device, vm, False, f"{device} is being moved: its token is with {seat.holder}")
        if seat.driver not in (None, vm):
            return Claim(device, vm, False, f"{device} is driven by {seat.driver}")
        self.assign_device(device, vm)
        return Claim(device, vm, True, f"nobody held or drove {device}" if seat.driver is None else f"{vm} drives it")

    def driver_of(self, device: str) -> str | None:
        """The VM that drives a device."""
        return self._seat(device).driver

    def holder_of(self, device: str) -> str | None:
        """Who holds the token of a device."""
        return self._seat(device).holder

    def _seat(self, device: str) -> Seat:
        self._expect_known("device", device, self._seats)
        return self._seats[device]

    # Expectations

    def _expect_new(self, name: str) -> None:
        if name in self._hypervisors or name in self._vms or name in self._seats or name == HOST:
            raise MachineError(f"expected a new name, found {name!r} in use")

    def _expect_known(self, kind: str, name: str, known: Collection[str]) -> None:
        if name not in known:
            raise MachineError(f"no such {kind}: expected one of {sorted(known)}, found {name!r}")

    def _expect_owner(self, hpa: int, owner: str | None) -> None:
        if self.owner_of(hpa) != owner:
            raise MachineError(
                f"page {hpa:#x}: expected owner {owner or 'nobody'}, found {self.owner_of(hpa) or 'nobody'}"
            )

    def _expect_vacant(self, vm: str, gpa: int) -> None:
        found = self.frame_of(vm, gpa)
        if found is not None:
            raise MachineError(f"{vm}: expected no page at gpa {gpa:#x}, found host page {found:#x}")

    def _expect_holder(self, device: str, holder: str) -> None:
        found = self.holder_of(device)
        if found != holder:
            raise MachineError(f"token of {device}: expected it with {holder}, found it with {found or 'nobody'}")
