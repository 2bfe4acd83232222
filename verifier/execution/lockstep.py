"""A system and a concrete machine taking the same steps, compared after each of them.

The model's step is the reference interpreter's. The machine performs the operations that the step consists of; then the
concrete state, seen through the readings of the binding, must be the model's state: a run is a refinement check.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.execution.binding import ABSTRACT, OPERATIONS, READINGS, contexts_agree
from verifier.execution.concrete import Bench, Concrete, Facts, build, concrete
from verifier.machine.audit import DmaRecord
from verifier.machine.errors import MachineError
from verifier.system.expressions import FALSE
from verifier.system.interpreter import Arguments, Failure, Interpreter, environment_of
from verifier.system.layout import State
from verifier.system.system import Action, Kind, System
from verifier.system.types import Type


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell in which model and machine disagree after a step."""

    cell: str
    model: Concrete
    machine: Concrete


@dataclass(frozen=True, slots=True)
class Taken:
    """One step, on both sides.

    `refused` is the machine's reason for not performing an operation; `begin` and `end` are in cycles; `failures` are
    the model's (failed assertions, integers out of range, double writes).
    """

    action: Action
    arguments: Arguments
    begin: int
    end: int
    changes: tuple[tuple[str, Concrete, Concrete], ...]
    failures: tuple[Failure, ...]
    differences: tuple[Difference, ...]
    dma: tuple[DmaRecord, ...]
    refused: str = ""


class Lockstep:
    """Runs both sides from the system's first initial state."""

    def __init__(self, system: System) -> None:
        """Raises MachineError if the machine has no counterpart for the system's models."""
        self.interpreter = Interpreter(system)
        self.state: State = next(self.interpreter.initial_states())
        self.bench: Bench = build(self.interpreter, self.state)
        self._facts = Facts(self.interpreter)
        self._receivers = _receivers(system)
        self._audited = 0
        self._watched = [
            (
                place,
                cell,
                tuple(concrete(kind, v) for kind, v in zip(self._kinds(cell.function), cell.point, strict=True)),
            )
            for place, cell in enumerate(self.interpreter.layout.cells)
            if cell.function in READINGS
        ]

    def _kinds(self, function: str) -> tuple[Type, ...]:
        return self.interpreter.system.function(function).parameters

    def can(self, action: Action, arguments: Arguments) -> bool:
        return self.interpreter.is_enabled(action, arguments, self.state)

    def take(self, action: Action, arguments: Arguments) -> Taken:
        """Performs the step, which must be possible. After a failed update the model stays where it was."""
        machine = self.bench.machine
        begin = machine.cycles()
        outcome = self.interpreter.perform(action, arguments, self.state)
        refused = self._perform(action, arguments)
        following = outcome.state or self.state
        changes = tuple(
            (cell.name, concrete(cell.type, old), concrete(cell.type, new))
            for cell, old, new in zip(self.interpreter.layout.cells, self.state, following, strict=True)
            if old != new
        )
        self._deliver(action, changes)
        self.state = following
        records = machine.audit()
        dma, self._audited = records[self._audited :], len(records)
        return Taken(
            action, arguments, begin, machine.cycles(), changes, outcome.failures, self.differences(), dma, refused
        )

    def _perform(self, action: Action, arguments: Arguments) -> str:
        """The step's operations on the machine; the reason if it cannot do one of them."""
        environment = environment_of(action, arguments)
        try:
            for call in action.calls:
                for bound in self.interpreter.bindings(call.binders, environment):
                    if call.operation in ABSTRACT or not self.interpreter.holds(call.condition, self.state, bound):
                        continue
                    words = [concrete(a.type, self.interpreter.evaluate(a, self.state, bound)) for a in call.arguments]
                    if call.operation not in OPERATIONS:
                        return f"the machine has no operation `{call.operation}`"
                    OPERATIONS[call.operation](self.bench, *words)
        except MachineError as error:
            return str(error)
        return ""

    def _deliver(self, action: Action, changes: tuple[tuple[str, Concrete, Concrete], ...]) -> None:
        """A message that the step sent or took travels between the machine's actors, which takes time."""
        actors = {*self._facts.members("Vm"), *self._facts.members("Hypervisor")}
        for cell, _, waiting in changes:
            receiver = self._receivers.get(cell)
            if action.kind is not Kind.STEP or receiver not in actors or action.actor not in actors:
                continue
            message = cell.partition(".")[2]
            if waiting:
                self.bench.machine.send(action.actor, receiver, message)
            else:
                self.bench.machine.take_message(receiver, message)

    def differences(self) -> tuple[Difference, ...]:
        """Where the abstraction of the concrete state is not the model's state."""
        found = []
        for place, cell, point in self._watched:
            expected = concrete(cell.type, self.state[place])
            actual = READINGS[cell.function](self.bench, *point)
            if expected != actual:
                found.append(Difference(cell.name, expected, actual))
        context, saved = self._facts.table("context", self.state), self._facts.table("saved", self.state)
        found.extend(
            Difference(f"saved({device})", saved[device,], "another context")
            for device in self.bench.save_pages
            if not contexts_agree(self.bench, device, context[device,], saved[device,])
        )
        return tuple(found)


def _receivers(system: System) -> dict[str, str]:
    """For each inbox cell, the process that takes its message."""
    return {
        update.function: action.actor
        for action in system.actions
        if action.kind is Kind.STEP
        for update in action.updates
        if update.function.startswith("inbox.") and update.value == FALSE
    }
