"""Proofs for every size of symmetric sorts, by exhaustion: see docs/every_size.md."""

from verifier.engines.every_size.prove import METHOD, EverySize, prove
from verifier.engines.every_size.search import KINDS

__all__ = ["KINDS", "METHOD", "EverySize", "prove"]
