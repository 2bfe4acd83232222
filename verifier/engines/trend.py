"""What the layers of a breadth-first search so far say about those to come.

The layers of most state spaces grow, then shrink: their logarithms lie near a parabola. One through the latest layers
says how many states are still to come. It is a guess, and a poor one while the layers still grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

LATEST = 6
"""At least so many of the latest layers count, and at least a third of all: single layers are uneven."""

DEEPEST = 100_000
"""How many layers are looked ahead."""


def to_come(layers: Sequence[tuple[int, int]]) -> float | None:
    """How many states lie in layers deeper than the last one; None if there is no telling.

    A layer is its depth and how many states it has, at least 1; depths grow, and may leave layers out.
    """
    points = [(float(depth), log(size)) for depth, size in layers[-max(LATEST, len(layers) // 3) :]]
    if len(points) < LATEST - 1:
        return None
    deepest, last = points[-1]
    _, slope, bend = _parabola([(depth - deepest, size) for depth, size in points])
    if bend > 0:  # they shrink more and more slowly, or grow faster and faster
        slope, bend = (last - points[0][1]) / (deepest - points[0][0]), 0.0
    if bend == 0 and slope >= 0:
        return None
    total = 0.0
    # From the last layer itself, not from where the parabola would have it.
    for ahead in range(1, DEEPEST):
        size = last + slope * ahead + bend * ahead * ahead
        if size < 0 and slope + 2 * bend * ahead < 0:
            return total
        if size > 100:
            return None
        total += exp(size)
    return None


def shrinking(layers: Sequence[tuple[int, int]]) -> bool:
    """Whether the last layer is smaller than the latest ones are on the average."""
    latest = [size for _, size in layers[-max(LATEST, len(layers) // 3) :]]
    return len(latest) >= LATEST - 1 and latest[-1] * len(latest) < sum(latest)


def _parabola(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """a, b and c such that a + b x + c x^2 is nearest to the points, in the sense of least squares."""
    moments = [sum(x**power for x, _ in points) for power in range(5)]
    rows = [[*moments[power : power + 3], sum(y * x**power for x, y in points)] for power in range(3)]
    for pivot in range(3):
        best = max(range(pivot, 3), key=lambda row: abs(rows[row][pivot]))
        rows[pivot], rows[best] = rows[best], rows[pivot]
        rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for other in range(3):
            if other != pivot:
                factor = rows[other][pivot]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[pivot], strict=True)]
    return rows[0][3], rows[1][3], rows[2][3]
