"""Three ways to hand the running nic from vm1 to vm2, on the same work, with the time the device stands still.

Each way is the safe order of its steps: stop, drain and save before anything moves; take the device's view of memory
away and wait for that before a page changes owner; give it the new view before it runs (hardware.md 9, L1 to L3). They
share what they can, so that a difference in the blackout comes from flipping, copying or re-attaching alone.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from verifier.machine.audit import DmaRecord
from verifier.machine.clock import COSTS, Costs
from verifier.machine.device import RING_LIMIT
from verifier.machine.errors import MachineError
from verifier.machine.figure import Figure, build
from verifier.machine.interface import MachineInterface
from verifier.machine.machine import Machine
from verifier.machine.memory import PAGE_SIZE

PROCESS_ALL = 256  # more descriptors than the invalidation queue can hold


@dataclass(frozen=True)
class Phase:
    """A named stretch of time, in cycles."""

    name: str
    begin: int
    end: int


@dataclass(frozen=True)
class Handover:
    """What happened."""

    way: str
    timeline: tuple[Phase, ...]
    blackout: int  # cycles from the command to stop to the device running again; 0 if it never stopped
    audit: tuple[DmaRecord, ...]
    violations: tuple[DmaRecord, ...]
    output: bytes  # what the device produced: the destination buffers of all jobs, in order


def undisturbed(figure: Figure, costs: Costs = COSTS) -> Handover:
    """No handover: vm1 keeps the device. What it produces is the reference."""
    return _run("undisturbed", figure, costs, lambda run: None, finished_in="vm1")


def flip(figure: Figure, costs: Costs = COSTS) -> Handover:
    """Hand the pages of the window themselves to vm2."""
    return _run("flip", figure, costs, _flip, finished_in="vm2")


def copy(figure: Figure, costs: Costs = COSTS) -> Handover:
    """Copy the window into pages of vm2."""
    return _run("copy", figure, costs, _copy, finished_in="vm2")


def reattach(figure: Figure, costs: Costs = COSTS) -> Handover:
    """Detach the device from vm1, reset it, attach it to vm2, which begins anew: the device context is lost.

    vm2 submits once more what vm1 had queued, as the clients of a lost device do.
    """
    return _run("reattach", figure, costs, _reattach, finished_in="vm1")


class _Run:
    """One handover in progress."""

    def __init__(self, figure: Figure, costs: Costs) -> None:
        self.machine: MachineInterface = Machine(costs)
        self.figure = figure
        self.timeline: list[Phase] = []
        # A third of the jobs is done before, a third is queued when the device stops, a third comes after.
        third = len(figure.jobs) // 3
        self.before = figure.jobs[:third]
        self.queued = figure.jobs[third : 2 * third]
        self.after = figure.jobs[2 * third :]
        build(self.machine, figure)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Note how long a part of the handover takes."""
        begin = self.machine.cycles()
        yield
        self.timeline.append(Phase(name, begin, self.machine.cycles()))

    def queue(self, jobs: tuple[tuple[int, int], ...]) -> None:
        """The driver queues jobs."""
        for source, destination in jobs:
            self.machine.queue_job("nic", source, destination)

    def work(self) -> None:
        """The device does all that is queued; the last writes stay in flight."""
        while self.machine.device_work("nic"):
            pass

    def pause(self) -> None:
        """Stop the device, let it come to rest, and push its last writes to memory."""
        self.machine.stop_device("nic")
        self.machine.quiesce_device("nic")
        self.machine.drain("nic")

    def withdraw(self) -> None:
        """Take the device's view of vm1's memory away, for certain: after this no page of vm1 can be reached by DMA."""
        self.machine.clear_context_entry("nic")
        # Contexts before translations: a cached context could refill the IOTLB (hardware.md 6.2).
        self.machine.invalidate_context("nic")
        self.machine.invalidate_all("nic", domain="vm1")
        while not self.machine.wait_invalidations():
            self.machine.process_invalidations(PROCESS_ALL)

    def attach(self, frames: tuple[int, ...]) -> None:
        """Let the device see these pages, as vm2's. Not present to present: nothing to invalidate (hardware.md 6.2)."""
        for gpa, hpa in zip(self.figure.gpas, frames, strict=True):
            self.machine.map_page("nic", gpa, hpa, domain="vm2")
        self.machine.set_context_entry("nic", "vm2")

    def hand_device(self) -> None:
        """hv2 takes over from hv1: vm2 drives the device, and the token is free again."""
        self.machine.send("hv1", "hv2", "moved")
        self.machine.pass_device("nic", "hv1", "hv2")
        self.machine.assign_device("nic", "vm2")
        self.machine.release_device("nic", "hv2")
        self.machine.send("hv2", "vm2", "run")


