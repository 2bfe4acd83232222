"""What there is to say of a proof beside its verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.strata import Cycle
from verifier.evidence.failed_step import FailedStep
from verifier.evidence.proving import Needs
from verifier.evidence.readable_text import Paragraph
from verifier.evidence.support import Need, Spare


@dataclass(frozen=True, slots=True)
class Explained:
    """What a claim rests on: `needs` in all detail, and what the lemmas say that it takes, all of them together.

    For a claim that something comes to pass it is what its ranking rests on.
    """

    claim: str
    needs: tuple[Need, ...]
    lemmas: tuple[str, ...]
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class ProofReport:
    """`sizes` are those that the proof is about, in words, and `kept` the sizes that are as in the instance.

    `paragraphs` say what the lemmas say, `explained` what the claim asked about rests on, `spare` what no claim needs;
    each is None if that was not asked.
    `rankings` say for claims that something comes to pass what comes to rest before it must, by the claims' names, and
    `needs` at which sizes claims are violated.
    """

    sizes: str
    kept: tuple[str, ...]
    covers_instance: bool
    lemmas: tuple[Lemma, ...]
    failed_steps: tuple[FailedStep, ...]
    warnings: tuple[Cycle, ...]
    paragraphs: tuple[Paragraph, ...] | None
    explained: Explained | None
    spare: tuple[Spare, ...] | None
    rankings: Mapping[str, tuple[str, ...]]
    needs: Mapping[str, Needs]
