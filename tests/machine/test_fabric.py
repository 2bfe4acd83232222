"""Posted writes: translated when issued, judged when they land."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.machine import Figure, Machine, MachineError, Verdict

from .helpers import land_all, make_machine, pause, synchronise

GPA = 0x20
HPA = 0xEE20


def test_posted_write_lands_after_the_page_changed_owner(machine: Machine) -> None:
    """Bug class 4: unmapping, invalidating and waiting do not stop a write that is on its way."""
    machine.issue_dma("nic", GPA)
    machine.unmap_page("nic", GPA)
    machine.invalidate_page("nic", GPA)
    synchronise(machine)
    machine.flip_page(GPA, "vm1", "vm2")

    land_all(machine)

    (violation,) = machine.violations()
    assert (violation.verdict, violation.owner) == (Verdict.FOREIGN, "vm2")
    assert machine.read_guest("vm2", GPA).startswith(violation.data)


def test_late_write_is_noticed_when_the_device_moved_along(machine: Machine) -> None:
    """vm1's write lands after page and device both went to vm2: owner and driver agree, the generation does not."""
    machine.issue_dma("nic", GPA)
    machine.flip_page(GPA, "vm1", "vm2")
    machine.assign_device("nic", "vm2")

    land_all(machine)

    assert [record.verdict for record in machine.violations()] == [Verdict.STALE]


def test_late_write_is_noticed_when_the_page_came_back(machine: Machine) -> None:
    """Bug class 8: a page that went away and came back is not the page the write was issued for."""
    machine.issue_dma("nic", GPA)
    machine.give_page(HPA, "bystander")
    machine.give_page(HPA, "vm1")

    land_all(machine)

    assert [record.verdict for record in machine.violations()] == [Verdict.STALE]


def test_dma_of_a_device_nobody_drives_is_foreign(machine: Machine) -> None:
    """Without a driver a device owns nothing: even a free page is not its to write."""
    machine.assign_device("nic", None)
    machine.set_bus_master("nic", True)
    machine.give_page(HPA, None)
    machine.issue_dma("nic", GPA)

    land_all(machine)

    assert machine.violations()[0].verdict is Verdict.FOREIGN
    assert "(driver nobody)" in str(machine.violations()[0])


def test_stopped_is_not_drained(machine: Machine) -> None:
    """A device at rest may have writes in flight; only the read flush brings them home."""
    machine.issue_dma("nic", GPA)
    machine.stop_device("nic")
    machine.quiesce_device("nic")
    assert [write.hpa for write in machine.posted("nic")] == [HPA]

    machine.drain("nic")

    assert machine.posted("nic") == ()
    assert machine.audit()[-1].verdict is Verdict.CONFINED


@given(st.lists(st.integers(0x20, 0x27), max_size=6), st.data())
def test_nothing_lands_after_the_drain(gpas: list[int], data: st.DataObject) -> None:
    """Whatever is issued and in whatever order part of it lands: after the pause nothing is left that could land."""
    machine = make_machine(Figure.contiguous(10))
    for gpa in gpas:
        machine.issue_dma("nic", gpa)
    numbers = [write.number for write in machine.posted("nic")]
    early = data.draw(st.permutations(numbers))[: len(numbers) // 2]
    for number in early:
        machine.land(number)

    pause(machine)

    assert len(machine.audit()) == len(gpas)
    assert machine.violations() == ()
    for number in numbers:
        with pytest.raises(MachineError, match=rf"expected one of \[\], found {number}"):
            machine.land(number)
    with pytest.raises(MachineError, match="found stopped"):
        machine.issue_dma("nic", GPA)
