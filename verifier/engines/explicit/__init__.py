"""The exhaustive engine: all states of an instance, one by one, by a program generated from the system."""

from verifier.engines.explicit.engine import Report, check

__all__ = ["Report", "check"]
