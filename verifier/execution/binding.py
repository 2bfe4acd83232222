"""Which operation of which model is which call of the machine, and which state function is which reading of it.

This is the only place where models and machine meet. Operations are known by their name; the simple IOMMU speaks of a
device's table and VT-d of a domain's, and the machine takes either. What has no counterpart on the machine is listed in
`ABSTRACT`: it is followed in the model alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.execution.concrete import PROCESS_ALL, Bench, Concrete
from verifier.machine.errors import MachineError

Operation = Callable[..., None]
"""Called with the bench and the operation's arguments in the machine's words."""
Reading = Callable[..., Concrete]


# Software: the VM management unit


def _flip(bench: Bench, address: int, source: str, target: str) -> None:
    bench.machine.flip_page(address, source, target)


def _copy(bench: Bench, address: int, source: str, target: str) -> None:
    machine = bench.machine
    source_page, target_page = machine.frame_of(source, address), machine.frame_of(target, address)
    if source_page is None or target_page is None:
        raise MachineError(
            f"copy of page {address:#x}: expected a page on both sides, found {source_page, target_page}"
        )
    machine.copy_page(source_page, target_page)


def _assign(bench: Bench, device: str, vm: str | None) -> None:
    bench.machine.assign_device(device, vm)


def _claim(bench: Bench, device: str, vm: str) -> None:
    bench.machine.claim_device(device, vm)


# Software: the address translation unit


def _map(bench: Bench, where: str, address: int, page: int | None) -> None:
    device, domain = _place(bench, where)
    if page is None:
        bench.machine.unmap_page(device, address, domain=domain)
    else:
        bench.machine.map_page(device, address, page, domain=domain)


def _unmap(bench: Bench, where: str, address: int) -> None:
    _map(bench, where, address, None)


def _invalidate(bench: Bench, device: str, address: int) -> None:
    bench.machine.invalidate_page(device, address)
    _settle(bench)


def _flush(bench: Bench, device: str) -> None:
    bench.machine.invalidate_all(device)
    _settle(bench)


def _attach(bench: Bench, device: str, domain: str | None) -> None:
    if domain is None:
        bench.machine.clear_context_entry(device)
    else:
        bench.machine.set_context_entry(device, bench.domains[domain])


def _flush_context(bench: Bench, device: str) -> None:
    bench.machine.invalidate_context(device)


def _flush_domain(bench: Bench, domain: str) -> None:
    device, name = _place(bench, domain)
    bench.machine.invalidate_all(device, domain=name)


# Software: the device


def _stop(bench: Bench, device: str) -> None:
    bench.machine.stop_device(device)


def _start(bench: Bench, device: str) -> None:
    bench.machine.start_device(device)


def _arm(bench: Bench, device: str) -> None:
    bench.machine.set_bus_master(device, True)


def _reset(bench: Bench, device: str) -> None:
    bench.machine.reset_device(device)


def _save(bench: Bench, device: str) -> None:
    bench.machine.save_context(device, _save_frame(bench, device))


def _restore(bench: Bench, device: str) -> None:
    """The driver takes what it finds; a device that is given a damaged context stays blank."""
    page = _save_frame(bench, device)
    if bench.machine.has_context(device, page):
        bench.machine.restore_context(device, page)
    else:
        bench.machine.blank_device(device)


# Hardware


def _fill(bench: Bench, device: str, address: int) -> None:
    bench.machine.fill_iotlb(device, address)


def _cache_context(bench: Bench, device: str) -> None:
    bench.machine.fill_context_cache(device)


def _complete_flush(bench: Bench, _: str) -> None:
    bench.machine.process_invalidations(PROCESS_ALL)


def _dma(bench: Bench, device: str, address: int, *_: Concrete) -> None:
    """The device does its next job if that writes to this page, and writes of its own accord if not."""
    if bench.jobs and bench.jobs[0][1] == address:
        bench.jobs.popleft()
        bench.machine.device_work(device)
    else:
        bench.machine.issue_dma(device, address)


def _land(bench: Bench, device: str, *_: Concrete) -> None:
    for write in bench.machine.posted(device)[:1]:
        bench.machine.land(write.number)


def _quiesce(bench: Bench, device: str) -> None:
    bench.machine.quiesce_device(device)


OPERATIONS: Mapping[str, Operation] = {
    "flip": _flip,
    "copy": _copy,
    "assign": _assign,
    "claim": _claim,
    "map": _map,
    "unmap": _unmap,
    "invalidate": _invalidate,
    "flush": _flush,
    "attach": _attach,
    "flush_context": _flush_context,
    "flush_domain": _flush_domain,
    "stop": _stop,
    "start": _start,
    "arm": _arm,
    "reset": _reset,
    "save": _save,
    "restore": _restore,
    "fill": _fill,
    "cache_context": _cache_context,
    "invalidate_context": _complete_flush,
    "invalidate_domain": _complete_flush,
    "dma": _dma,
    "land": _land,
    "quiesce": _quiesce,
}

ABSTRACT = frozenset({"issue", "collect", "sync_dirty"})
"""Operations that are part of another one on the machine, or that it does not have (it keeps no dirty bits)."""


def _owner(bench: Bench, page: int) -> Concrete:
    return bench.machine.owner_of(page)


def _ept(bench: Bench, vm: str, address: int) -> Concrete:
    return bench.machine.frame_of(vm, address)


def _driver(bench: Bench, device: str) -> Concrete:
    return bench.machine.driver_of(device)


def _run(bench: Bench, device: str) -> Concrete:
    return bench.machine.device_status(device).value


def _mastering(bench: Bench, device: str) -> Concrete:
    return bench.machine.bus_master(device)


def _posted(bench: Bench, device: str) -> Concrete:
    return next((write.hpa for write in bench.machine.posted(device)), None)


def _table(bench: Bench, where: str, address: int) -> Concrete:
    device, domain = _place(bench, where)
    return bench.machine.table_entry(device, address, domain=domain)


def _iotlb(bench: Bench, where: str, address: int) -> Concrete:
    device, domain = _place(bench, where)
    return bench.machine.iotlb_entry(device, address, domain=domain)


def _context_entry(bench: Bench, device: str) -> Concrete:
    return _domain(bench, bench.machine.context_entry(device))


def _context_cache(bench: Bench, device: str) -> Concrete:
    return _domain(bench, bench.machine.context_cache_entry(device))


READINGS: Mapping[str, Reading] = {
    "owner": _owner,
    "ept": _ept,
    "driver": _driver,
    "run": _run,
    "mastering": _mastering,
    "posted": _posted,
    "table": _table,
    "iotlb": _iotlb,
    "context_entry": _context_entry,
    "context_cache": _context_cache,
}
"""State functions whose every value must be what the machine shows. Contexts are compared by `contexts_agree`."""


def contexts_agree(bench: Bench, device: str, context: Concrete, saved: Concrete) -> bool:
    """Whether the machine's contexts are present where the model's opaque values are, and equal only if these are.

    The converse is not asked for: a model with two values has to come back to one that it had before.
    """
    page = _save_frame(bench, device)
    machine = bench.machine
    if (saved is not None) != machine.has_context(device, page) or (context is None) != machine.is_blank(device):
        return False
    return saved is None or context is None or saved == context or not machine.holds_current_context(device, page)


def _settle(bench: Bench) -> None:
    """The simple IOMMU's invalidations are submitted and waited for."""
    while not bench.machine.wait_invalidations():
        bench.machine.process_invalidations(PROCESS_ALL)


def _place(bench: Bench, where: str) -> tuple[str, str | None]:
    """The device and domain whose table is meant: the only device's, if `where` is a domain of the model."""
    if where in bench.domains:
        return next(iter(bench.save_pages)), bench.domains[where]
    return where, None


def _domain(bench: Bench, name: str | None) -> Concrete:
    return next((model for model, machine in bench.domains.items() if machine == name), None)


def _save_frame(bench: Bench, device: str) -> int:
    """The host page in which the device's driver (or the VM it is being taken from) finds the saved context."""
    machine = bench.machine
    address = bench.save_pages[device]
    driver = machine.driver_of(device)
    candidates = (driver, *bench.vms) if driver is not None else bench.vms
    page = next((p for vm in candidates if (p := machine.frame_of(vm, address)) is not None), None)
    if page is None:
        raise MachineError(f"saved context: expected a page at guest address {address:#x} of some VM, found none")
    return page
