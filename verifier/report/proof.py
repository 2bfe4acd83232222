"""What there is to say of a proof beside its verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.failed_step import FailedStep
from verifier.engines.proof.strata import Cycle
from verifier.engines.proof.support import Need, Spare


@dataclass(frozen=True, slots=True)
class ProofReport:
    """`sizes` are those that the proof is about, in words, and `kept` the sizes that are as in the instance.

    `explained` is what the claim asked about rests on, `spare` what no claim needs; None if that was not asked.
    `rankings` say for claims that something comes to pass what comes to rest before it must, by the claims' names.
    """

    sizes: str
    kept: tuple[str, ...]
    covers_instance: bool
    lemmas: tuple[Lemma, ...]
    failed_steps: tuple[FailedStep, ...]
    warnings: tuple[Cycle, ...]
    explained: tuple[Need, ...] | None
    spare: tuple[Spare, ...] | None
    rankings: Mapping[str, tuple[str, ...]]
