"""Estimates of the right order of magnitude, where the truth is known; exact ones that say so."""

from __future__ import annotations

from math import comb, log
from pathlib import Path

import pytest

from verifier.engines.estimate import Estimate, Family, Guess, Sizes, estimate, growth
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.system import System

ORACLES = Path(__file__).parents[1] / "oracles"
slow = pytest.mark.slow


def family_of(name: str, **settings: int) -> tuple[System, Family]:
    """A specification of known size, with the sort that makes it larger."""
    folder = ORACLES.parent / "bench" if name == "page_flip" else ORACLES
    opened = open_specification(folder / f"{name}.flip")
    assert isinstance(opened, Specification)

    def at(sizes: Sizes) -> System | None:
        found = opened.elaborate(None, None, {key: str(value) for key, value in {**settings, **sizes}.items()})
        return found.system if isinstance(found, Elaborated) else None

    (sort,) = (key for key in settings if key[0].isupper())
    system = at({})
    assert system is not None
    return system, Family({sort: settings[sort]}, at)


def estimated(name: str, **settings: int) -> Estimate:
    return estimate(*family_of(name, **settings), Budget())


@pytest.mark.parametrize(
    ("name", "settings", "states", "representatives"),
    [
        ("two_phase_commit", {"Manager": 4}, 1_568, 166),
        ("peterson", {"Process": 3, "n": 3}, 882, 172),
        ("mcs_lock", {"Process": 3}, 7_597, 1_285),
    ],
)
def test_few_states_are_counted(name: str, settings: dict[str, int], states: int, representatives: int) -> None:
    """The number is exact, and so is that of representatives."""
    found = estimated(name, **settings)
    assert found.reduced is not None
    for guess, number in ((found.whole, states), (found.reduced, representatives)):
        assert guess == Guess(number, number, number, True, "all states were searched", guess.branching)
    assert found.bound >= states
    (influence,) = found.sizes
    assert influence.times > 1
    assert found.functions[0].times >= found.functions[-1].times > 1


@slow
@pytest.mark.parametrize(
    ("name", "settings", "states", "representatives"),
    [
        ("two_phase_commit", {"Manager": 6}, 50_816, 553),
        ("two_phase_commit", {"Manager": 7}, 296_448, 920),
        ("two_phase_commit", {"Manager": 9}, 10_340_352, 0),
        ("peterson", {"Process": 5, "n": 5}, 628_868, 6_770),
        ("mcs_lock", {"Process": 4}, 554_221, 23_636),
        ("page_flip", {"Page": 6}, 2_102_384, 14_104),
        ("page_flip", {"Page": 7}, 16_790_584, 27_900),
        ("page_flip", {"Page": 10}, 0, 156_256),
        ("page_flip", {"Page": 225, "limit": 1}, 0, 39_300_960),
    ],
)
def test_many_states_are_guessed(name: str, settings: dict[str, int], states: int, representatives: int) -> None:
    """Within a factor of four, and the truth is between the bounds that are given."""
    found = estimated(name, **settings)
    assert found.reduced is not None
    for guess, number in ((found.whole, states), (found.reduced, representatives)):
        if number:
            assert number / 4 < guess.likely < number * 4
            assert guess.high is not None
            assert guess.low <= number <= guess.high
            assert guess.exact == (guess.low == guess.high)


@slow
def test_without_smaller_sizes() -> None:
    """As long as layers grow there is only a lower bound, and it says so; once they shrink, a guess."""
    model, _ = family_of("two_phase_commit", Manager=7)
    found = estimate(model, Family({}, lambda sizes: None), Budget())
    assert found.sizes == ()
    assert "lower bound" in found.whole.method
    assert found.whole.low <= found.whole.likely <= 296_448
    assert found.whole.high is None
    model, _ = family_of("peterson", Process=4, n=4)
    found = estimate(model, Family({}, lambda sizes: None), Budget())
    assert 22_281 / 4 < found.whole.likely < 22_281 * 4


def test_the_same_again() -> None:
    """Nothing depends on time or chance."""
    model, _ = family_of("two_phase_commit", Manager=5)
    first, second = (estimate(model, Family({}, lambda sizes: None), Budget(), seed=3) for _ in range(2))
    assert first == second


def test_no_more_than_there_can_be() -> None:
    """The product of the ranges is a bound of everything."""
    found = estimated("two_phase_commit", Manager=5)
    assert found.whole.high is not None
    assert found.whole.high <= found.bound == 4**5 * 4 * 2**5 * 2**5 * 2 * 2
    assert (found.bits, found.words) == (24, 1)
    assert found.reduced is not None
    assert found.reduced.high is not None
    assert found.reduced.high <= found.whole.high


def test_growth_of_what_grows_regularly() -> None:
    """By the same factor without symmetry, as multisets do with one."""
    powers = [(n, 3 * 5**n) for n in range(1, 5)]
    assert growth(powers, 20, False) / log(5) == pytest.approx(16)
    ways = [(n, comb(n + 7, 7)) for n in range(1, 6)]
    assert growth(ways, 225, True) == pytest.approx(log(comb(232, 7) / comb(12, 7)), rel=0.001)


def test_growth_that_gains() -> None:
    """A factor that has grown goes on growing, by half as much each time; one that has not stays."""
    counts = [(1, 10), (2, 100), (3, 4000)]
    once, twice = (growth(counts, size, False) for size in (4, 5))
    gain = log(40) - log(10)
    assert once == pytest.approx(log(40) + gain / 2)
    assert twice == pytest.approx(2 * log(40) + gain / 2 + gain * 3 / 4)
    assert growth([(1, 10), (2, 400), (3, 4000)], 4, False) == pytest.approx(log(10))
    assert growth([(1, 10), (2, 10)], 4, False) == growth([(1, 10)], 4, False) == 0


def test_a_budget_ends_it() -> None:
    """There is no estimate then."""
    model, _ = family_of("two_phase_commit", Manager=5)
    with pytest.raises(Stopped, match="seconds"):
        estimate(model, Family({}, lambda sizes: None), Budget(seconds=0))
