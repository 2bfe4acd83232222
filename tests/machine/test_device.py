"""The device: its registers, its work, its context."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.machine import Figure, Machine, MachineError, Status, Verdict
from verifier.machine.context import CHAIN_SIZE, CONTEXT_SIZE, DeviceContext
from verifier.machine.device import transform
from verifier.machine.memory import PAGE_SIZE

from .helpers import BYSTANDER_HPA, dma, land_all, make_machine, pause, synchronise

IDENTITY = 0x464C_0020
WORD = st.integers(0, 2**32 - 1)
LONG = st.integers(0, 2**64 - 1)
CONTEXTS = st.builds(
    DeviceContext,
    ring_gpa=LONG,
    ring_entries=WORD,
    head=WORD,
    tail=WORD,
    sequence=LONG,
    chain=st.binary(min_size=CHAIN_SIZE, max_size=CHAIN_SIZE),
)


@given(CONTEXTS)
def test_load_undoes_save(context: DeviceContext) -> None:
    """A context survives save and load, whatever it holds."""
    assert DeviceContext.load(context.save(IDENTITY), IDENTITY) == context


@given(CONTEXTS, st.integers(0, CONTEXT_SIZE * 8 - 1))
def test_every_damaged_bit_is_noticed(context: DeviceContext, bit: int) -> None:
    """A saved context in which any one bit has flipped is refused."""
    data = bytearray(context.save(IDENTITY))
    data[bit // 8] ^= 1 << bit % 8

    with pytest.raises(MachineError, match="device context: expected"):
        DeviceContext.load(bytes(data), IDENTITY)


def test_context_of_another_device_or_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context is bound to the identity of the device and to the version of its format."""
    saved = DeviceContext().save(IDENTITY)

    with pytest.raises(MachineError, match="expected device identity 0x1, found 0x464c0020"):
        DeviceContext.load(saved, 1)
    monkeypatch.setattr("verifier.machine.context.VERSION", 2)
    with pytest.raises(MachineError, match="expected version 2, found 1"):
        DeviceContext.load(saved, IDENTITY)


@pytest.mark.parametrize("data", [b"", b"FCTX", bytes(CONTEXT_SIZE)])
def test_what_is_no_context_is_refused(data: bytes) -> None:
    """Too few bytes, or an empty page, are not a context."""
    with pytest.raises(MachineError, match=f"expected {CONTEXT_SIZE} bytes that begin with b'FCTX'"):
        DeviceContext.load(data, IDENTITY)


def test_output_depends_on_all_earlier_jobs() -> None:
    """The same input gives another output after another history."""
    start = bytes(CHAIN_SIZE)
    output, chain = transform(start, b"input")

    assert output != b"input"
    assert transform(chain, b"input")[0] != output
    assert transform(transform(start, b"other")[1], b"input") != transform(chain, b"input")


