"""What happened on the machine, as JSON: the facts of `execution_text`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from verifier.execution.lockstep import Taken
from verifier.execution.run import Run
from verifier.machine.audit import DmaRecord
from verifier.machine.handover import Handover
from verifier.machine.interface import MachineInterface

Json = dict[str, Any]
VERSION = 1


def run_to_json(run: Run, undisturbed: Handover, ways: Sequence[Handover]) -> Json:
    """The execution of a whole protocol. Cycles are the machine's."""
    return {
        "version": VERSION,
        **taken_to_json(run.lockstep.bench.machine, run.taken),
        "finished": run.finished,
        "jobs": len(run.jobs),
        "output_bytes": len(run.output),
        "output_equal": run.output == undisturbed.output,
        "blackout": run.blackout,
        "machine_blackout": {way.way: way.blackout for way in ways},
    }


def taken_to_json(machine: MachineInterface, taken: Sequence[Taken]) -> Json:
    """Steps and audit of any execution."""
    return {
        "steps": [_step(step) for step in taken],
        "dma": len(machine.audit()),
        "violations": [_record(record) for record in machine.violations()],
    }


def _step(step: Taken) -> Json:
    return {
        "action": step.action.name,
        "step": step.action.step,
        "kind": step.action.kind.value,
        "begin": step.begin,
        "end": step.end,
        "changes": {cell: [old, new] for cell, old, new in step.changes},
        "differences": {d.cell: [d.model, d.machine] for d in step.differences},
        "refused": step.refused,
    }


def _record(record: DmaRecord) -> Json:
    return {
        "cycle": record.cycle,
        "device": record.device,
        "direction": record.direction.value,
        "iova": record.iova,
        "address": record.address,
        "owner": record.owner,
        "driver": record.driver,
        "verdict": record.verdict.value,
        "data": record.data.hex(),
    }
