"""What an engine answers: a verdict per property, with the behaviour that shows it where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from verifier.system.layout import State
from verifier.system.types import Value


class Outcome(Enum):
    """What was established. Anything cut short by a budget is UNDETERMINED, never HOLDS."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDETERMINED = "undetermined"
    ERROR = "error"


TRACE = "trace"
LONGER_TRACE = "trace, perhaps not the shortest"
"""The methods of a verdict that rests on a behaviour alone; with the first, there is none of fewer steps."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """An initial state and the actions taken from it; a lasso when `loop` is the index of the state it returns to.

    States are counted from 0, the initial one; a lasso's last action leads back to state `loop`.
    """

    initial: State
    steps: tuple[tuple[str, tuple[Value, ...]], ...]
    loop: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one property.

    `behaviour` is the counterexample of a violated property or the witness of a reachable one; `reason` says why an
    outcome is undetermined or an error, or where a scenario that is not possible ends; `states`, `transitions` and
    `depth` measure the search.
    """

    property: str
    outcome: Outcome
    method: str
    states: int = 0
    transitions: int = 0
    depth: int = 0
    seconds: float = 0.0
    behaviour: Behaviour | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Keeping:
    """A directory where long searches keep what they have found, each every so many `seconds`, and go on from it."""

    directory: Path
    seconds: float = 60.0


class CheckpointError(Exception):
    """What was kept of an earlier search cannot be used; the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one search may use; None is no limit. `memory` is in bytes of the whole process.

    `threads` is how many may search together; None is as many as there are processors for and are of use. The results
    are the same. Without `keeping`, a search that outgrows its memory uses a temporary file, and nothing is left of it
    at its end.
    """

    seconds: float | None = None
    states: int | None = None
    memory: int | None = None
    keeping: Keeping | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a running search. `memory` is in bytes of the whole process, 0 where nobody looked.

    Where there are no states to be counted, `doing` says in words what is done.
    """

    engine: str
    states: int
    transitions: int
    depth: int
    waiting: int
    seconds: float
    memory: int = 0
    doing: str = ""


Observer = Callable[[Progress], None]
