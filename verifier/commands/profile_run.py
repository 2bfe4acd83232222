"""What `flip profile` does once its arguments are understood."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from math import log10

from rich.text import Text

from verifier.commands.complaints import Complaints
from verifier.commands.interrupt import interruptible
from verifier.commands.memory import most_memory
from verifier.commands.output import print_lines
from verifier.commands.progress import progress
from verifier.commands.sources import settings_of, single, subject_of
from verifier.engines.profile import FunctionProfile, Profile, profile
from verifier.engines.verdict import Budget
from verifier.evidence.results import SUCCESS, UNDETERMINED, WRONG
from verifier.evidence.trace import Subject
from verifier.language.diagnostics import escape
from verifier.report.json import Json, dumps
from verifier.report.subject import heading, subject_to_json

VERSION = 1

LARGE = 10**15
"""Numbers from here on are shown by their size only, and not in JSON, where many programs could not read them."""


def run(arguments: argparse.Namespace) -> int:
    """Search, look, print, and give the exit code."""
    found = single(arguments, Complaints())
    if found is None:
        return WRONG
    specification, elaborated = found
    system = elaborated.system
    budget = Budget(arguments.time, arguments.states, arguments.memory or most_memory())
    with interruptible() as interrupt, progress(specification.name) as observer:
        result = profile(
            system,
            system.properties,
            arguments.sample,
            budget,
            interrupt.ending(observer),
            not arguments.no_symmetry,
        )
    subject = subject_of(specification, arguments.variant, arguments.instance, settings_of(arguments.settings))
    code = SUCCESS if result.complete else UNDETERMINED
    if arguments.format == "json":
        print(dumps({**profile_to_json(subject, result), "exit_code": code}), end="")
    else:
        print_lines(profile_lines(subject, result))
    return code


def profile_to_json(subject: Subject, result: Profile) -> Json:
    """The document; see `schema/profile.schema.json`."""
    return {
        "version": VERSION,
        **subject_to_json(subject),
        "states": result.states,
        "transitions": result.transitions,
        "depth": result.depth,
        "looked": result.looked,
        "initial": result.initial,
        "complete": result.complete,
        "exact": result.exact,
        "reason": result.reason,
        "symmetry": result.symmetry,
        "actions": [
            {"name": action.name, "enabled": action.enabled, "fired": action.fired, "first": action.first}
            for action in result.actions
        ],
        "functions": [
            {
                "name": function.name,
                "values": function.values,
                "possible": function.possible if function.possible < LARGE else None,
                "without": function.without,
                "cells": [
                    {"name": cell.name, "values": cell.values, "possible": cell.possible} for cell in function.cells
                ],
            }
            for function in result.functions
        ],
    }


def profile_lines(subject: Subject, result: Profile) -> Iterator[Text]:
    """Two tables, the actions in their order and what multiplies the states most first."""
    yield heading(subject)
    yield Text(f"  {result.states} states, {result.transitions} transitions, depth {result.depth}", "dim")
    if not result.complete:
        yield Text(f"  not all states: {escape(result.reason)}", "yellow")
    if result.looked < result.states:
        yield Text(f"  a sample: {result.looked} of these states were looked at; --sample N for more", "yellow")
    if result.symmetry:
        yield Text(f"  of representatives: {escape(result.symmetry)}", "dim")
    yield Text("")
    rows = [(a.name, f"{a.enabled}", f"{a.fired}", f"{a.first}") for a in result.actions]
    header = ("action", "possible in", "transitions", "states first found")
    yield from _table(header, rows, [action.fired == 0 for action in result.actions])
    yield Text("")
    functions = sorted(result.functions, key=lambda f: (f.without if f.without is not None else 0, -f.values))
    rows = [
        (f.name, f"{len(f.cells)}", f"{f.values} of {_size(f.possible)}", _without(f, result.looked)) for f in functions
    ]
    yield from _table(("state", "cells", "contents", "states without it"), rows, [False] * len(rows))


def _without(function: FunctionProfile, states: int) -> str:
    if function.without is None:
        return "not known from a sample"
    times = states / max(function.without, 1)
    return f"{function.without}, {f'{times:.1f} times fewer' if function.without < states else 'as many'}"


def _size(number: int) -> str:
    return str(number) if number < LARGE else f"10^{log10(number):.0f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], weak: Sequence[bool]) -> Iterator[Text]:
    """Names on the left, numbers under each other; what is `weak` catches the eye."""
    shown = [header, *([escape(row[0]), *row[1:]] for row in rows)]
    widths = [max(len(row[column]) for row in shown) for column in range(len(header))]
    styles = ["bold", *("yellow" if mark else "" for mark in weak)]
    for row, style in zip(shown, styles, strict=True):
        name, *numbers = zip(row, widths, strict=True)
        cells = [f"{name[0]:{name[1]}}", *(f"{text:>{width}}" for text, width in numbers)]
        yield Text(f"  {'  '.join(cells)}", style)
