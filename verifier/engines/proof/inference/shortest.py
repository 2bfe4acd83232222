"""Shortest counterexamples: all behaviours of one length after another, as copies of the circuit in one solver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verifier.engines.proof.inference.circuit import Circuit
from verifier.engines.proof.inference.gates import FALSE, TRUE, Literal
from verifier.engines.proof.inference.ic3 import Violation
from verifier.engines.proof.inference.questions import Questions
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch
from verifier.system.system import Property, PropertyKind


def shortest(circuit: Circuit, claims: Iterable[Property], depth: int, watch: Watch) -> tuple[Violation, ...]:
    """For each claim that a behaviour of at most `depth` steps violates: one, as short as any; shortest first.

    Raises Stopped when the budget is used up, ValueError for a claim that is not in CLAIMS.
    """
    wanted = {claim: circuit.violated(claim) for claim in claims}
    unrolled = _Unrolled(circuit, watch)
    found: list[Violation] = []
    while True:
        for claim, violated in tuple(wanted.items()):
            behaviour = unrolled.ending_in(violated, claim.kind is not PropertyKind.ALWAYS)
            if behaviour is not None and len(behaviour.steps) <= depth:
                found.append(Violation(claim, behaviour))
                del wanted[claim]
        if not wanted or unrolled.length == depth or not circuit.happenings:
            return tuple(sorted(found, key=lambda violation: len(violation.behaviour.steps)))
        unrolled.extend()


class _Unrolled:
    """Behaviours of `length` steps, and one copy of the circuit more, for the state that they end in."""

    def __init__(self, circuit: Circuit, watch: Watch) -> None:
        self.length = 0
        self._circuit = circuit
        self._watch = watch
        self._questions = Questions((), TRUE, self._look)
        self._copies: list[list[Literal]] = []
        self._add_copy({})
        for literal in circuit.starts:
            self._questions.add([self._in_copy(literal, 0)])

    def _add_copy(self, cells: dict[Literal, Literal]) -> None:
        """A copy of the circuit, where `cells` has literals for some of its variables."""
        copy = [TRUE, TRUE]
        for variable in range(2, self._circuit.gates.top + 1):
            known = cells.get(variable)
            copy.append(self._questions.variable() if known is None else known)
        self._copies.append(copy)
        for clause in self._circuit.gates.clauses:
            self._questions.add([self._in_copy(literal, -1) for literal in clause])

    def _in_copy(self, literal: Literal, number: int) -> Literal:
        moved = self._copies[number][abs(literal)]
        return moved if literal > 0 else -moved

    def extend(self) -> None:
        """One step more: the last copy's step takes place, and leads to the state of a new one."""
        self._questions.add([self._in_copy(self._circuit.moves, -1)])
        cells: dict[Literal, Literal] = {}
        for before, after in zip(self._circuit.before, self._circuit.after, strict=True):
            for variable, literal in zip(before, after, strict=True):
                if variable not in (TRUE, FALSE):
                    moved = self._in_copy(literal, -1)
                    cells.setdefault(abs(variable), moved if variable > 0 else -moved)
        self.length += 1
        self._add_copy(cells)

    def ending_in(self, violated: Literal, by_step: bool) -> Behaviour | None:
        """A behaviour after which the last copy has this literal; with its own step, if that is what violates."""
        if not self._questions.possible([self._in_copy(violated, -1)]):
            return None
        model = self._questions.model()

        def true_in(number: int, literal: Literal) -> bool:
            return model(self._in_copy(literal, number))

        initial = self._circuit.state(lambda literal: true_in(0, literal))
        steps = []
        for number in range(self.length + by_step):
            happening = self._circuit.happening(lambda literal, n=number: true_in(n, literal))  # type: ignore[misc]
            steps.append((happening.action.name, happening.arguments))
        return Behaviour(initial, tuple(steps))

    def _look(self) -> None:
        self._watch.say("shortest", f"behaviours of {self.length} steps")


def skeleton(behaviour: Behaviour) -> Sequence[str]:
    """The names of its actions, in order: what is left when parameters and sizes are free again."""
    return tuple(name for name, _ in behaviour.steps)
