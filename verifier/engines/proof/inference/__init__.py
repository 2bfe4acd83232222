"""Finding lemmas: IC3 on a small instance, and its clauses lifted to every size.

Importing this package loads python-sat: import it where it is used.
"""

from verifier.engines.proof.inference.circuit import CLAIMS
from verifier.engines.proof.inference.classes import with_words
from verifier.engines.proof.inference.infer import Gap, Inference, Refuted, infer

__all__ = ["CLAIMS", "Gap", "Inference", "Refuted", "infer", "with_words"]
