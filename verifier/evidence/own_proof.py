"""What became of a claim that is proved by itself, not together with others: that something comes to pass, for one."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.engines.proof.progress.ranking import Ranking
from verifier.engines.proof.prover import Proof
from verifier.engines.verdict import Verdict
from verifier.evidence.proving import Violation
from verifier.system.system import Property

ASSUMPTION = "sorts being finite"
"""What a proof by sets that shrink assumes."""


@dataclass(frozen=True, slots=True)
class OwnProof:
    """What became of one claim: proved if there is no `reason`, and violated if there is a `violation`.

    If it is proved, `proof` is of what it was said to follow from. `ranking` says in words what comes to rest one after
    the other, as far as that was found, and `parts` are the ranking, if there is one that does. `searched` is the
    verdict on the only instance there is, if it holds there and that was not proved in any other way.
    """

    claim: Property
    ranking: tuple[str, ...] = ()
    violation: Violation | None = None
    reason: str = ""
    searched: Verdict | None = None
    parts: Ranking = ()
    proof: Proof | None = None

    @property
    def proved(self) -> bool:
        return self.violation is None and not self.reason

    @property
    def assumed(self) -> str:
        """What the proof assumes, as it stands behind its method; empty if nothing."""
        return f", {ASSUMPTION}" if self.parts else ""
