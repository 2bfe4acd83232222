"""How many states a system will have, before they are searched: a guess, how it was come by, and how far off it may be.

The first states are searched. If these are all, the number is exact. Otherwise the same specification is searched in
small sizes, as long as all their states can be counted, and the growth with each size is continued up to what is asked
for, by itself:

- with a symmetry, n blocks with m + 1 kinds of rows can be counted in C(n + m, m) ways; m is read off the last two
  counts;
- without one, each member more multiplies the number of states. By how much is read off the last three counts: what
  the factor gained there it gains half of next, then a quarter, and so on.

Where there are no smaller sizes, the layers of the search are continued once they shrink (see `trend`). Before that
there is only a lower bound: from how many states two sets of random walks have in common, as animals are counted that
are caught again; walks prefer some states, so it is low. All of it is seeded and
bounded by numbers of states and transitions, so that the same system gives the same guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import exp, inf, isinf, lgamma, log, prod
from random import Random

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed, initial_choices
from verifier.engines.explicit.search import KINDS, Search
from verifier.engines.explicit.space import Space
from verifier.engines.native.bits import Bits
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.profile import without
from verifier.engines.trend import shrinking, to_come
from verifier.engines.verdict import Budget, Observer
from verifier.engines.watch import Enough, Part, Watch, interruptible
from verifier.system.layout import Layout
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import PropertyKind, System
from verifier.system.types import size_of

STATES, TRANSITIONS = 12_000, 120_000
"""How much of one system is searched."""

SMALL = 4_000
"""Sizes with more states are not made larger to see how the number grows."""

CELLS = 50
"""Of a system with more cells, in proportion fewer transitions are searched."""

WALKS, LENGTH = 60, 120
"""How many random walks are taken, twice, and how many actions each has."""

MOST = 700.0
"""The largest logarithm that is made a number of."""

HIGHEST = 10**300
"""Numbers of states are told up to here."""

Sizes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Family:
    """A specification in other sizes: `sizes` are those that it has, `at` gives it others, None if it cannot."""

    sizes: Sizes
    at: Callable[[Sizes], System | None]


@dataclass(frozen=True, slots=True)
class Guess:
    """A number of states: probably `likely`, and between `low` and `high`; exactly that many if `exact`.

    Where there is only a lower bound, `high` is None. `branching` is the number of transitions for each
    state, as far as these were searched.
    """

    low: float
    likely: float
    high: float | None
    exact: bool
    method: str
    branching: float


@dataclass(frozen=True, slots=True)
class Influence:
    """How many times fewer states there are with one member less, or without a state function; of what was counted."""

    name: str
    times: float
    of: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to be expected of a search.

    `bound` is the product of the ranges of all cells: no search has more states. `bits` of a state are used, and it
    takes `words` 64-bit words, None if a cell has more values than a word. `reduced` is the number of states under
    symmetry, None if there is none.
    """

    bound: int
    bits: int
    words: int | None
    whole: Guess
    reduced: Guess | None
    symmetry: str
    sizes: tuple[Influence, ...]
    functions: tuple[Influence, ...]


def estimate(
    system: System, family: Family, budget: Budget, seed: int = 0, observer: Observer | None = None
) -> Estimate:
    """The guesses for one system, which is that of the family at its sizes. Raises Stopped if the budget is used up."""
    return _Estimation(system, family, Watch(budget, observer), seed).run()


@dataclass(frozen=True)
class _Count:
    """A search of the first states: all of them if `space.complete`."""

    program: Program
    symmetry: Symmetry
    space: Space

    @property
    def states(self) -> int:
        return len(self.space.states)

    @property
    def complete(self) -> bool:
        return self.space.complete

    @property
    def branching(self) -> float:
        """Transitions for each state that was taken up."""
        # Of a search that was cut short, states after the last one that is a parent were perhaps not.
        taken = self.states if self.complete else self.space.parents[-1] + 1
        return self.space.transitions / max(1, taken)

    @property
    def layers(self) -> list[tuple[int, int]]:
        """Depths and sizes of the layers that are complete."""
        depths: list[int] = []
        for parent in self.space.parents:
            depths.append(0 if parent < 0 else depths[parent] + 1)
        counted = sorted(Counter(depths).items())
        return counted if self.space.complete else counted[: self.space.depth + 1]


