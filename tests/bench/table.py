"""The results as a Markdown table, which is read on a terminal as well."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.measure import Measured
from tests.bench.rows import Row
from tests.bench.targets import MB, ratio_of

TOOLS = ("Flip", "SPIN", "Rumur")
PEERS = TOOLS[1:]
HEAD = ("", "states", *(f"{tool}" for tool in TOOLS), *(f"{peer} / Flip" for peer in PEERS), "target")
WORTH_DIVIDING = 10_000_000
"""With fewer states the process itself is a good part of its memory."""
SAID = {True: ": met", False: ": **missed**", None: ""}
"""What is said behind a target."""


def head() -> str:
    """The first two lines."""
    return f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}"


def line(row: Row, measured: Mapping[str, Measured]) -> str:
    """The line of a row."""
    ended = [found for found in measured.values() if not found.stopped]
    found = any(one.violated for one in ended)
    counted = "" if found or not ended else f"{ended[0].states:,}"
    ratios = (_ratio(measured, peer) for peer in PEERS)
    goals = "; ".join(f"{goal.text}{SAID[goal.met(measured)]}" for goal in row.targets)
    return _line(row.title, counted, *(_cost(measured.get(tool)) for tool in TOOLS), *ratios, goals)


def without(row: Row, reason: str) -> str:
    """The line of a row for which there are no figures, and why."""
    return _line(row.title, *[""] * (len(HEAD) - 2), reason)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cost(measured: Measured | None) -> str:
    """CPU seconds, with their range; peak memory; and memory for each state where that means something."""
    if measured is None:
        return ""
    peak = f"{measured.peak / MB:,.0f} MB"
    if measured.stopped:
        return f"stopped at {measured.cpu:.0f} s, {peak}"
    spread = f" ({measured.least:.2f}-{measured.most:.2f})" if measured.runs > 1 else " (once)"
    each = f", {measured.peak / measured.states:.0f} B" if _is_large(measured) else ""
    return f"{measured.cpu:.2f} s{spread}, {peak}{each}"


def _is_large(measured: Measured) -> bool:
    return not measured.violated and measured.states >= WORTH_DIVIDING


def _ratio(measured: Mapping[str, Measured], peer: str) -> str:
    ratio = ratio_of(measured, peer)
    if ratio is None:
        return ""
    return f"{'> ' if measured[peer].stopped else ''}{ratio:.1f}"
