"""A small figure to try things on: ten pages of vm1, one of a bystander, a nic that runs."""

import pytest

from verifier.machine import Figure, Machine

from .helpers import make_machine


@pytest.fixture
def figure() -> Figure:
    """The first ten pages of the figure."""
    return Figure.contiguous(10)


@pytest.fixture
def machine(figure: Figure) -> Machine:
    """The small figure, running."""
    return make_machine(figure)
