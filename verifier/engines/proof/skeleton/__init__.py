"""Counterexamples at the smallest sizes: the actions are known by name, everything else is open."""
