"""Solvers in processes of their own: SMT-LIB text in, an answer out."""

from verifier.engines.proof.solver.client import Answer, Model, Reply, Solver, SolverError

__all__ = ["Answer", "Model", "Reply", "Solver", "SolverError"]