def test_job_goes_from_ring_to_destination(machine: Machine, figure: Figure) -> None:
    """A job is fetched, its input read, and its output posted; it is in memory once it has landed."""
    source, destination = figure.jobs[0]
    machine.write_guest("vm1", source, b"in" * (PAGE_SIZE // 2))
    machine.queue_job("nic", source, destination)

    assert machine.device_work("nic")
    assert machine.read_guest("vm1", destination) == bytes(PAGE_SIZE)
    land_all(machine)
    assert machine.read_guest("vm1", destination) == transform(bytes(CHAIN_SIZE), b"in" * (PAGE_SIZE // 2))[0]
    assert not machine.device_work("nic")


def test_ring_has_room_for_all_entries_but_one(machine: Machine, figure: Figure) -> None:
    """A full ring refuses a job; done jobs make room, and the ring goes on past its end."""
    for _ in range(255):
        machine.queue_job("nic", *figure.jobs[0])
    with pytest.raises(MachineError, match="all 255 in use"):
        machine.queue_job("nic", *figure.jobs[0])
    machine.device_work("nic")
    machine.queue_job("nic", *figure.jobs[0])

    assert sum(iter(lambda: machine.device_work("nic"), False)) == 255


def test_life_of_a_device(machine: Machine) -> None:
    """Running, stopping, stopped, running: commands that do not fit are refused with the state found."""
    with pytest.raises(MachineError, match="cannot start: expected stopped or stopping, found running"):
        machine.start_device("nic")
    with pytest.raises(MachineError, match="cannot load a context: expected stopped or stopping, found running"):
        machine.restore_context("nic", 0xEE1F)
    with pytest.raises(MachineError, match="cannot quiesce: expected stopping, found running"):
        machine.quiesce_device("nic")
    machine.stop_device("nic")
    assert machine.device_status("nic") is Status.STOPPING
    machine.quiesce_device("nic")
    assert machine.device_status("nic") is Status.STOPPED
    with pytest.raises(MachineError, match="cannot work: expected running or stopping, found stopped"):
        machine.device_work("nic")
    machine.start_device("nic")
    assert machine.device_status("nic") is Status.RUNNING


def test_stopping_twice_reports_twice(machine: Machine) -> None:
    """A recovery that does not know whether the device was told to stop may tell it again."""
    machine.stop_device("nic")
    machine.quiesce_device("nic")

    machine.stop_device("nic")

    assert machine.device_status("nic") is Status.STOPPING


def test_a_new_driver_finds_a_blank_device(machine: Machine) -> None:
    """What the interface held for one VM is gone when another takes the device over, and bus master is off."""
    assert not machine.is_blank("nic")

    machine.assign_device("nic", "vm2")

    assert machine.is_blank("nic")
    assert not machine.bus_master("nic")


def test_blanking_forgets_the_ring(machine: Machine) -> None:
    """A blank device has nothing to start with."""
    machine.stop_device("nic")
    machine.blank_device("nic")

    with pytest.raises(MachineError, match="expected a ring"):
        machine.start_device("nic")


def test_stopping_device_finishes_what_it_began(machine: Machine, figure: Figure) -> None:
    """Bug class 16: a context saved before the device has come to rest is not the one it stops with."""
    machine.queue_job("nic", *figure.jobs[0])
    machine.stop_device("nic")
    machine.save_context("nic", figure.frames[0])
    assert machine.holds_current_context("nic", figure.frames[0])

    machine.device_work("nic")
    machine.quiesce_device("nic")

    assert machine.has_context("nic", figure.frames[0])
    assert not machine.holds_current_context("nic", figure.frames[0])


def test_without_bus_master_there_is_no_dma(machine: Machine) -> None:
    """Bus master off blocks what is not issued yet and recalls nothing that is."""
    machine.issue_dma("nic", 0x20)
    machine.set_bus_master("nic", False)

    assert not machine.bus_master("nic")
    with pytest.raises(MachineError, match="expected bus master on"):
        machine.issue_dma("nic", 0x20)
    with pytest.raises(MachineError, match="expected bus master on"):
        machine.device_work("nic")
    assert len(machine.posted("nic")) == 1


def test_paused_is_only_the_word_of_a_lying_driver(figure: Figure) -> None:
    """With a lying driver a stopped device still writes; protocol A (flip, then remap) lets that into vm2's page."""
    machine = make_machine(figure, driver_lies=True)
    pause(machine)
    machine.flip_page(0x20, "vm1", "vm2")

    dma(machine, 0x20)
    machine.set_bus_master("nic", False)

    assert machine.device_status("nic") is Status.STOPPED
    assert machine.violations()[0].owner == "vm2"
    with pytest.raises(MachineError, match="expected bus master on"):
        machine.issue_dma("nic", 0x20)


def test_table_guard_needs_no_trust_in_the_driver(figure: Figure) -> None:
    """Protocol B (withdraw the translations and wait, then flip): what the device issues after it is blocked."""
    machine = make_machine(figure, driver_lies=True)
    pause(machine)
    dma(machine, 0x20)
    machine.clear_context_entry("nic")
    machine.invalidate_context("nic")
    machine.invalidate_all("nic")
    synchronise(machine)
    machine.drain("nic")
    machine.flip_page(0x20, "vm1", "vm2")

    dma(machine, 0x20)

    assert machine.violations() == ()
    assert [record.verdict for record in machine.audit()] == [Verdict.CONFINED, Verdict.BLOCKED]


def test_context_overwritten_after_the_save_is_rejected(figure: Figure) -> None:
    """The page of the saved context is reachable by DMA: what an unsolicited write leaves of it is not loaded."""
    machine = make_machine(figure, driver_lies=True)
    pause(machine)
    machine.save_context("nic", figure.frames[0])
    dma(machine, figure.context_gpa)

    assert not machine.has_context("nic", figure.frames[0])
    with pytest.raises(MachineError, match="device context: expected"):
        machine.restore_context("nic", figure.frames[0])


def test_reset_forgets_everything(machine: Machine, figure: Figure) -> None:
    """After a reset the device has no ring and no bus master, and a probe and a ring bring it back empty."""
    machine.queue_job("nic", *figure.jobs[0])
    machine.reset_device("nic")

    assert (machine.device_status("nic"), machine.bus_master("nic")) == (Status.STOPPED, False)
    with pytest.raises(MachineError, match="expected a ring, found none"):
        machine.start_device("nic")
    with pytest.raises(MachineError, match="expected a ring, found none"):
        machine.queue_job("nic", *figure.jobs[0])
    machine.probe_device("nic")
    with pytest.raises(MachineError, match=r"ring of 2\.\.256 entries, found 257"):
        machine.set_up_ring("nic", figure.ring_gpa, 257)
    machine.set_up_ring("nic", figure.ring_gpa, 8)
    machine.start_device("nic")
    assert not machine.device_work("nic")


def test_blocked_read_fails_the_device_until_reset(machine: Machine, figure: Figure) -> None:
    """A device whose read is blocked stops with an error; a blocked write it does not even notice."""
    source, destination = figure.jobs[0]
    machine.queue_job("nic", source, destination)
    machine.queue_job("nic", source, destination)
    machine.unmap_page("nic", destination)
    assert machine.device_work("nic")
    assert machine.posted("nic") == ()
    machine.unmap_page("nic", source)
    machine.invalidate_page("nic", source)
    synchronise(machine)

    assert not machine.device_work("nic")
    assert machine.device_status("nic") is Status.FAILED
    with pytest.raises(MachineError, match="expected running or stopping, found failed"):
        machine.issue_dma("nic", source)
    machine.reset_device("nic")
    assert machine.device_status("nic") is Status.STOPPED


def test_request_across_a_page_border_is_blocked(machine: Machine, figure: Figure) -> None:
    """A garbled descriptor makes requests that PCI Express forbids: they are blocked."""
    machine.queue_job("nic", *figure.jobs[0])
    machine.write_guest("vm1", figure.ring_gpa, b"\x01" * PAGE_SIZE)

    assert not machine.device_work("nic")

    assert machine.audit()[-1].fault == "request crosses a 4 KiB boundary"


def test_read_of_a_foreign_page_is_a_leak(machine: Machine, figure: Figure) -> None:
    """A DMA read is judged too: the audit holds the bytes that left the page."""
    source, destination = figure.jobs[0]
    machine.write_guest("bystander", 0x10, b"secret!!" * (PAGE_SIZE // 8))
    machine.map_page("nic", source, BYSTANDER_HPA)
    machine.queue_job("nic", source, destination)

    machine.device_work("nic")

    assert machine.violations()[0].data == b"secret!!" * (PAGE_SIZE // 8)


def test_two_devices_have_their_own_requests_and_contexts(machine: Machine, figure: Figure) -> None:
    """A second device has its own context entry, and does not take the first one's saved context."""
    machine.add_device("disk")
    assert (machine.device_status("disk"), machine.bus_master("disk")) == (Status.STOPPED, False)
    machine.set_context_entry("disk", "bystander")
    machine.issue_dma("nic", 0x20)
    assert (len(machine.posted("nic")), len(machine.posted("disk"))) == (1, 0)
    pause(machine)
    machine.save_context("nic", figure.frames[0])

    assert (machine.context_entry("nic"), machine.context_entry("disk")) == ("vm1", "bystander")
    assert not machine.has_context("disk", figure.frames[0])
    with pytest.raises(MachineError, match="expected device identity"):
        machine.restore_context("disk", figure.frames[0])


def test_one_bus_of_devices() -> None:
    """There are 28 slots; the next device is refused."""
    machine = Machine()
    for number in range(28):
        machine.add_device(f"device{number}")

    with pytest.raises(MachineError, match="expected at most 28 devices"):
        machine.add_device("one more")
    with pytest.raises(MachineError, match="no such device"):
        machine.device_status("one more")
