"""Layers to come, guessed from those that are known."""

from __future__ import annotations

from collections.abc import Callable
from math import comb, exp

import pytest

from verifier.engines.trend import shrinking, to_come

TWO_PHASE = [1, 15, 105, 462, 1456, 3570, 7259, 12861, 20449, 29372, 37772, 42924]
TWO_PHASE += [42651, 36785, 27371, 17447, 9436, 4277, 1603, 490, 119, 21, 2]
"""Of two-phase commit with seven managers: 296,448 states."""


def bell(depth: int) -> int:
    return round(1e6 * exp(-((depth - 40) ** 2) / 200)) + 1


@pytest.mark.parametrize(
    ("layers", "tolerance"),
    [([comb(40, k) for k in range(41)], 0.1), ([bell(d) for d in range(81)], 0.1), (TWO_PHASE, 0.1)],
)
def test_layers_that_shrink(layers: list[int], tolerance: float) -> None:
    """The total is found early after the widest layer, and every other layer is enough."""
    widest = layers.index(max(layers))
    for every in (1, 2):
        for known in range(widest + max(4, len(layers) // 8), len(layers) - 2):
            points = [(depth, size) for depth, size in enumerate(layers[: known + 1]) if (known - depth) % every == 0]
            if len(points) < 6:
                continue
            deeper = to_come(points)
            assert deeper is not None
            total = sum(layers[: known + 1]) + deeper
            assert total == pytest.approx(sum(layers), rel=tolerance)
            assert shrinking(points)


@pytest.mark.parametrize(
    "size", [lambda depth: 2**depth, lambda depth: 5, lambda depth: depth + 1, lambda depth: 2 ** (depth * depth)]
)
def test_layers_that_never_shrink(size: Callable[[int], int]) -> None:
    """There is no telling, or at least nothing is said to shrink."""
    layers = [(depth, size(depth)) for depth in range(30)]
    assert not shrinking(layers)
    for known in range(1, 30):
        deeper = to_come(layers[:known])
        assert deeper is None or deeper >= 0
    assert to_come(layers) is None or size(1) == 2


def test_few_layers_say_nothing() -> None:
    """Not even that they shrink."""
    assert to_come([]) is None
    assert to_come([(0, 9), (1, 8), (2, 1)]) is None
    assert not shrinking([(0, 9), (1, 8), (2, 1)])


def test_layers_that_shrink_steadily() -> None:
    """By half each time, as much is still to come as is in the last layer."""
    layers = [(depth, 2 ** (40 - depth)) for depth in range(20)]
    assert to_come(layers) == pytest.approx(2**21, rel=0.01)
