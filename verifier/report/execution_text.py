"""What happened on the machine, for people: timeline, audit of DMA, what moved, what it cost, and the damage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.text import Text

from verifier.execution.lockstep import Taken
from verifier.execution.run import Run
from verifier.language.diagnostics import escape
from verifier.machine.audit import Direction, DmaRecord, Verdict
from verifier.machine.handover import Handover
from verifier.machine.interface import MachineInterface
from verifier.machine.memory import PAGE_MASK, PAGE_SIZE, page_of
from verifier.system.system import Kind

LABEL = 12
BYTES_SHOWN = 48


def run_lines(run: Run, undisturbed: Handover, ways: Sequence[Handover]) -> Iterator[Text]:
    """The execution of a whole protocol; `ways` are the machine's own hand-overs of the same window, to compare."""
    yield from _timeline(run.taken)
    machine = run.lockstep.bench.machine
    yield from audit_lines(machine)
    yield from _moved(run.taken)
    yield from _refinement(run.taken)
    yield from _refusals(run.taken)
    equal = run.output == undisturbed.output
    same = "equal to those of an undisturbed run" if equal else "NOT those of an undisturbed run"
    buffers = f"{len(run.jobs)} buffers, {len(run.output):,} bytes"
    yield _line("output", f"{buffers}: {same}", "" if equal else "bold red")
    if not run.finished:
        yield _line("unfinished", "no step is possible any more, and the protocol has not come to its end", "bold red")
    if run.blackout is not None:
        yield _line("blackout", f"{run.blackout:>13,} cycles, this protocol step by step")
    for way in ways:
        yield _line("", f"{way.blackout:>13,} cycles, {_WAYS[way.way]}")


_WAYS = {
    "flip": "flipping the same window, done by hand with one invalidation for all",
    "copy": "copying it, likewise",
    "reattach": "detaching the device and attaching it again, with reset and probe",
}


def replay_lines(machine: MachineInterface, taken: Sequence[Taken]) -> Iterator[Text]:
    """What a counterexample did to the machine."""
    yield Text.assemble((f"on the machine, {_number(len(taken), 'step')}", "bold"))
    yield from audit_lines(machine)
    yield from _refinement(taken)
    yield from _refusals(taken)
    yield from damage_lines(machine)


def _refusals(taken: Sequence[Taken]) -> Iterator[Text]:
    """What the machine would not do."""
    for step in taken:
        if step.refused:
            yield _line("refused", f"{escape(step.action.name)}: {escape(step.refused)}", "yellow")


def audit_lines(machine: MachineInterface) -> Iterator[Text]:
    """How many DMA requests there were, and every one that went where it had no business."""
    records = machine.audit()
    reads = sum(record.direction is Direction.READ for record in records)
    blocked = sum(record.verdict is Verdict.BLOCKED for record in records)
    counted = f"{reads} reads, {len(records) - reads} writes, {blocked} blocked"
    bad = machine.violations()
    if bad:
        yield _line("DMA audit", f"{counted}; {len(bad)} in pages that are not the driver's", "bold red")
    else:
        yield _line("DMA audit", f"{counted}; each in a page of the device's driver")


def damage_lines(machine: MachineInterface) -> Iterator[Text]:
    """For each DMA that went astray: who owns the page, and the bytes that are in it now."""
    for record in machine.violations():
        yield _line("damage", _in_words(record), "bold red")
        data = record.data[:BYTES_SHOWN]
        for start in range(0, len(data), 16):
            row = data[start : start + 16]
            shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            yield _line("", f"{(record.address or 0) + start:#010x}  {row.hex(' '):47}  {shown}", "red")


def _in_words(record: DmaRecord) -> str:
    address, size = record.address or 0, min(len(record.data), PAGE_SIZE)
    did = "wrote to" if record.direction is Direction.WRITE else "read"
    who = f"{escape(record.device)} (driver {escape(record.driver or 'nobody')})"
    whose = f"a page of {escape(record.owner or 'nobody')}"
    return f"{who} {did} hpa {page_of(address):#x}, {whose}, at offset {address & PAGE_MASK:#x}: {size} bytes"


