"""Boolean gates over variables, as clauses for a SAT solver.

A literal is a nonzero integer as in DIMACS: -x is "not x". TRUE and FALSE are literals too, so that constants fold.
Equal gates are made once. A `Choice` is a value that depends on the state: each possible value with the literal under
which it is that value. The literals of a choice exclude one another; at least one holds wherever it is defined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise, product

from verifier.system.types import Value

Literal = int
Choice = dict[Value, Literal]

TRUE: Literal = 1
FALSE: Literal = -1


class Gates:
    """Variables from 1 to `top`, and the clauses that define those of them that are gates."""

    def __init__(self) -> None:
        self.top = TRUE
        self.clauses: list[list[Literal]] = [[TRUE]]
        self._made: dict[tuple[Literal, ...], Literal] = {}

    def variable(self) -> Literal:
        self.top += 1
        return self.top

    def conjunction(self, parts: Iterable[Literal]) -> Literal:
        """The "and" of the parts; stops reading them at the first one known to be false."""
        kept: set[Literal] = set()
        for part in parts:
            if part == FALSE or -part in kept:
                return FALSE
            if part != TRUE:
                kept.add(part)
        if not kept:
            return TRUE
        key = tuple(sorted(kept))
        if len(key) == 1:
            return key[0]
        gate = self._made.get(key)
        if gate is None:
            gate = self._made[key] = self.variable()
            self.clauses.extend([-gate, part] for part in key)
            self.clauses.append([gate, *(-part for part in key)])
        return gate

    def disjunction(self, parts: Iterable[Literal]) -> Literal:
        """The "or" of the parts; stops reading them at the first one known to be true."""
        return -self.conjunction(-part for part in parts)

    def equivalence(self, left: Literal, right: Literal) -> Literal:
        return self.disjunction((self.conjunction((left, right)), self.conjunction((-left, -right))))

    def at_most_one(self, literals: Sequence[Literal]) -> None:
        """Requires it of the literals, with clauses whose number grows with theirs: each has a "some up to here"."""
        some = [self.variable() for _ in literals]
        for literal, here in zip(literals, some, strict=True):
            self.clauses.append([-literal, here])
        for (before, here), literal in zip(pairwise(some), literals[1:], strict=True):
            self.clauses += [[-before, here], [-before, -literal]]

    # Choices

    def choice(self, cases: Iterable[tuple[Value, Literal]]) -> Choice:
        """The choice made of the cases, which exclude one another unless their values agree."""
        gathered: dict[Value, list[Literal]] = {}
        for value, literal in cases:
            if literal != FALSE:
                gathered.setdefault(value, []).append(literal)
        return {value: self.disjunction(literals) for value, literals in gathered.items()}

    def select(self, condition: Literal, then: Choice, otherwise: Choice) -> Choice:
        """`then` where the condition holds, `otherwise` elsewhere."""
        return self.choice(
            [(value, self.conjunction((condition, literal))) for value, literal in then.items()]
            + [(value, self.conjunction((-condition, literal))) for value, literal in otherwise.items()]
        )

    def same(self, left: Choice, right: Choice) -> Literal:
        """Whether the two are equal."""
        return self.disjunction(
            self.conjunction((literal, right[value])) for value, literal in left.items() if value in right
        )

    def combine(self, operation: Callable[[int, int], Value], left: Choice, right: Choice) -> Choice:
        """The operation applied to every pair of integers that the two may be."""
        return self.choice(
            (operation(_number(a), _number(b)), self.conjunction((one, other)))
            for (a, one), (b, other) in product(left.items(), right.items())
        )

    def total(self, truths: Iterable[Literal]) -> Choice:
        """How many of the truths hold."""
        sums: Choice = {0: TRUE}
        for truth in truths:
            sums = self.choice(
                [(_number(n) + 1, self.conjunction((truth, literal))) for n, literal in sums.items()]
                + [(n, self.conjunction((-truth, literal))) for n, literal in sums.items()]
            )
        return sums

    def points(self, arguments: Sequence[Choice]) -> Iterator[tuple[tuple[Value, ...], Literal]]:
        """Every tuple of values that the arguments may be, and when they are."""
        for cases in product(*(argument.items() for argument in arguments)):
            literal = self.conjunction(literal for _, literal in cases)
            if literal != FALSE:
                yield tuple(value for value, _ in cases), literal


def boolean(truth: Literal) -> Choice:
    """A truth value as a choice."""
    if truth in (TRUE, FALSE):
        return {truth == TRUE: TRUE}
    return {False: -truth, True: truth}


def _number(value: Value) -> int:
    assert value is not None
    return int(value)
