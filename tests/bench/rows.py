"""What is measured: models, sizes, tools, and what is hoped for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.flip import Flip
from tests.bench.measure import Entry
from tests.bench.rumur import Rumur
from tests.bench.spin import Spin
from tests.bench.targets import Ahead, BytesPerState, Memory, Seconds, Target

HERE = Path(__file__).parent
ORACLES = HERE.parent / "oracles"
SPECS = HERE.parents[1] / "specs"

INVARIANTS = ("old_confined", "new_confined", "no_seizure", "context_intact", "owned", "all_moved", "all_back")
"""What the page flip claims of all states."""

WHOLE = ("--no-symmetry", "--threads", "1")
"""How Flip looks at every state, where the other tools do that with one thread too."""


@dataclass(frozen=True)
class Row:
    """Jobs that are compared, and what is hoped for."""

    name: str
    title: str
    entries: tuple[Entry, ...]
    targets: tuple[Target, ...] = ()


def pages(instance: str, *options: str, variant: str = "none") -> Flip:
    """Flip on an instance of the page flip."""
    return Flip(HERE / "page_flip.flip", ("--instance", instance, "--variant", variant, *options))


def proof(*options: str) -> Flip:
    """Flip on the invariants of the page flip, which it is to prove for every number of pages; it has time for that."""
    asked = tuple(part for name in INVARIANTS for part in ("--property", name))
    return replace(pages("two", "--time", "100", *asked, *options), every_size=True)


def pages_in_spin(pages: int, limit: int = 0, bug: int = 0, table: int = 24) -> Spin:
    """SPIN on the page flip."""
    return Spin(HERE / "page_flip.pml", (("N", pages), ("LIMIT", limit), ("BUG", bug)), table)


def pages_in_rumur(pages: int, limit: int = 0, bug: int = 0, symmetry: str = "off") -> Rumur:
    """Rumur on the page flip."""
    return Rumur(HERE / "page_flip.m", (("N", pages), ("LIMIT", limit), ("BUG", bug)), symmetry)


def oracle(name: str, instance: str, size: int, symmetry: bool) -> tuple[Entry, ...]:
    """Flip and Rumur on a model of tests/oracles, of which Rumur has the text that one writes for Murphi."""
    reduced = () if symmetry else WHOLE
    flip = Flip(ORACLES / f"{name}.flip", ("--instance", instance, "--variant", "none", *reduced))
    rumur = Rumur(HERE / f"{name}.m", (("N", size),), "exhaustive" if symmetry else "off")
    return (Entry(flip), Entry(rumur))


ROWS = (
    Row(
        "cold",
        "a small specification, cold: `specs/ownership_flip.flip`",
        (Entry(Flip(SPECS / "ownership_flip.flip", ("--variant", "none"))),),
        (Seconds(0.6),),
    ),
    Row(
        "2pc",
        "two-phase commit, 7 managers",
        oracle("two_phase_commit", "seven", 7, symmetry=False),
        (Seconds(0.7),),
    ),
    Row(
        "peterson",
        "Peterson's lock, 5 processes",
        oracle("peterson", "five", 5, symmetry=False),
        (Ahead(30, "Rumur"),),
    ),
    Row(
        "peterson-symmetric",
        "Peterson's lock, 5 processes, symmetry",
        oracle("peterson", "five", 5, symmetry=True),
    ),
    Row(
        "mcs",
        "queue lock, 4 processes",
        oracle("mcs_lock", "four", 4, symmetry=False),
        (Ahead(30, "Rumur"),),
    ),
    Row(
        "mcs-symmetric",
        "queue lock, 4 processes, symmetry",
        oracle("mcs_lock", "four", 4, symmetry=True),
    ),
    Row(
        "flip-6",
        "page flip, 6 pages",
        (Entry(pages("six", *WHOLE)), Entry(pages_in_spin(6)), Entry(pages_in_rumur(6), slow=True)),
        (Ahead(10, "SPIN"), Ahead(30, "Rumur")),
    ),
    Row(
        "flip-7",
        "page flip, 7 pages",
        (Entry(pages("seven", *WHOLE)), Entry(pages_in_spin(7, table=26)), Entry(pages_in_rumur(7), slow=True)),
        (Ahead(10, "SPIN"), Ahead(30, "Rumur"), BytesPerState(32)),
    ),
    Row(
        "flip-10-symmetric",
        "page flip, 10 pages, symmetry",
        (Entry(pages("ten")), Entry(pages_in_rumur(10, symmetry="heuristic"))),
        (Ahead(25, "Rumur"),),
    ),
    Row(
        "flip-225-symmetric",
        "page flip, 225 pages, one on its way, symmetry",
        (
            Entry(pages("patent"), slow=True, limit=300),
            Entry(pages_in_rumur(225, limit=1, symmetry="heuristic"), slow=True, limit=60),
        ),
        (Seconds(20), Memory(1500)),
    ),
    Row(
        "every-size",
        "page flip, every number of pages",
        (Entry(proof()),),
        (Seconds(1),),
    ),
    Row(
        "every-size-singly",
        "page flip, every number of pages, one on its way",
        (Entry(proof("--set", "limit=1")),),
        (Seconds(1),),
    ),
    Row(
        "bug",
        "page flip, 7 pages, first counterexample",
        (Entry(pages("seven", *WHOLE, "--first", variant="bug")), Entry(pages_in_spin(7, bug=1, table=26))),
        (Ahead(1, "SPIN"),),
    ),
)
"""Rumur's symmetry is `exhaustive` where `heuristic` keeps more than one state of an orbit, and Flip does not."""
