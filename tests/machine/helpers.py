"""The figure on a machine, and moves that many tests make."""

from verifier.machine import Figure, Machine, build

BYSTANDER_GPA = 0x10
BYSTANDER_HPA = 0x900


def make_machine(figure: Figure, *, driver_lies: bool = False) -> Machine:
    """The figure and a page of the bystander on a machine; the invalidations of its boot are done."""
    machine = Machine()
    build(machine, figure, driver_lies=driver_lies)
    machine.place_page("bystander", BYSTANDER_GPA, BYSTANDER_HPA)
    synchronise(machine)
    return machine


def synchronise(machine: Machine) -> None:
    """Let the hardware work off the invalidation queue, and see that it did."""
    machine.wait_invalidations()
    machine.process_invalidations(machine.pending_invalidations())
    assert machine.wait_invalidations()


def land_all(machine: Machine) -> None:
    """Let every posted write of the nic land."""
    for write in machine.posted("nic"):
        machine.land(write.number)


def dma(machine: Machine, gpa: int) -> None:
    """One unsolicited DMA write of the nic, issued and landed."""
    machine.issue_dma("nic", gpa)
    land_all(machine)


def pause(machine: Machine) -> None:
    """Stop the nic for certain: at rest, and nothing in flight."""
    machine.stop_device("nic")
    machine.quiesce_device("nic")
    machine.drain("nic")
