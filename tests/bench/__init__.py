"""Benchmarks against other tools, on the same state spaces, in one run: `make bench`."""
