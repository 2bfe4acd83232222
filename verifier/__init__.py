"""Flip: a language and a verifier for handing passthrough devices between virtual machines."""

__version__ = "0.1.0"
