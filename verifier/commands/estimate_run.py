"""What `flip estimate` does once its arguments are understood."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import ceil, log2, log10

from rich.text import Text

from verifier.commands.complaints import Complaints
from verifier.commands.interrupt import interruptible
from verifier.commands.memory import most_memory
from verifier.commands.output import print_lines
from verifier.commands.progress import progress
from verifier.commands.sources import settings_of, single, subject_of
from verifier.engines.estimate import Estimate, Family, Guess, Influence, estimate
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped
from verifier.evidence.results import SUCCESS, UNDETERMINED, WRONG
from verifier.evidence.trace import Subject
from verifier.language.diagnostics import escape
from verifier.language.elaborate.effort import Effort
from verifier.language.specification import Elaborated, Specification
from verifier.report.json import Json, dumps
from verifier.report.subject import heading, subject_to_json
from verifier.system.system import System

VERSION = 1

WORTH = 1.05
"""What multiplies the states less than this is not worth a line."""

MACHINE_CODE, PYTHON = 20e6, 200e3
"""Transitions a second that a search makes on a usual machine."""

COUNTS = 3
"""Words of a state that is stored as counts, usually."""

BESIDE = 5
"""Bytes for each state besides the state itself and its place in the table."""


def run(arguments: argparse.Namespace) -> int:
    """Estimate, print, and give the exit code."""
    found = single(arguments, Complaints())
    if found is None:
        return WRONG
    specification, elaborated = found
    subject = subject_of(specification, arguments.variant, arguments.instance, settings_of(arguments.settings))
    family = _family(specification, elaborated, arguments)
    budget = Budget(seconds=arguments.time, memory=most_memory())
    with interruptible() as interrupt, progress(specification.name) as observer:
        try:
            result = estimate(elaborated.system, family, budget, arguments.seed, interrupt.ending(observer))
        except Stopped as stopped:
            interrupt.end_if_happened()
            print(f"flip: no estimate: {escape(str(stopped))}", file=sys.stderr)
            return UNDETERMINED
    if arguments.format == "json":
        print(dumps(estimate_to_json(subject, result)), end="")
    else:
        print_lines(estimate_lines(subject, result))
    return SUCCESS


def _family(specification: Specification, elaborated: Elaborated, arguments: argparse.Namespace) -> Family:
    """The specification in other sizes of sorts and regions, those that can be chosen and are more than 1."""
    settings = dict(arguments.settings)

    def at(sizes: Mapping[str, int]) -> System | None:
        chosen = {**settings, **{name: str(size) for name, size in sizes.items()}}
        found = specification.elaborate_within(Effort(), arguments.variant, arguments.instance, chosen, any_size=True)
        return found.system if isinstance(found, Elaborated) else None

    sizes = {sort.name: len(sort.members) for sort in elaborated.system.sorts}
    sizes.update((region.name, len(region.gpa or region.hpa)) for region in elaborated.machine.regions)
    return Family({name: size for name, size in sizes.items() if size > 1 and at({name: size - 1}) is not None}, at)


def memory(result: Estimate, states: float, reduced: bool) -> float | None:
    """Bytes that a search in machine code needs for so many states; None if there is none.

    Under symmetry a state is stored as counts, which take fewer words where there are many members.
    """
    if result.words is None:
        return None
    words = min(result.words, COUNTS) if reduced else result.words
    return states * (8 * words + BESIDE) + 8 * 2.0 ** ceil(log2(states * 8 / 5))


def estimate_to_json(subject: Subject, result: Estimate) -> Json:
    """The document; see `schema/estimate.schema.json`."""
    return {
        "version": VERSION,
        **subject_to_json(subject),
        "bound_log10": round(log10(result.bound), 2),
        "bits": result.bits,
        "words": result.words,
        "symmetry": result.symmetry,
        "whole": _guess_to_json(result, result.whole, reduced=False),
        "reduced": None if result.reduced is None else _guess_to_json(result, result.reduced, reduced=True),
        "sizes": [asdict(influence) for influence in result.sizes],
        "functions": [asdict(influence) for influence in result.functions],
    }


def _guess_to_json(result: Estimate, guess: Guess, reduced: bool) -> Json:
    transitions = guess.likely * guess.branching
    bytes_ = memory(result, guess.likely, reduced)
    return {
        "low": round(guess.low),
        "likely": round(guess.likely),
        "high": None if guess.high is None else round(guess.high),
        "exact": guess.exact,
        "method": guess.method,
        "branching": round(guess.branching, 2),
        "memory": None if bytes_ is None else round(bytes_),
        "seconds": {"machine_code": round(transitions / MACHINE_CODE, 3), "python": round(transitions / PYTHON, 3)},
    }


def estimate_lines(subject: Subject, result: Estimate) -> Iterator[Text]:
    """The guesses, then what to make smaller."""
    yield heading(subject)
    yield Text(f"  at most {_number(result.bound)} states: the product of all ranges", "dim")
    words = "with cells too large for machine code" if result.words is None else f"{8 * result.words} bytes"
    yield Text(f"  a state has {result.bits} bits, {words}", "dim")
    yield from _guess_lines("without symmetry", result, result.whole, reduced=False)
    if result.reduced is not None:
        yield from _guess_lines("with symmetry", result, result.reduced, reduced=True)
        yield Text(f"  {escape(result.symmetry)}", "dim")
    yield from _influence_lines("with one member less, times fewer states", result.sizes)
    yield from _influence_lines("state that multiplies the states, times", result.functions)


def _guess_lines(what: str, result: Estimate, guess: Guess, reduced: bool) -> Iterator[Text]:
    yield Text("")
    if guess.exact:
        yield Text(f"  {what}: {_number(guess.likely)} states", "bold")
    elif guess.high is None:
        yield Text(f"  {what}: at least {_number(guess.likely)} states", "bold")
    else:
        between = f"{_number(guess.low)} to {_number(guess.high)}"
        yield Text(f"  {what}: about {_number(guess.likely)} states, perhaps {between}", "bold")
    yield Text(f"    {guess.method}; {guess.branching:.1f} transitions each", "dim")
    bytes_ = memory(result, guess.likely, reduced)
    transitions = guess.likely * guess.branching
    times = f"{_duration(transitions / MACHINE_CODE)} in machine code, {_duration(transitions / PYTHON)} in Python"
    yield Text(f"    {'' if bytes_ is None else f'{_bytes(bytes_)}; '}{times}")


def _influence_lines(title: str, influences: tuple[Influence, ...]) -> Iterator[Text]:
    influences = tuple(influence for influence in influences if influence.times >= WORTH)
    if influences:
        yield Text("")
        yield Text(f"  {title}", "bold")
        width = max(len(escape(influence.name)) for influence in influences)
        for influence in sorted(influences, key=lambda each: -each.times):
            yield Text(f"  {escape(influence.name):{width}}  {influence.times:6.1f}   ({influence.of})")


def _number(number: float) -> str:
    """In full while that can be read, else its order of magnitude."""
    if number < 1e15:
        return f"{number:,.0f}" if number < 1e6 else f"{float(f'{number:.3g}'):,.0f}"
    return f"10^{log10(number):.0f}"


def _bytes(number: float) -> str:
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return "more than 1000 TB"


def _duration(seconds: float) -> str:
    if seconds < 0.1:
        return "less than 0.1 s"
    for most, unit, length in ((90, "s", 1), (5400, "min", 60), (172_800, "h", 3600), (3e7, "days", 86_400)):
        if seconds < most:
            return f"{seconds / length:.2g} {unit}" if seconds / length < 10 else f"{seconds / length:.0f} {unit}"
    return "years"
