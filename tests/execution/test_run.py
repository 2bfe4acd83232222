"""Protocols executed on the emulated machine, and counterexamples performed on it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from verifier.engines.explicit import check
from verifier.engines.verdict import Behaviour
from verifier.execution.binding import ABSTRACT, OPERATIONS
from verifier.execution.lockstep import Lockstep, Taken
from verifier.execution.replay import perform
from verifier.execution.run import Run, run
from verifier.language.specification import AS_WRITTEN, Elaborated, Specification, open_specification
from verifier.machine.errors import MachineError
from verifier.machine.figure import Figure
from verifier.machine.handover import undisturbed
from verifier.system.expressions import FALSE
from verifier.system.interpreter import Interpreter
from verifier.system.system import Call, Kind
from verifier.system.types import values_of

SPECS = Path(__file__).parents[2] / "specs"
WINDOW = 10
SMALL = {"window": WINDOW, "rest": 2, "own": 2}


def system_of(name: str, variant: str | None = None, instance: str | None = None, **settings: int) -> Elaborated:
    specification = open_specification(SPECS / f"{name}.flip")
    assert isinstance(specification, Specification)
    found = specification.elaborate(variant, instance, settings)
    assert isinstance(found, Elaborated)
    return found


def execute(name: str, instance: str | None = None, **settings: int) -> Run:
    elaborated = system_of(name, None, instance, **settings)
    (window,) = (region for region in elaborated.machine.regions if region.name == "window")
    assert window.gpa is not None
    return run(elaborated.system, window.gpa)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("ownership_flip", SMALL),
        ("ownership_flip_guarded", SMALL),
        ("flip_rollback", SMALL),
        ("ownership_copy", {"window": WINDOW, "target": WINDOW}),
    ],
)
def test_a_run_is_a_refinement_and_loses_no_byte(name: str, settings: dict[str, int]) -> None:
    """After every step the concrete state is the model's; the bytes produced are those of an undisturbed run."""
    executed = execute(name, **settings)

    assert executed.finished
    assert [(t.action.name, t.refused, t.differences, t.failures) for t in executed.taken if t.refused] == []
    assert [(t.action.name, t.differences) for t in executed.taken if t.differences] == []
    assert executed.lockstep.bench.machine.violations() == ()
    assert executed.output == undisturbed(Figure.contiguous(WINDOW)).output


def test_the_device_works_before_during_and_after() -> None:
    """Jobs are done under vm1 before the pause, and others under vm2 after the hand-over; none while it is paused."""
    executed = execute("ownership_flip", **SMALL)
    names = [t.action.name for t in executed.taken]
    work = [index for index, name in enumerate(names) if name == "dma"]

    assert work[0] < names.index("hv1.notify") < names.index("vm1.pause")
    assert not any(names.index("vm1.pause") < index < names.index("vm2.run") for index in work)
    assert work[-1] > names.index("vm2.run")
    assert len(work) == len(executed.jobs) == 4


@pytest.mark.slow
def test_all_225_pages_of_the_figure_are_handed_over() -> None:
    """The figure's addresses, all of them: hpa 0xee1f .. 0xeeff go to vm2, and 111 jobs come out as if nothing was."""
    executed = execute("ownership_flip", AS_WRITTEN)
    moved = [
        int(cell[6:-1], 16) for t in executed.taken for cell, _, new in t.changes if new == "vm2" and "owner" in cell
    ]

    assert moved == list(range(0xEE1F, 0xEF00))
    assert not any(t.differences for t in executed.taken)
    assert executed.output == undisturbed(Figure.contiguous()).output
    assert executed.blackout == 189_300


def damage(name: str, variant: str) -> tuple[Lockstep, tuple[Taken, ...]]:
    """The shortest violation of dma_confined in a variant, performed on the machine."""
    elaborated = system_of(name, variant)
    claim = elaborated.system.property_named("dma_confined")
    (verdict,) = check(elaborated.system, [claim]).verdicts
    assert verdict.behaviour is not None
    return perform(elaborated.system, verdict.behaviour)


def test_a_behaviour_ends_where_the_machine_refuses_a_step() -> None:
    """What would come after a step that did not take place is not performed."""
    system = system_of("ownership_flip", None, "small").system
    pause = replace(system.action("vm1.pause"), calls=(Call("levitate", ()),))
    changed = replace(system, actions=tuple(pause if a.name == pause.name else a for a in system.actions))
    initial = next(Interpreter(system).initial_states())
    steps = tuple((name, ()) for name in ("hv1.notify", "vm1.pause", "quiesce"))

    _, taken = perform(changed, Behaviour(initial, steps))

    assert [t.refused for t in taken] == ["", "the machine has no operation `levitate`"]


