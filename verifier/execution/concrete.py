"""The concrete machine that a system's initial state describes, and the names by which model and machine agree.

A value of a sort with numbers (pages, addresses) is its number, one of any other sort its name; `none` is None.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from verifier.machine.device import RING_LIMIT
from verifier.machine.errors import MachineError
from verifier.machine.machine import Machine
from verifier.system.interpreter import Interpreter
from verifier.system.layout import State, points_of
from verifier.system.types import OptionalType, SortType, Type, Value

PROCESS_ALL = 256  # more descriptors than the invalidation queue can hold

Concrete = str | int | bool | None
"""A value as the machine knows it."""


def concrete(kind: Type, value: Value) -> Concrete:
    """The machine's word for a value of the model."""
    if value is None:
        return None
    match kind:
        case OptionalType(base):
            return concrete(base, value)
        case SortType(sort):
            return sort.members[value] if sort.numbers is None else sort.numbers[value]
        case _:
            return value


@dataclass(frozen=True)
class Bench:
    """A machine and what is needed to find one's way in it.

    `domains` gives the machine's DMA domain (a VM's name) for each domain of the model, where the model has them;
    `save_pages` gives the guest page at which a device's context is saved; `jobs` are the (source, destination) pages
    of the jobs that a driver has queued and the device has not done.
    """

    machine: Machine
    vms: tuple[str, ...]
    domains: dict[str, str]
    save_pages: dict[str, int] = field(default_factory=dict)
    jobs: deque[tuple[int, int]] = field(default_factory=deque)


class Facts:
    """Reads a state of the model by the machine's words."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._functions = {function.name: function for function in interpreter.system.functions}

    def has(self, function: str) -> bool:
        return function in self._functions

    def members(self, sort: str) -> tuple[str, ...]:
        """The names of a sort's members; empty if the system has no such sort."""
        return next((s.members for s in self._interpreter.system.sorts if s.name == sort), ())

    def table(self, name: str, state: State) -> dict[tuple[Concrete, ...], Concrete]:
        """All values of a function, by point; empty if the system has no such function."""
        function = self._functions.get(name)
        if function is None:
            return {}
        values: dict[tuple[Concrete, ...], Concrete] = {}
        for point in points_of(function.parameters):
            key = tuple(concrete(kind, value) for kind, value in zip(function.parameters, point, strict=True))
            values[key] = concrete(function.result, self._interpreter.value_at(name, point, state))
        return values


def build(interpreter: Interpreter, state: State) -> Bench:
    """A machine in the configuration that an initial state describes: pages placed, tables written, device on.

    Raises MachineError if the models of the specification are not those that the machine can be built from.
    """
    facts = Facts(interpreter)
    if not (facts.has("ept") and facts.has("run") and facts.has("table")):
        raise MachineError("expected the models memory, bus_master and iommu or vtd, found others")
    machine = Machine()
    vms = facts.members("Vm")
    runs = [key for key, yes in facts.table("runs", state).items() if yes]
    for hypervisor in facts.members("Hypervisor"):
        machine.add_hypervisor(hypervisor)
    for vm in vms:
        machine.add_vm(vm, next((str(h) for h, hosted in runs if hosted == vm), facts.members("Hypervisor")[0]))
    for (guest, address), page in facts.table("ept", state).items():
        if page is not None:
            machine.place_page(_name(guest), _number(address), _number(page))
    for (page,), owner in facts.table("owner", state).items():  # pages that nobody sees are owned all the same
        if owner is not None and machine.owner_of(_number(page)) is None:
            machine.give_page(_number(page), _name(owner))
    domains = dict(zip(facts.members("Domain"), vms, strict=False))
    lies = facts.table("driver_lies", state).get((), False) is True
    bench = Bench(machine, vms, domains)
    for device in facts.members("Device"):
        _plug_in(device, lies, bench, facts, state)
    # A new root table means a flush of everything: it is over before the story begins.
    while not machine.wait_invalidations():
        machine.process_invalidations(PROCESS_ALL)
    return bench


def _plug_in(device: str, lies: bool, bench: Bench, facts: Facts, state: State) -> None:
    """Add a device, write its table, and let it run with a ring in the second page of what it is given."""
    machine = bench.machine
    machine.add_device(device, driver_lies=lies)
    driver = facts.table("driver", state)[device,]
    entry = facts.table("context_entry", state).get((device,))
    home = bench.domains[_name(entry)] if entry is not None else _name(driver)
    for (where, address), page in facts.table("table", state).items():
        if page is not None:
            domain = bench.domains.get(_name(where), home)
            machine.map_page(device, _number(address), _number(page), domain=domain)
    machine.set_context_entry(device, home)
    machine.assign_device(device, None if driver is None else _name(driver))
    machine.set_bus_master(device, True)

    seen = {page: address for (vm, address), page in facts.table("ept", state).items() if vm == driver}
    save_page = facts.table("save_page", state).get((device,))
    reachable = [_number(address) for (address,) in _addresses(facts, state, driver)]
    first = _number(seen[save_page]) if save_page is not None else min(reachable, default=0)
    bench.save_pages[device] = first
    machine.set_up_ring(device, first + 1 if first + 1 in reachable else first, RING_LIMIT)
    machine.start_device(device)


def _addresses(facts: Facts, state: State, vm: Concrete) -> list[tuple[Concrete]]:
    return [(address,) for (who, address), page in facts.table("ept", state).items() if who == vm and page is not None]


def _name(value: Concrete) -> str:
    if not isinstance(value, str):
        raise MachineError(f"expected the name of a VM, device or domain, found {value!r}")
    return value


def _number(value: Concrete) -> int:
    if not isinstance(value, int):
        raise MachineError(f"expected the number of a page or address, found {value!r}")
    return value
