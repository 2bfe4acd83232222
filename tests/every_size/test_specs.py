"""The protocols and the benchmark: what is proved of them, that mistakes are not, and that the counts are exact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.every_size.families import Searched
from verifier.engines.every_size import prove
from verifier.engines.every_size.search import KINDS
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.search import Search
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.interpreter import Interpreter
from verifier.system.layout import State
from verifier.system.symmetry import infer
from verifier.system.system import System

ROOT = Path(__file__).parents[2]
BENCHMARK = ROOT / "tests" / "bench" / "page_flip.flip"
PAIR = ROOT / "specs" / "vfio_pair.flip"
GUARDED = ROOT / "specs" / "ownership_flip_guarded.flip"


def opened(path: Path) -> Specification:
    found = open_specification(path)
    assert isinstance(found, Specification)
    return found


def representatives(system: System, claims: tuple[str, ...]) -> Iterator[State]:
    """A state of each kind that the system has, by the exact symmetric search."""
    program = Program(system)
    asked = [claim for claim in system.properties if claim.name in claims]
    search = Search(program, asked, Watch(Budget(seconds=120)), infer(Interpreter(system), asked))
    search.run(whole=True)
    space = search.space
    for key in space.states:
        yield program.packing.unpack(tuple(space.quotient.view(key).state))


def safety(spec: Specification, settings: dict[str, int | str]) -> tuple[str, ...]:
    made = spec.elaborate(None, None, settings)
    assert isinstance(made, Elaborated)
    return tuple(claim.name for claim in made.system.properties if claim.kind in KINDS)


CASES = [
    pytest.param(BENCHMARK, {"limit": 1}, range(1, 4), 0.2, id="benchmark, one at a time"),
    pytest.param(BENCHMARK, {"limit": 1}, range(1, 13), 0.99, id="the same up to twelve", marks=pytest.mark.slow),
    pytest.param(BENCHMARK, {"limit": 2}, range(1, 5), 0.15, id="benchmark, two at a time", marks=pytest.mark.slow),
    pytest.param(PAIR, {}, range(2, 5), 0.4, id="pair, which is about two or more", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("path", "settings", "sizes", "share"), CASES)
def test_exact_counts_are_contained(path: Path, settings: dict[str, int | str], sizes: range, share: float) -> None:
    """All states of each size are found, and at least this share of what is found is a state of one of these sizes."""
    spec = opened(path)
    claims = safety(spec, settings)
    family = spec.family(None, None, settings)
    searched = Searched(family, claims)
    found = searched.descriptions()
    assert not set(claims) & set(searched.search.suspects)
    real = set()
    for size in sizes:
        system = family.at((size,))
        assert system is not None
        exact = set(searched.exact(system, representatives(system, claims)))
        assert exact <= found
        real |= exact
    assert len(real) >= share * len(found)


PROVED = [
    pytest.param(BENCHMARK, "four_singly", "proved for every size of Page (", id="benchmark"),
    pytest.param(BENCHMARK, "patent", "proved for every size of Page (", id="benchmark as in the patent"),
    pytest.param(PAIR, None, "proved for every size of Device >= 2 (", id="pair"),
    pytest.param(
        GUARDED, "as written", "proved for every size of window >= 2, rest = own with Data = 2 (",
        id="guarded flip of 225 pages", marks=pytest.mark.slow,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "instance", "method"), PROVED)
def test_protocols_are_proved(path: Path, instance: str | None, method: str) -> None:
    """Every claim about states and steps, of instances that are small, large, or too large to search."""
    spec = opened(path)
    made = spec.elaborate(None, instance)
    assert isinstance(made, Elaborated)
    found = prove(spec.family(None, instance), made.system.properties, Watch(Budget(seconds=120)))
    assert {v.property for v in found.verdicts} == {c.name for c in made.system.properties if c.kind in KINDS}
    assert all(verdict.method.startswith(method) for verdict in found.verdicts)


BROKEN = [
    (path, variant.name)
    for path in (BENCHMARK, *sorted((ROOT / "specs").glob("*.flip")))
    for variant in opened(path).variants
    if variant.violated
]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "variant"), BROKEN, ids=lambda part: part.stem if isinstance(part, Path) else part)
def test_mistakes_are_not_proved(path: Path, variant: str) -> None:
    """What a variant must violate is suspect, or the search does not come to its end."""
    spec = opened(path)
    made = spec.elaborate(variant)
    assert isinstance(made, Elaborated)
    wrong = {name for name, outlook in made.expected.items() if outlook == "violated"}
    found = prove(spec.family(variant), made.system.properties, Watch(Budget(states=3000)), machine_code=False)
    assert not wrong & {verdict.property for verdict in found.verdicts}
    safety = wrong & {claim.name for claim in made.system.properties if claim.kind in KINDS}
    assert found.reason or safety <= {suspicion.claim for suspicion in found.suspicions}
