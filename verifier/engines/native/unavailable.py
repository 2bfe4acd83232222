"""Why a system cannot be searched natively."""

from __future__ import annotations


class NativeUnavailable(Exception):  # noqa: N818  (not a failure: there is another engine)
    """There is no machine code for this system, or on this machine; the message says why."""


class Uncountable(NativeUnavailable):
    """Interchangeable members hold one another, or belong to a cell together: equal ones cannot be counted."""


class TooFewBlocks(NativeUnavailable):
    """A state of a search of several sizes has more blocks of an orbit, number `orbit`, than the system."""

    def __init__(self, orbit: int) -> None:
        super().__init__("a state has more interchangeable members than there are")
        self.orbit = orbit
