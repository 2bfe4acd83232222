"""Proofs for every size: a system with any number of pages, and lemmas that make its claims inductive."""
