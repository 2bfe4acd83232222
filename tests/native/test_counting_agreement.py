"""The search by counts in machine code finds what the plain search under the same symmetry finds, and the whole one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.oracles import replay
from tests.native.symmetric import symmetric_systems
from tests.specs.answers import specification
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.search import KINDS, Search, shows
from verifier.engines.explicit.stuck import find_stuck
from verifier.engines.explicit.vacuity import findings
from verifier.engines.native import NativeUnavailable, vacuity
from verifier.engines.native.counting import kernel, ledger, patterns, search
from verifier.engines.native.counting import vacuity as counting_vacuity
from verifier.engines.native.counting.ledger import Keys
from verifier.engines.native.counting.search import CountingSearch
from verifier.engines.verdict import Behaviour, Budget
from verifier.engines.watch import Stopped, Watch
from verifier.system.interpreter import Interpreter
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import Property, PropertyKind, System

MANNERS: dict[str, list[tuple[object, str, object]]] = {
    "as it is": [],
    "narrow": [(ledger, "FIRST_WIDTHS", (1, 0, 0)), (patterns, "FEW", 1)],
    "wide": [(ledger, "FIRST_WIDTHS", (3, 20, 20))],
    "functions for each action": [(kernel, "TOGETHER", 0), (kernel, "BATCH", 1)],
}
"""Ways of searching, by the constants that choose between them."""

SAFETY = KINDS | {PropertyKind.STUCK}


def safety(model: System) -> list[Property]:
    return [claim for claim in model.properties if claim.kind in SAFETY]


def lengths(shown: dict[str, Behaviour]) -> dict[str, int]:
    return {name: len(behaviour.steps) for name, behaviour in shown.items()}


def shows_it(model: System, claim: Property, behaviour: Behaviour) -> bool:
    """Whether the behaviour happens, and its end decides the claim, as the interpreter sees it."""
    states, failures = replay(model, behaviour)
    interpreter = Interpreter(model)
    match claim.kind:
        case PropertyKind.ALWAYS:
            return not interpreter.holds(claim.formula, states[-1])
        case PropertyKind.REACHABLE:
            return interpreter.holds(claim.formula, states[-1])
        case PropertyKind.STEP:
            return not interpreter.evaluate(claim.formula, states[-2], {}, states[-1])
        case _:
            return any(shows(claim, failure) for failure in failures)


def plain(program: Program, claims: list[Property], symmetry: Symmetry | None, states: int | None = None) -> Search:
    """The plain search, to its end; assumes that it finds no more than so many states."""
    search = Search(program, [claim for claim in claims if claim.kind in KINDS], Watch(Budget(states=states)), symmetry)
    try:
        search.run(whole=True)
    except Stopped:
        assume(False)
    return search


def counting(program: Program, claims: list[Property], symmetry: Symmetry, places: int = 16) -> CountingSearch:
    sought = [claim for claim in claims if claim.kind in KINDS]
    search = CountingSearch(program, sought, Watch(Budget()), symmetry, places=places)
    search.run(whole=True)
    return search


def agree(model: System, other: Search, found: CountingSearch, claims: list[Property]) -> None:
    """The same keys, each once, as many transitions, the same depth; equally short behaviours, which really happen."""
    keys = list(Keys(found.ledger, other.space.quotient))
    assert len(set(keys)) == len(keys)
    assert set(keys) == set(other.space.states)
    assert (found.transitions, found.depth, found.complete) == (other.space.transitions, other.space.depth, True)
    assert lengths(found.shown) == lengths(other.shown)
    for claim in claims:
        if claim.name in found.shown:
            assert shows_it(model, claim, found.shown[claim.name])
    watch = Watch(Budget())
    other_stuck = find_stuck(other.space, watch)
    for easy in (True, False):  # whether Python answers what is easy or machine code answers everything
        with pytest.MonkeyPatch.context() as patch:
            if not easy:
                patch.setattr(search, "FEW", -1)
                patch.setattr(counting_vacuity, "SAMPLE", 1)
                patch.setattr(vacuity, "CHUNK", 2)
            stuck = found.find_stuck(watch)
            assert found.findings(claims, watch) == findings(other.space, claims, watch)
        assert (stuck and len(stuck.steps)) == (other_stuck and len(other_stuck.steps))


def compare(model: System, places: int) -> None:
    program, claims = Program(model), safety(model)
    symmetry = infer(program.interpreter, claims)
    assume(symmetry.orbits)
    other = plain(program, claims, symmetry, 300)
    try:
        found = counting(program, claims, symmetry, places)
    except NativeUnavailable:
        assume(False)
    agree(model, other, found, claims)


@given(symmetric_systems(), st.sampled_from((1, 16, 1024)))
@settings(max_examples=8, deadline=None)
def test_random_systems(model: System, places: int) -> None:
    """Whatever they read, count, mark and update. A state that cannot be counted is no key: it is refused."""
    compare(model, places)


@pytest.mark.long
@pytest.mark.parametrize("manner", MANNERS)
@given(symmetric_systems(), st.sampled_from((1, 16, 1024)))
@settings(max_examples=60, deadline=None)
def test_many_random_systems(manner: str, model: System, places: int) -> None:
    """The same, however keys are written and however often that changes."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in MANNERS[manner]:
            patch.setattr(module, name, value)
        compare(model, places)


@pytest.mark.slow
@given(symmetric_systems())
@settings(max_examples=60, deadline=None)
def test_nothing_is_decided_otherwise_than_without_symmetry(model: System) -> None:
    """Every claim has the same answer, and one that a behaviour shows is shown in as many steps."""
    program, claims = Program(model), safety(model)
    symmetry = infer(program.interpreter, claims)
    assume(symmetry.orbits)
    whole = plain(program, claims, None, 2000)
    try:
        found = counting(program, claims, symmetry)
    except NativeUnavailable:
        assume(False)
    assert lengths(found.shown) == lengths(whole.shown)
    watch = Watch(Budget())
    assert (found.find_stuck(watch) is None) == (find_stuck(whole.space, watch) is None)


LARGER = {
    "flip_rollback": "three",
    "ownership_copy": "three",
    "ownership_flip": "four",
    "ownership_flip_guarded": "four",
    "vfio_pair": "three",
}
"""Instances in which something is interchangeable."""

VARIANTS = [(name, variant) for name in LARGER for variant in (None, *(v.name for v in specification(name).variants))]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_specifications(name: str, variant: str | None) -> None:
    """Protocols and every variant of them."""
    elaborated = specification(name).elaborate(variant, LARGER[name])
    assert not isinstance(elaborated, tuple)
    program, claims = Program(elaborated.system), safety(elaborated.system)
    symmetry = infer(program.interpreter, claims)
    found = counting(program, claims, symmetry)
    if len(found.states) > 20_000:
        pytest.skip(f"the plain search would take minutes for {len(found.states)} states")
    agree(elaborated.system, plain(program, claims, symmetry), found, claims)
