"""How a state is laid out: one flat tuple of values, one place per cell.

A *cell* is a state function at one point. Functions come in their declared order, points in row-major order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from verifier.system.system import Function, System
from verifier.system.types import Type, Value, position_of, render, size_of, values_of

State = tuple[Value, ...]
Point = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    function: str
    point: Point
    type: Type
    name: str
    """As written in a specification: `owner(0xee1f)`."""


def points_of(parameters: Sequence[Type]) -> tuple[Point, ...]:
    """Every point of the parameter types, in row-major order."""
    return tuple(product(*(values_of(kind) for kind in parameters)))


def point_index(parameters: Sequence[Type], point: Sequence[Value]) -> int:
    """The place of `point` in `points_of(parameters)`."""
    index = 0
    for kind, value in zip(parameters, point, strict=True):
        index = index * size_of(kind) + position_of(kind, value)
    return index


def point_name(function: Function, point: Sequence[Value]) -> str:
    """The cell as written in a specification."""
    if not point:
        return function.name
    inside = ", ".join(render(kind, value) for kind, value in zip(function.parameters, point, strict=True))
    return f"{function.name}({inside})"


class Layout:
    """The cells of a system's states.

    `cells[i]` describes place i of a state; `start[f]` is the first place of state function f.
    """

    def __init__(self, system: System) -> None:
        cells: list[Cell] = []
        self.start: dict[str, int] = {}
        self._parameters: dict[str, tuple[Type, ...]] = {}
        for function in system.state_functions:
            self.start[function.name] = len(cells)
            self._parameters[function.name] = function.parameters
            cells.extend(
                Cell(function.name, point, function.result, point_name(function, point))
                for point in points_of(function.parameters)
            )
        self.cells = tuple(cells)

    def place(self, function: str, point: Sequence[Value]) -> int:
        """The place in a state of the function's value at `point`."""
        return self.start[function] + point_index(self._parameters[function], point)