def _flip(run: _Run) -> None:
    machine, figure = run.machine, run.figure
    with run.phase("pause"):
        run.pause()
    with run.phase("save context"):
        machine.save_context("nic", figure.frames[0])
    with run.phase("withdraw translations"):
        for gpa in figure.gpas:
            machine.unmap_page("nic", gpa, domain="vm1")
        run.withdraw()
    with run.phase("flip pages"):
        for gpa in figure.gpas:
            machine.flip_page(gpa, "vm1", "vm2")
        machine.shoot_down_cpu_tlb("vm1")
    _resume(run, figure.frames)


def _copy(run: _Run) -> None:
    machine, figure = run.machine, run.figure
    _give_spares_to_vm2(run)
    with run.phase("pause"):
        run.pause()
    with run.phase("save context"):
        machine.save_context("nic", figure.frames[0])
    with run.phase("withdraw translations"):
        run.withdraw()
    with run.phase("copy pages"):
        machine.copy_region(figure.gpas, "vm1", "vm2", figure.gpas)
    _resume(run, figure.spares)


def _reattach(run: _Run) -> None:
    machine, figure = run.machine, run.figure
    _give_spares_to_vm2(run)
    for source, _ in run.queued + run.after:
        machine.write_guest("vm2", source, input_of(source))
    with run.phase("pause"):
        run.pause()
    with run.phase("withdraw translations"):
        run.withdraw()
    with run.phase("reset"):
        machine.reset_device("nic")
    with run.phase("map pages"):
        run.attach(figure.spares)
    with run.phase("hand over"):
        run.hand_device()
    with run.phase("probe"):
        machine.probe_device("nic")
        machine.set_up_ring("nic", figure.ring_gpa, RING_LIMIT)
    with run.phase("run"):
        machine.start_device("nic")
    run.queue(run.queued)


def _resume(run: _Run, frames: tuple[int, ...]) -> None:
    """vm2 goes on with the context found in the first of these pages."""
    with run.phase("map pages"):
        run.attach(frames)
    with run.phase("hand over"):
        run.hand_device()
    with run.phase("restore context"):
        run.machine.restore_context("nic", frames[0])
        run.machine.set_bus_master("nic", True)
    with run.phase("run"):
        run.machine.start_device("nic")


def _give_spares_to_vm2(run: _Run) -> None:
    """Before the pause: vm2 has memory of its own at the addresses of the window."""
    for gpa, hpa in zip(run.figure.gpas, run.figure.spares, strict=True):
        run.machine.place_page("vm2", gpa, hpa)


def input_of(gpa: int) -> bytes:
    """What the source buffer at a guest page holds."""
    return hashlib.shake_128(gpa.to_bytes(8, "little")).digest(PAGE_SIZE)


def _run(way: str, figure: Figure, costs: Costs, hand_over: Callable[[_Run], None], finished_in: str) -> Handover:
    """Work, hand over, work. `finished_in` is the VM that has the output of the jobs done before the handover."""
    run = _Run(figure, costs)
    machine = run.machine
    for source, _ in figure.jobs:
        machine.write_guest("vm1", source, input_of(source))
    run.queue(run.before)
    run.work()
    run.queue(run.queued)
    machine.hold_device("nic", "hv1")
    hand_over(run)
    run.queue(run.after)
    run.work()
    machine.drain("nic")

    driver = machine.driver_of("nic")
    if driver is None:
        raise MachineError(f"{way}: expected nic to have a driver at the end, found none")
    output = [machine.read_guest(finished_in, destination) for _, destination in run.before]
    output += [machine.read_guest(driver, destination) for _, destination in run.queued + run.after]
    return Handover(
        way=way,
        timeline=tuple(run.timeline),
        blackout=run.timeline[-1].end - run.timeline[0].begin if run.timeline else 0,
        audit=machine.audit(),
        violations=machine.violations(),
        output=b"".join(output),
    )
