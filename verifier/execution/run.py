"""The protocol executed on the machine, at its full size, with the device at work before, during and after.

One schedule out of the many that the search looks at: a third of the jobs is done before the protocol begins; the next
third is in the ring when the device is told to stop, partly done; the rest comes after the hand-over. Steps are taken
in the order of the text as soon as they are possible, hardware moves only when nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from time import monotonic

from verifier.engines.verdict import Observer, Progress
from verifier.execution.lockstep import Lockstep, Taken
from verifier.machine.errors import MachineError
from verifier.machine.handover import input_of
from verifier.system.expressions import And, Expression, Variable, conjunction, walk
from verifier.system.interpreter import Arguments
from verifier.system.system import Action, Fairness, Kind, System
from verifier.system.types import SortType, values_of

STEP_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Run:
    """What happened. Cycles are the machine's; `jobs` are (source, destination) guest pages.

    `finished` says that no step was left to take and the protocol may stop there. `output` is what the device produced:
    the destination buffers of all jobs, in order, as its driver sees them at the end.
    """

    taken: tuple[Taken, ...]
    finished: bool
    jobs: tuple[tuple[int, int], ...]
    output: bytes
    lockstep: Lockstep

    @property
    def blackout(self) -> int | None:
        """Cycles from the command to stop to the device running again; None if it was not stopped and started."""
        stopped = next((t.begin for t in self.taken if _calls(t, "stop")), None)
        started = next((t.end for t in self.taken if _calls(t, "start")), None)
        return None if stopped is None or started is None else started - stopped


def run(system: System, window: tuple[int, ...], observer: Observer | None = None) -> Run:
    """Executes the protocol; `window` are the guest pages with the save page, the ring and the buffers, in this order.

    The observer hears of every step.

    Raises MachineError if the machine has no counterpart for the models, or the window has no room for a job.
    """
    return _Run(system, window, observer).run()


@dataclass
class _Run:
    system: System
    window: tuple[int, ...]
    observer: Observer | None
    lockstep: Lockstep = field(init=False)
    taken: list[Taken] = field(init=False, default_factory=list)
    cursor: dict[str, int] = field(init=False, default_factory=dict)
    began: float = field(init=False, default_factory=monotonic)

    def __post_init__(self) -> None:
        if len(self.window) < 4:
            raise MachineError(
                f"window: expected 4 pages (saved context, ring, a source, a destination), found {len(self.window)}"
            )
        self.lockstep = Lockstep(self.system)
        (self.device,) = self.lockstep.bench.save_pages
        buffers = self.window[2:]
        half = len(buffers) // 2
        self.jobs = tuple(zip(buffers[:half], buffers[half : 2 * half], strict=True))
        self.steps = [a for a in self.system.actions if a.kind is Kind.STEP]
        self.moves = [a for a in self.system.actions if a.kind is Kind.HARDWARE and a.fairness is not Fairness.NONE]
        self.shared = {action.name: _without(action) for action in self.system.actions}

    def run(self) -> Run:
        machine = self.lockstep.bench.machine
        for source, _ in self.jobs:
            machine.write_guest(self._driver(), source, input_of(source))
        third = max(1, len(self.jobs) // 3)
        self._queue(self.jobs[:third])
        while self._work():
            pass
        self._queue(self.jobs[third : 2 * third])
        self._perform_protocol()
        if not any(taken.refused for taken in self.taken):
            self._queue(self.jobs[2 * third :])
            while self._work():
                pass
        self._move()
        return Run(
            tuple(self.taken),
            self.lockstep.interpreter.holds(self.system.final, self.lockstep.state),
            self.jobs,
            b"".join(machine.read_guest(self._driver(), destination) for _, destination in self.jobs),
            self.lockstep,
        )

    def _tell(self) -> None:
        if self.observer is not None:
            steps = len(self.taken)
            self.observer(Progress("machine", steps, steps, steps, 0, monotonic() - self.began))

    def _perform_protocol(self) -> None:
        while len(self.taken) < STEP_LIMIT:
            if self._take_first(self.steps):
                self._work()
            elif not self._move():
                return

    def _move(self) -> bool:
        return self._take_first(self.moves)

    def _driver(self) -> str:
        driver = self.lockstep.bench.machine.driver_of(self.device)
        if driver is None:
            raise MachineError(f"{self.device}: expected a driver, found none")
        return driver

    def _queue(self, jobs: tuple[tuple[int, int], ...]) -> None:
        for source, destination in jobs:
            self.lockstep.bench.machine.queue_job(self.device, source, destination)
            self.lockstep.bench.jobs.append((source, destination))

    def _work(self) -> bool:
        """The device does its next job, if it has one and can reach what it needs."""
        bench = self.lockstep.bench
        if not bench.jobs or bench.machine.device_status(self.device).value != "running":
            return False
        if bench.machine.posted(self.device):
            self._take("land", self.device)
        source, destination = bench.jobs[0]
        if any(action.name == "cache_context" for action in self.system.actions):
            self._take("cache_context", self.device)
        reachable = [self._take("fill", self.device, address) for address in (self.window[1], source, destination)]
        return all(reachable) and self._take("dma", self.device, destination)

    def _take(self, name: str, *words: str | int) -> bool:
        """Take the named action with its first arguments given in the machine's words, if that is possible."""
        action = self.system.action(name)
        fixed = tuple(_index(parameter, word) for parameter, word in zip(action.parameters, words, strict=False))
        return self._take_one(action, (fixed + rest for rest in _choices(action.parameters[len(fixed) :])))

    def _take_first(self, actions: list[Action]) -> bool:
        for action in actions:
            if self.lockstep.interpreter.holds(self.shared[action.name], self.lockstep.state):
                # An `each` loop takes its elements in order: go on where the last one was found.
                choices = list(_choices(action.parameters))
                start = self.cursor.get(action.name, 0)
                for index in (*range(start, len(choices)), *range(start)):
                    if self._take_one(action, iter((choices[index],))):
                        self.cursor[action.name] = index
                        return True
        return False

    def _take_one(self, action: Action, choices: Iterator[Arguments]) -> bool:
        for arguments in choices:
            if self.lockstep.can(action, arguments):
                taken = self.lockstep.take(action, arguments)
                self.taken.append(taken)
                self._tell()
                return True
        return False


def _choices(parameters: tuple[Variable, ...]) -> Iterator[Arguments]:
    return product(*(values_of(parameter.type) for parameter in parameters))


def _index(parameter: Variable, word: str | int) -> int:
    assert isinstance(parameter.type, SortType)
    sort = parameter.type.sort
    return sort.members.index(str(word)) if sort.numbers is None else sort.numbers.index(int(word))


def _without(action: Action) -> Expression:
    """The part of the guard that the parameters have nothing to do with."""
    parts = action.guard.operands if isinstance(action.guard, And) else (action.guard,)
    names = {parameter.name for parameter in action.parameters}
    free = [p for p in parts if not any(isinstance(e, Variable) and e.name in names for e in walk(p))]
    return conjunction(*free)


def _calls(taken: Taken, operation: str) -> bool:
    return any(call.operation == operation for call in taken.action.calls)