@pytest.mark.parametrize(
    "variant", ["no_invalidate", "no_drain", "resume_before_remap", "lying_driver", "save_too_early"]
)
def test_a_counterexample_does_its_damage_on_the_machine(variant: str) -> None:
    """The trace of the search ends with bytes of the device in a page that is not its driver's."""
    lockstep, taken = damage("ownership_flip", variant)
    (record,) = lockstep.bench.machine.violations()

    assert not any(t.refused or t.differences for t in taken)
    assert record.driver != record.owner
    assert record.data.startswith(b"unsolicited DMA of nic")


def test_a_stale_iotlb_writes_into_the_page_that_stayed_behind() -> None:
    """What vm1 kept at guest page 0 is overwritten by the device that vm2 now drives."""
    lockstep, _ = damage("ownership_flip", "no_invalidate")
    machine = lockstep.bench.machine
    (record,) = machine.violations()

    assert (record.driver, record.owner, record.address) == ("vm2", "vm1", 0xEE00 << 12)
    assert machine.read_guest("vm1", 0).startswith(record.data)


def test_a_difference_between_model_and_machine_is_seen() -> None:
    """A machine whose IOTLB forgets behind the model's back is caught at the next step."""
    lockstep = Lockstep(system_of("ownership_flip", **SMALL).system)
    fill = lockstep.interpreter.system.action("fill")
    arguments = next(a for a in ((0, n) for n in range(4)) if lockstep.can(fill, a))
    assert lockstep.take(fill, arguments).differences == ()

    lockstep.bench.machine.invalidate_all("nic")
    lockstep.bench.machine.process_invalidations(1)

    assert [d.cell.startswith("iotlb(nic") for d in lockstep.differences()] == [True]


def test_a_context_that_is_not_the_one_saved_is_seen() -> None:
    """The device works on behind the model's back: the saved context is no longer the device's own."""
    lockstep = Lockstep(system_of("ownership_flip", **SMALL).system)
    machine, model = lockstep.bench.machine, lockstep.interpreter.system
    for name in ("hv1.notify", "vm1.pause", "quiesce", "vm1.drain", "vm1.save"):
        action = model.action(name)
        choices = product(*(values_of(parameter.type) for parameter in action.parameters))
        assert lockstep.take(action, next(a for a in choices if lockstep.can(action, a))).differences == ()

    machine.write_guest("vm1", lockstep.bench.save_pages["nic"], bytes(4096))

    assert [d.cell for d in lockstep.differences()] == ["saved(nic)"]


def test_the_saved_context_is_where_the_driver_sees_it() -> None:
    """Two VMs have a page at the same guest address: the context is saved in the one of the device's driver."""
    bench = Lockstep(system_of("ownership_copy", window=WINDOW, target=WINDOW).system).bench
    machine, address = bench.machine, bench.save_pages["nic"]
    source, target = machine.frame_of("vm1", address), machine.frame_of("vm2", address)
    assert source is not None
    assert target is not None

    machine.assign_device("nic", "vm2")
    OPERATIONS["save"](bench, "nic")

    assert (machine.has_context("nic", source), machine.has_context("nic", target)) == (False, True)


def test_a_protocol_that_may_not_stop_where_it_does_is_unfinished() -> None:
    """Whether a run has come to its end is for the specification's `final` to say."""
    elaborated = system_of("ownership_flip", **SMALL)
    window = next(region.gpa for region in elaborated.machine.regions if region.name == "window")
    assert window is not None

    assert not run(replace(elaborated.system, final=FALSE), window).finished


def test_every_operation_of_the_models_is_bound_or_said_to_be_abstract() -> None:
    """No operation of a shipped model is silently ignored by the machine."""
    called = set()
    for name in ("ownership_flip", "ownership_flip_guarded", "flip_rollback", "ownership_copy"):
        for action in system_of(name).system.actions:
            called |= {call.operation for call in action.calls}
            if action.kind is not Kind.STEP:
                called.add(action.name)

    assert called - set(OPERATIONS) - ABSTRACT <= {"lose_invalidation", "function_reset", "hv1.crash"}


def test_a_system_without_the_models_is_refused() -> None:
    """A specification of something else has nothing that the machine could be built from."""
    with pytest.raises(MachineError, match="expected the models"):
        Lockstep(system_of("two_resume").system)


def test_a_window_without_room_for_a_job_is_refused() -> None:
    """Context, ring, source and destination take four pages."""
    with pytest.raises(MachineError, match="expected 4 pages"):
        execute("ownership_flip", window=3, rest=1, own=1)
