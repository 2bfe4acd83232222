"""The VM management unit: pages, devices, actors and messages."""

import pytest

from verifier.machine import HOST, Figure, Machine, MachineError
from verifier.machine.memory import PAGE_SIZE
from verifier.machine.state import FIRST_HOST_PAGE

from .helpers import BYSTANDER_GPA, BYSTANDER_HPA, pause

GPA = 0x20
HPA = 0xEE20


def test_flip_hands_over_page_bytes_and_address(machine: Machine) -> None:
    """After a flip the new VM sees the same bytes at the same address on the same frame; the old one sees nothing."""
    machine.write_guest("vm1", GPA, b"precious" * (PAGE_SIZE // 8))
    generation = machine.generation_of(HPA)

    machine.flip_page(GPA, "vm1", "vm2")

    assert (machine.owner_of(HPA), machine.generation_of(HPA)) == ("vm2", generation + 1)
    assert (machine.frame_of("vm1", GPA), machine.frame_of("vm2", GPA)) == (None, HPA)
    assert machine.read_guest("vm2", GPA) == b"precious" * (PAGE_SIZE // 8)
    with pytest.raises(MachineError, match="vm1: expected a page at gpa 0x20, found none"):
        machine.read_guest("vm1", GPA)


def test_refused_flip_changes_nothing(machine: Machine) -> None:
    """A flip of what is not there, to nobody known, or onto a page that is there, changes neither owners nor time."""
    before = (machine.owner_of(HPA), machine.owner_of(BYSTANDER_HPA), machine.cycles())
    machine.place_page("vm2", GPA, 0x901)

    with pytest.raises(MachineError, match="expected a page at gpa 0x10"):
        machine.flip_page(BYSTANDER_GPA, "vm1", "vm2")
    with pytest.raises(MachineError, match="no such VM"):
        machine.flip_page(GPA, "vm1", "vm3")
    with pytest.raises(MachineError, match="vm2: expected no page at gpa 0x20, found host page 0x901"):
        machine.flip_page(GPA, "vm1", "vm2")

    assert (machine.owner_of(HPA), machine.owner_of(BYSTANDER_HPA), machine.cycles()) == before


def test_page_given_away_leaves_guest_memory(machine: Machine) -> None:
    """A page handed to another VM or to nobody is no longer where its old owner saw it."""
    machine.give_page(HPA, "bystander")

    assert (machine.owner_of(HPA), machine.frame_of("vm1", GPA)) == ("bystander", None)

    machine.give_page(HPA, None)
    machine.place_page("vm2", GPA, HPA)
    assert (machine.owner_of(HPA), machine.frame_of("vm2", GPA)) == ("vm2", HPA)


def test_pages_in_use_are_not_placed_and_host_pages_not_given(machine: Machine) -> None:
    """A page has one owner: placing a used one and giving away the host's are refused."""
    with pytest.raises(MachineError, match="page 0xee20: expected owner nobody, found vm1"):
        machine.place_page("vm2", GPA, HPA)
    assert machine.owner_of(FIRST_HOST_PAGE) == HOST
    with pytest.raises(MachineError, match="found one of the host"):
        machine.give_page(FIRST_HOST_PAGE, "vm2")


def test_copy_into_too_small_a_subregion(machine: Machine, figure: Figure) -> None:
    """The error names both sizes, and not one page has been copied."""
    for gpa in range(0x50, 0x54):
        machine.place_page("vm2", gpa, 0x950 + gpa)
    machine.write_guest("vm1", figure.gpas[0], b"x" * PAGE_SIZE)
    before = machine.cycles()

    with pytest.raises(MachineError, match="too small: expected at least 10 pages, found 4"):
        machine.copy_region(figure.gpas, "vm1", "vm2", range(0x50, 0x54))

    assert machine.read_guest("vm2", 0x50) == bytes(PAGE_SIZE)
    assert machine.cycles() == before


def test_copy_into_a_larger_subregion(machine: Machine, figure: Figure) -> None:
    """The copy fills the first pages of the subregion, original and rest stay; if a page is missing, none is."""
    for index, gpa in enumerate(figure.gpas):
        machine.write_guest("vm1", gpa, bytes([index + 1]) * PAGE_SIZE)
    subregion = range(0x50, 0x5C)
    for gpa in subregion[:-1]:
        machine.place_page("vm2", gpa, 0x950 + gpa)

    with pytest.raises(MachineError, match="vm2: expected a page at gpa 0x5b, found none"):
        machine.copy_region(figure.gpas, "vm1", "vm2", subregion[2:])
    assert machine.read_guest("vm2", 0x52) == bytes(PAGE_SIZE)
    machine.copy_region(figure.gpas, "vm1", "vm2", subregion)

    assert [machine.read_guest("vm2", gpa)[0] for gpa in subregion[:-1]] == [*range(1, 11), 0]
    assert machine.owner_of(HPA) == "vm1"


def test_claim_is_refused_while_the_device_is_paused(machine: Machine) -> None:
    """The paused device is nobody else's: not while vm1 drives it, and not when it has no driver but a holder."""
    pause(machine)
    refused = machine.claim_device("nic", "bystander")
    assert (refused.granted, refused.reason) == (False, "nic is driven by vm1")

    machine.hold_device("nic", "hv1")
    machine.assign_device("nic", None)
    refused = machine.claim_device("nic", "bystander")
    assert (refused.granted, refused.reason) == (False, "nic is being moved: its token is with hv1")
    assert machine.driver_of("nic") is None


def test_device_without_driver_and_holder_is_seized(machine: Machine) -> None:
    """Bug class 27: "owner = none" protects nothing."""
    pause(machine)
    machine.assign_device("nic", None)

    assert machine.claim_device("nic", "bystander").granted
    assert machine.driver_of("nic") == "bystander"
    assert machine.claim_device("nic", "bystander").reason == "bystander drives it"


def test_token_has_one_holder(machine: Machine) -> None:
    """The token is taken when free, passed on by its holder, and released by its holder; a crash does not free it."""
    machine.hold_device("nic", "hv1")
    with pytest.raises(MachineError, match="expected it free or with hv2, found it with hv1"):
        machine.hold_device("nic", "hv2")
    with pytest.raises(MachineError, match="expected it with hv2, found it with hv1"):
        machine.release_device("nic", "hv2")
    machine.crash("hv1")
    assert machine.holder_of("nic") == "hv1"
    machine.pass_device("nic", "hv1", "hv2")
    assert machine.holder_of("nic") == "hv2"
    machine.release_device("nic", "hv2")
    assert machine.holder_of("nic") is None
    with pytest.raises(MachineError, match="found it with nobody"):
        machine.pass_device("nic", "hv1", "hv2")


def test_messages_are_taken_once(machine: Machine) -> None:
    """A message waits for its receiver and is taken as often as it was sent."""
    machine.send("hv1", "vm1", "pause")
    machine.send("hv1", "vm1", "pause")
    assert machine.messages("vm1") == ("pause", "pause")
    machine.take_message("vm1", "pause")
    machine.take_message("vm1", "pause")

    with pytest.raises(MachineError, match="mailbox of vm1: expected 'pause', found nothing"):
        machine.take_message("vm1", "pause")
    with pytest.raises(MachineError, match="no such VM or hypervisor"):
        machine.send("hv1", "vm3", "pause")


def test_crash_loses_messages_and_keeps_memory(machine: Machine) -> None:
    """A crashed hypervisor neither sends nor receives; what reaches it meanwhile is lost; memory and tables stay."""
    machine.send("vm1", "hv1", "saved")

    machine.crash("hv1")
    machine.send("vm1", "hv1", "saved again")

    assert machine.is_crashed("hv1")
    with pytest.raises(MachineError, match="hv1: expected a running hypervisor, found it crashed"):
        machine.send("hv1", "hv2", "flipped")
    with pytest.raises(MachineError, match="hv1: expected a running hypervisor, found it crashed"):
        machine.take_message("hv1", "saved")
    with pytest.raises(MachineError, match="hv1: expected a running hypervisor, found it crashed"):
        machine.crash("hv1")
    assert (machine.owner_of(HPA), machine.table_entry("nic", GPA)) == ("vm1", HPA)

    machine.recover("hv1")
    assert not machine.is_crashed("hv1")
    assert machine.messages("hv1") == ()
    with pytest.raises(MachineError, match="expected it crashed"):
        machine.recover("hv1")


def test_each_vm_has_its_hypervisor(machine: Machine) -> None:
    """hv1 runs vm1 and the bystander, hv2 runs vm2."""
    assert [machine.hypervisor_of(vm) for vm in ("vm1", "bystander", "vm2")] == ["hv1", "hv1", "hv2"]
    with pytest.raises(MachineError, match="no such VM"):
        machine.hypervisor_of("hv1")


def test_names_are_unique_and_known(machine: Machine) -> None:
    """Actors and devices share one name space; unknown names are refused with the known ones."""
    for name in ("vm1", "hv1", "nic", HOST):
        with pytest.raises(MachineError, match="expected a new name"):
            machine.add_vm(name, "hv1")
    with pytest.raises(MachineError, match=r"no such hypervisor: expected one of \['hv1', 'hv2'\], found 'vm1'"):
        machine.add_vm("vm4", "vm1")
    with pytest.raises(MachineError, match="no such hypervisor"):
        machine.crash("vm1")
    with pytest.raises(MachineError, match="no such device"):
        machine.claim_device("vm1", "vm1")
