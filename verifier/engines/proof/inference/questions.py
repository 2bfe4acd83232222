"""An incremental SAT solver under a budget.

Only solvers that can be told to pause are of use, since a question must not outlast the budget. Of these glucose4,
glucose42, minisat22 and maplechrono differ by a quarter in a run of IC3 on the specification ownership_flip (2.2-2.7 s
for 13,000 questions), mergesat3 takes half as long again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pysat.solvers import Solver

from verifier.engines.proof.inference.gates import Literal

SOLVER = "glucose4"

SLICE = 20_000
"""Conflicts after which a query pauses for a look at the budget."""


class Questions:
    """Clauses, and questions whether they can be true together with some assumptions.

    `look` is called before and during every question, and may raise to end it. `top` is the last variable in use.
    """

    def __init__(self, clauses: Iterable[Sequence[Literal]], top: int, look: Callable[[], None]) -> None:
        self._solver = Solver(name=SOLVER, bootstrap_with=clauses)
        self._look = look
        self.top = top

    def variable(self) -> Literal:
        self.top += 1
        return self.top

    def add(self, clause: Sequence[Literal]) -> None:
        self._solver.add_clause(clause)

    def possible(self, assumptions: Sequence[Literal]) -> bool:
        """Whether the clauses and the assumptions can be true."""
        while True:
            self._look()
            self._solver.conf_budget(SLICE)
            answer = self._solver.solve_limited(assumptions=assumptions)
            if answer is not None:
                return bool(answer)

    def needed(self) -> frozenset[Literal]:
        """Assumptions of the last question, which was not possible, that are impossible together."""
        return frozenset(self._solver.get_core() or ())

    def model(self) -> Callable[[Literal], bool]:
        """What is true in the answer to the last question, which was possible; variables in no clause are false."""
        values = self._solver.get_model()

        def is_true(literal: Literal) -> bool:
            variable = abs(literal)
            positive = variable <= len(values) and values[variable - 1] > 0
            return positive == (literal > 0)

        return is_true

    def close(self) -> None:
        self._solver.delete()
