"""What an engine answers: a verdict per property, with the behaviour that shows it where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from verifier.system.layout import State
from verifier.system.types import Value


class Outcome(Enum):
    """What was established. Anything cut short by a budget is UNDETERMINED, never HOLDS."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDETERMINED = "undetermined"
    ERROR = "error"


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
class Budget:
    """Limits of one search; None is no limit. `memory` is in bytes of the whole process."""

    seconds: float | None = None
    states: int | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a running search."""

    engine: str
    states: int
    transitions: int
    depth: int
    waiting: int
    seconds: float


Observer = Callable[[Progress], None]