class _Estimation:
    def __init__(self, system: System, family: Family, watch: Watch, seed: int) -> None:
        self._system = system
        self._family = family
        self._watch = watch
        self._seed = seed
        self._counts: dict[tuple[tuple[int, ...], bool], _Count | None] = {}

    def run(self) -> Estimate:
        with interruptible():
            layout = Layout(self._system)
            whole, reduced = (self._count(self._system, reduce) for reduce in (False, True))
            bound = prod(size_of(cell.type) for cell in layout.cells)
            highest = float(min(bound, HIGHEST))
            small = reduced if reduced.symmetry.orbits else whole
            counts = {reduce: self._smaller(count, reduce) for reduce, count in ((False, whole), (True, reduced))}
            # A quotient never has more states than the system.
            guess = self._guess(whole, counts[False], highest)
            guess_reduced = (
                self._guess(reduced, counts[True], guess.high or highest) if reduced.symmetry.orbits else None
            )
            return Estimate(
                bound,
                sum((size_of(cell.type) - 1).bit_length() for cell in layout.cells),
                _words(layout),
                guess,
                guess_reduced,
                reduced.symmetry.describe(self._system),
                tuple(self._influences(small, counts[small is reduced])),
                tuple(self._functions(whole, counts[False])),
            )

    def _count(self, system: System, reduce: bool) -> _Count:
        program = Program(system)
        claims = [claim for claim in system.properties if claim.kind in KINDS or claim.kind is PropertyKind.STUCK]
        symmetry = infer(program.interpreter, claims) if reduce else Symmetry(())
        cells = len(program.interpreter.layout.cells)
        part = Part(self._watch, STATES, TRANSITIONS * CELLS // max(cells, CELLS))
        search = Search(program, (), part, symmetry)
        with suppress(Enough):
            search.run(whole=True)
        return _Count(program, symmetry, search.space)

    def _smaller(self, count: _Count, reduce: bool) -> list[tuple[int, _Count]]:
        """Exact counts with no size above 1, 2, 3, ..., as far as all states can be counted."""
        found: list[tuple[int, _Count]] = []
        if count.complete or (reduce and not count.symmetry.orbits):
            return found
        for cap in range(1, max(self._family.sizes.values(), default=1)):
            smaller = self._at(self._capped(cap), reduce)
            if smaller is not None and not smaller.complete:
                break
            if smaller is not None:
                found.append((cap, smaller))
                if smaller.states > SMALL:
                    break
        return found

    def _at(self, sizes: Sizes, reduce: bool) -> _Count | None:
        """The first states at other sizes; None if there is no such system."""
        asked = tuple(sizes.values()), reduce
        if asked not in self._counts:
            system = self._family.at(sizes)
            self._counts[asked] = None if system is None else self._count(system, reduce)
        return self._counts[asked]

    def _capped(self, cap: int) -> dict[str, int]:
        return {name: min(size, cap) for name, size in self._family.sizes.items()}

    def _guess(self, count: _Count, smaller: list[tuple[int, _Count]], bound: float) -> Guess:
        if count.complete:
            return Guess(count.states, count.states, count.states, True, "all states were searched", count.branching)
        if len(smaller) >= 3:
            likely, factor, method = self._by_sizes(smaller, bool(count.symmetry.orbits))
        else:
            likely, factor, method = self._by_layers(count)
        likely = min(max(likely, count.states), bound)
        low, high = max(count.states, likely / factor), None if isinf(factor) else min(bound, likely * factor)
        return Guess(low, likely, high, False, method, count.branching)

    def _by_sizes(self, smaller: list[tuple[int, _Count]], symmetric: bool) -> tuple[float, float, str]:
        """The guess, by what factor it may be off, and how it was come by; from exact counts of at least three caps."""
        counts = [(cap, small.states) for cap, small in smaller]
        cap, last = counts[-1]
        sizes = self._capped(cap)
        logarithm, steps = log(last), 0.0
        for name, size in self._family.sizes.items():
            if size > cap:
                own = [(fewer, self._states({**sizes, name: fewer}, symmetric)) for fewer in (cap - 2, cap - 1)]
                logarithm += growth([(n, c) for n, c in own if c] + [(cap, last)], size, symmetric)
                steps += log(size / cap) / log(cap / (cap - 1)) if symmetric else size - cap
        missed = abs(growth(counts[:-1], cap, symmetric) - log(last / counts[-2][1]))
        factor = exp(min(max(log(2), missed * steps), MOST))
        known = ", ".join(f"{number} at {cap}" for cap, number in counts[-3:])
        asked = ", ".join(f"{name} = {size}" for name, size in self._family.sizes.items() if size > cap)
        return exp(min(logarithm, MOST)), factor, f"growth with the sizes: {known}; continued to {asked}"

    def _states(self, sizes: Sizes, reduce: bool) -> int:
        """How many states there are at these sizes, 0 if they cannot be counted."""
        count = self._at(sizes, reduce)
        return count.states if count is not None and count.complete else 0

    def _by_layers(self, count: _Count) -> tuple[float, float, str]:
        layers = count.layers
        met = _recaptured(count, self._seed, self._watch)
        deeper = to_come(layers)
        if deeper is not None and shrinking(layers):
            likely = sum(size for _, size in layers) + deeper
            return max(likely, met), 2.0, f"{len(layers)} layers of a breadth-first search continued"
        return met, inf, f"a lower bound: {len(layers)} layers still grow, and random walks met few states twice"

    def _influences(self, count: _Count, smaller: list[tuple[int, _Count]]) -> Iterator[Influence]:
        """For each size, exact counts with it and with one less, in the largest sizes that can be counted."""
        reduce = bool(count.symmetry.orbits)
        base, sizes = count, dict(self._family.sizes)
        if not count.complete:
            if not smaller:
                return
            cap, base = smaller[-1]
            sizes = self._capped(cap)
        for name, size in sizes.items():
            fewer = self._states({**sizes, name: size - 1}, reduce) if size > 1 else 0
            if fewer:
                yield Influence(name, base.states / fewer, f"{fewer} and {base.states} states, {_said(sizes)}")

    def _functions(self, count: _Count, smaller: list[tuple[int, _Count]]) -> Iterator[Influence]:
        """The state functions that multiply the states, in the largest sizes of which all states are at hand."""
        if count.complete:
            chosen, sizes = count, self._family.sizes
        elif smaller:
            cap, chosen = smaller[-1]
            sizes = self._capped(cap)
        else:
            return
        states = [chosen.space.quotient.view(key).state for key in chosen.space.states]
        left = without(chosen.program.interpreter.layout, states)
        for name, number in sorted(left.items(), key=lambda item: item[1]):
            if number < len(states):
                yield Influence(name, len(states) / number, f"{number} and {len(states)} states, {_said(sizes)}")


def growth(counts: Sequence[tuple[int, int]], size: int, symmetric: bool) -> float:
    """The logarithm of how many times more states there are at a size than at the last one that was counted."""
    if len(counts) < 2:
        return 0.0
    (earlier, few), (later, many) = counts[-2:]
    if many <= few:
        return 0.0
    gain = log(many / few) / (later - earlier)
    if symmetric:
        rows = _rows(earlier, later, log(many / few))
        return _ways(size, rows) - _ways(later, rows)
    more = 0.0
    if len(counts) > 2:
        (earliest, fewest), _, _ = counts[-3:]
        more = max(0.0, gain - log(few / fewest) / (earlier - earliest))
    steps = size - later
    # more / 2 is added to the gain of the first step, more / 2 + more / 4 to that of the second one, ...
    return steps * gain + more * (steps - (1 - 0.5 ** min(steps, 60)))


def _rows(earlier: int, later: int, growth: float) -> float:
    """The m for which C(n + m, m) grows so much (a logarithm) between two sizes n; by bisection."""
    low, high = 0.0, 1.0
    while _ways(later, high) - _ways(earlier, high) < growth and high < 1e9:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if _ways(later, middle) - _ways(earlier, middle) < growth:
            low = middle
        else:
            high = middle
    return high


def _ways(size: int, rows: float) -> float:
    """The logarithm of C(size + rows, rows)."""
    return lgamma(size + rows + 1) - lgamma(rows + 1) - lgamma(size + 1)


def _recaptured(count: _Count, seed: int, watch: Watch) -> float:
    """How many states there seem to be, from two sets of walks and what both have met (Chapman's estimator)."""
    first, second = (_met(count, Random(2 * seed + turn), watch) for turn in range(2))
    return (len(first) + 1) * (len(second) + 1) / (len(first & second) + 1) - 1


def _met(count: _Count, random: Random, watch: Watch) -> set[object]:
    program, quotient = count.program, count.space.quotient
    choices = initial_choices(program.system, program.interpreter)
    met: set[object] = set()
    for _ in range(WALKS):
        state: Packed = program.packing.seal([random.choice(choice) for choice in choices])
        for length in range(LENGTH):
            watch.look("walks", len(met), 0, length, 0)
            met.add(quotient.key(state))
            following = [after for _, _, after in program.successors(state)]
            if not following:
                break
            state = random.choice(following)
    return met


def _words(layout: Layout) -> int | None:
    try:
        return Bits(layout).words
    except NativeUnavailable:
        return None


def _said(sizes: Sizes) -> str:
    return ", ".join(f"{name} = {size}" for name, size in sizes.items()) or "as it is"
