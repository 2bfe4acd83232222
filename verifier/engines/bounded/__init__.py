"""The bounded engine: z3 on all behaviours of at most so many steps, as a second opinion."""

from verifier.engines.bounded.engine import check

__all__ = ["check"]
