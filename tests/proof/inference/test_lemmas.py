"""Lifted clauses say the same as patterns, as simplified patterns and as formulas, at every size."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.proof.inference.protocols import family
from tests.proof.inference.test_circuit import nothing
from verifier.engines.proof.family import Family, Fixed
from verifier.engines.proof.inference.cubes import Cube
from verifier.engines.proof.inference.formulas import complement, formula, universe
from verifier.engines.proof.inference.houdini import houdini, stated
from verifier.engines.proof.inference.patterns import Literal, Pattern, grounded, lifted
from verifier.engines.proof.inference.questions import Questions
from verifier.engines.proof.inference.simplify import simplified, union
from verifier.engines.proof.inference.sized import Sized, sized
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.system.expressions import FALSE
from verifier.system.types import size_of

whatever = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))

BLOCKS = 3
"""A formula takes every member of a sort for each block that it speaks of: with more there are too many choices."""

NAMES = ("lock_service", "german", "ownership_flip", "vfio_pair")


@cache
def instance(name: str, size: int) -> tuple[Family, Sized]:
    found, _ = family(name)
    return found, sized(found, (size,) * len(found.orbits), nothing)


@st.composite
def cubes(draw: st.DrawFn, source: Sized, most: int = 3) -> Cube:
    """A few cells with some of their values: one, all but one, or any."""
    cells = source.circuit.layout.cells
    places = draw(st.lists(st.integers(0, len(cells) - 1), min_size=1, max_size=most, unique=True))
    parts = []
    for place in sorted(places):
        everything = source.cubes.everything[place]
        if everything == 1:
            continue
        count = size_of(cells[place].type)
        one = 1 << draw(st.integers(0, count - 1))
        mask = draw(st.sampled_from((one, one, everything & ~one)) | st.integers(1, everything - 1))
        parts.append((place, mask))
    return tuple(parts)


def equivalent(target: Sized, one: list[Pattern], other: list[Pattern] | list) -> bool:  # type: ignore[type-arg]
    """Whether two conjunctions of lemmas have the same states, in an instance."""
    clauses = [[clause for lemma in lemmas for clause in stated(lemma, target)] for lemmas in (one, other)]
    gates = target.circuit.gates
    whole = [gates.conjunction(gates.disjunction(clause) for clause in found) for found in clauses]
    questions = Questions(gates.clauses, gates.top, nothing)
    return not any(questions.possible([a, -b]) for a, b in (whole, whole[::-1]))


@whatever
@given(st.data(), st.sampled_from(NAMES), st.integers(1, 3))
def test_a_pattern_says_what_its_clause_says(data: st.DataObject, name: str, size: int) -> None:
    """At the size that it was lifted from, a pattern's cubes are the images of the clause's."""
    _, source = instance(name, size)
    cube = data.draw(cubes(source))
    pattern = lifted(cube, source)
    gates = source.circuit.gates
    clauses = [source.cubes.clause(image, source.circuit.before) for image in source.cubes.images(cube)]
    expected = gates.conjunction(gates.disjunction(clause) for clause in clauses)
    said = gates.conjunction(gates.disjunction(clause) for clause in stated(pattern, source))
    questions = Questions(gates.clauses, gates.top, nothing)
    event(f"blocks {sum(pattern.blocks().values())}")

    assert not questions.possible([expected, -said])
    assert not questions.possible([said, -expected])


@whatever
@given(st.data(), st.sampled_from(NAMES), st.integers(2, 3), st.integers(1, 3))
def test_a_formula_says_what_its_pattern_says(data: st.DataObject, name: str, small: int, large: int) -> None:
    """At any size."""
    found, source = instance(name, small)
    pattern = lifted(data.draw(cubes(source)), source)
    assume(sum(pattern.blocks().values()) <= BLOCKS)
    _, target = instance(name, large)
    event(f"applies: {grounded(pattern, target) is not None}")

    assert equivalent(target, [pattern], [formula(pattern, found)])


@whatever
@given(st.data(), st.sampled_from(NAMES), st.integers(1, 3))
def test_simplified_patterns_say_the_same(data: st.DataObject, name: str, large: int) -> None:
    """Patterns of which several differ in one literal only, so that there is something to merge; at any size."""
    found, source = instance(name, 2)
    patterns = []
    for _ in range(data.draw(st.integers(1, 2))):
        cube = data.draw(cubes(source))
        patterns.append(lifted(cube, source))
        for place, _ in cube:
            other = data.draw(st.integers(1, source.cubes.everything[place] - 1))
            patterns.append(lifted(tuple((p, other if p == place else m) for p, m in cube), source))
    merged = simplified(patterns, found)
    event(f"merged: {len(patterns) - len(merged)}")
    _, target = instance(name, large)

    assert len(merged) <= len(patterns)
    assert equivalent(target, patterns, merged)


def test_values_that_cover_the_type_are_no_literal() -> None:
    """Two patterns that allow different values of one cell, all together, need not speak of it."""
    found, _ = instance("lock_service", 2)
    free = found.text.function("free")
    given_ = Literal("free", (), (Fixed(True),))
    other = Literal("free", (), (Fixed(False),))

    assert complement(given_.allowed, free.result, found) == other.allowed
    assert union(given_.allowed, other.allowed, free.result, found) == universe(free.result, found)
    assert simplified([Pattern((given_,)), Pattern((other,))], found) == [Pattern(())]


def test_houdini_keeps_what_is_inductive_and_no_more() -> None:
    """Of lemmas about a lock: those that hold at first and that steps keep, with what they need; the rest is lost."""
    _, target = instance("lock_service", 3)
    place = {cell.name: i for i, cell in enumerate(target.circuit.layout.cells)}
    clients = [member for sort in target.circuit.system.sorts for member in sort.members]

    def both(*cells: str) -> Pattern:
        return lifted(tuple(sorted((place[cell], 2) for cell in cells)), target)

    def at(function: str, client: int) -> str:
        return f"{function}({clients[client]})"

    stages = ("granted", "holds", "returned")
    lemmas = [both("free", at(stage, 0)) for stage in stages]
    lemmas += [both(at(one, 0), at(other, 1)) for one in stages for other in stages]
    lemmas += [both(at(one, 0), at(other, 0)) for one in stages for other in stages if one < other]
    wrong = both(at("asked", 0), at("holds", 1))
    untrue_at_first = both("free")
    claims = [target.circuit.system.property_named("exclusive")]
    watch = Watch(Budget())

    support = houdini(target, [wrong, untrue_at_first, *lemmas], claims, watch)
    assert sorted(support.needs) == list(range(2, 2 + len(lemmas)))
    assert support.lost == ()
    assert set(support.used()) <= set(support.needs)

    without = houdini(target, lemmas[1:], claims, watch)
    assert without.lost == ("exclusive",)
    fewer = lemmas[1:]
    for first in range(len(fewer)):
        turned = [*fewer[first:], *fewer[:first]]
        left = houdini(target, turned, claims, watch).needs
        assert {turned[number] for number in left} == {fewer[number] for number in without.needs}

    assert houdini(target, [FALSE], claims, watch).lost == ("exclusive",)
