"""The states of every size, counted up to "many", are among those of the search of all sizes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.oracles import TooMany, explore
from tests.every_size.chips import families
from tests.every_size.families import NotGrowingError, Searched, family_of_orbit
from tests.strategies import systems
from verifier.engines.every_size.counts import TooFewBlocks
from verifier.engines.every_size.many import NotForEverySize
from verifier.engines.every_size.search import KINDS
from verifier.engines.explicit import check
from verifier.engines.verdict import Outcome
from verifier.engines.watch import Stopped
from verifier.system.family import Family
from verifier.system.interpreter import Interpreter
from verifier.system.symmetry import infer

CHIP_CLAIMS = ("always0", "always1", "step", "asserted", "single_write")


@pytest.mark.slow
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_random_systems_of_every_size(data: st.DataObject) -> None:
    """All states of 1 to 4 blocks that the reference interpreter reaches are found; what one violates is not proved."""
    model = data.draw(systems())
    orbits = infer(Interpreter(model), [c for c in model.properties if c.kind in KINDS]).orbits
    assume(orbits)
    try:
        family = family_of_orbit(model, data.draw(st.sampled_from(orbits)), here=2)
        names = tuple(claim.name for claim in model.properties if claim.kind in KINDS)
        searched = Searched(family, names, data.draw(st.sampled_from((0, 0, 3))), 1000)
    except (NotForEverySize, NotGrowingError, TooFewBlocks, Stopped):
        assume(False)
        raise
    assert_contained(searched, family, names, 4)


@pytest.mark.slow
@given(families(), st.sampled_from((0, 0, 4)))
@settings(max_examples=60, deadline=None)
def test_random_chips_of_every_size(family: Family, many: int) -> None:
    """The same of systems that move chips about in all ways that a step can."""
    try:
        searched = Searched(family, CHIP_CLAIMS, many, 1000)
    except (NotForEverySize, TooFewBlocks, Stopped):
        assume(False)
        raise
    assert_contained(searched, family, CHIP_CLAIMS, 5)


def assert_contained(searched: Searched, family: Family, claims: tuple[str, ...], most: int) -> None:
    """For all sizes up to `most`, as far as the reference interpreter can look at all states."""
    found = searched.descriptions()
    for number in range(1, most + 1):
        system = family.at((number,))
        assert system is not None
        try:
            states, _, _ = explore(system, 300)
        except TooMany:
            return
        assert set(searched.exact(system, iter(states))) <= found
        asked = [claim for claim in system.properties if claim.name in claims]
        for verdict in check(system, asked, symmetry=False).verdicts:
            assert verdict.outcome is Outcome.HOLDS or verdict.property in searched.search.suspects