def _timeline(taken: Sequence[Taken]) -> Iterator[Text]:
    """One line for each stretch of steps with the same label; hardware that moves amid it belongs to it."""
    yield Text(f"  {'cycle':>13}  {'cycles':>13}  {'step':16}what happened", "bold")
    labelled = list(zip(_labels(taken), taken, strict=True))
    for label, group in groupby(labelled, key=lambda pair: pair[0]):
        steps = [step for _, step in group]
        begin, end = steps[0].begin, steps[-1].end
        text = f"  {begin:>13,}  {end - begin:>13,}  {escape(label):16}{_summary(steps)}"
        yield Text(text, "dim" if label == "" else "")


def _labels(taken: Sequence[Taken]) -> list[str]:
    """The label that each step is shown under: none for hardware between steps of different labels."""
    labels = [_label(step) for step in taken]
    before, after = [*labels], [*labels]
    for index in range(1, len(labels)):
        before[index] = before[index] or before[index - 1]
    for index in range(len(labels) - 2, -1, -1):
        after[index] = after[index] or after[index + 1]
    return [earlier if earlier == later else "" for earlier, later in zip(before, after, strict=True)]


def _label(taken: Taken) -> str:
    return taken.action.step or taken.action.name if taken.action.kind is Kind.STEP else ""


def _summary(steps: Sequence[Taken]) -> str:
    calls = [call.operation for step in steps if step.action.kind is Kind.STEP for call in step.action.calls]
    counted = [f"{name} x {count}" if count > 1 else name for name, count in _counts(calls)]
    jobs = sum(step.action.name == "dma" for step in steps)
    writes = sum(record.direction is Direction.WRITE for step in steps for record in step.dma)
    if jobs or writes:
        counted.append(f"device: {_number(jobs, 'job')}, {_number(writes, 'write')} landed")
    if counted:
        return ", ".join(counted)
    return "(messages only)" if any(step.action.kind is Kind.STEP for step in steps) else "(hardware comes to rest)"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _counts(names: Iterable[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return list(counts.items())


def _moved(taken: Sequence[Taken]) -> Iterator[Text]:
    moved: dict[tuple[str, str], list[int]] = {}
    for step in taken:
        for cell, old, new in step.changes:
            if cell.startswith("owner("):
                moved.setdefault((str(old), str(new)), []).append(int(cell[6:-1], 16))
    if not moved:
        yield _line("moved", "no page changed its owner")
    for (old, new), pages in moved.items():
        yield _line("moved", f"{len(pages)} pages from {escape(old)} to {escape(new)}: {_ranges(sorted(pages))}")


def _ranges(pages: Sequence[int]) -> str:
    """`0xee1f .. 0xeeff`, and so on for each unbroken range."""
    shown: list[str] = []
    start = previous = pages[0]
    for page in (*pages[1:], None):
        if page is None or page != previous + 1:
            shown.append(f"hpa {start:#x}" if start == previous else f"hpa {start:#x} .. {previous:#x}")
            start = page or 0
        previous = page or 0
    return ", ".join(shown[:4]) + (", ..." if len(shown) > 4 else "")


def _refinement(taken: Sequence[Taken]) -> Iterator[Text]:
    wrong = [step for step in taken if step.differences]
    if not wrong:
        yield _line("refinement", f"after each of {len(taken)} steps the machine's state was the model's")
    for step in wrong[:1]:
        yield _line("refinement", f"after {escape(step.action.name)} machine and model differ:", "bold red")
        for difference in step.differences[:8]:
            text = f"{escape(difference.cell)}: model {difference.model}, machine {difference.machine}"
            yield _line("", text, "red")


def _line(label: str, text: str, style: str = "") -> Text:
    return Text.assemble("  ", (f"{label:{LABEL}}", "bold"), (text, style))
