"""A behaviour found by an engine, performed on the machine."""

from __future__ import annotations

from verifier.engines.verdict import Behaviour
from verifier.execution.lockstep import Lockstep, Taken
from verifier.machine.errors import MachineError
from verifier.system.system import System


def perform(system: System, behaviour: Behaviour) -> tuple[Lockstep, tuple[Taken, ...]]:
    """Takes the behaviour's steps on model and machine; ends early where the machine refuses one.

    Raises MachineError if the machine has no counterpart for the system's models or its initial state.
    """
    lockstep = Lockstep(system)
    if behaviour.initial != lockstep.state:
        raise MachineError("expected the behaviour to begin in the first initial state, found it begins in another")
    taken: list[Taken] = []
    for name, arguments in behaviour.steps:
        taken.append(lockstep.take(system.action(name), arguments))
        if taken[-1].refused:
            break
    return lockstep, tuple(taken)
