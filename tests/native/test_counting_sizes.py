"""Counts that stand for themselves and everything above: the same states as the obvious search of all sizes finds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import assume, given, settings

from tests.engines.builders import everywhere, put, read, scalarset, step, system
from tests.engines.test_quotient import counter
from tests.native.symmetric import symmetric_systems
from tests.native.test_counting_search import page_flip
from verifier.engines.every_size.counts import AllSizes, TooFewBlocks
from verifier.engines.every_size.many import NotForEverySize, many
from verifier.engines.every_size.search import KINDS, Search
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.quotient import Quotient
from verifier.engines.native import NativeUnavailable, counting_search
from verifier.engines.native.counting.ledger import Keys
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped, Watch
from verifier.system.expressions import TRUE, And, Constant, Equal, Expression, Less, Not, Or, Variable
from verifier.system.symmetry import infer
from verifier.system.system import Property, PropertyKind, System, Update
from verifier.system.types import IntType


def agree(model: System, states: int = 2000) -> int:
    """The keys of both searches of all sizes are the same, and equally deep; how many there are."""
    program = Program(model)
    claims = [claim for claim in model.properties if claim.kind in KINDS]
    symmetry = infer(program.interpreter, claims)
    if not symmetry.orbits:
        raise NotForEverySize("nothing is interchangeable")
    tops = tuple(many(model, claims, frozenset(sort for sort, _ in orbit[0])) for orbit in symmetry.orbits)
    plain = AllSizes(program, symmetry, tops, (1,) * len(tops))
    search = Search(program, plain, claims, Watch(Budget(states=states)))
    search.run()
    found = counting_search(program, claims, Watch(Budget()), symmetry, [range(1, top + 1) for top in tops])
    found.run(whole=True)
    keys = list(Keys(found.ledger, cast(Quotient, SimpleNamespace(counted_key=plain._rows.key_of))))
    assert found.decided.keys() == search.suspects.keys()
    assert found.shown == {}
    if len(search.suspects) < len(claims):  # otherwise that search has not come to its end
        assert len(set(keys)) == len(keys)
        assert set(keys) == set(search.states)
        assert found.depth == search.depth
    return len(keys)


@pytest.mark.slow
@given(symmetric_systems())
@settings(max_examples=200, deadline=None)
def test_random_systems(model: System) -> None:
    """Whatever leaves a group of many, and wherever the rest of it goes."""
    try:
        agree(model)
    except (NotForEverySize, TooFewBlocks, Stopped, NativeUnavailable):
        assume(False)


def test_every_number_from_one_to_many() -> None:
    """Bits that are set one by one and cleared at once: of each kind there are none, one, or any larger number."""
    assert agree(counter(6)) > 10


def test_all_but_some() -> None:
    """Where all others of a group go, any number goes; the few that stay, or go elsewhere, are so few."""
    page = scalarset("Page", 12)
    p, q, r = (Variable(name, page) for name in "pqr")
    colour = IntType(0, 3)
    paint = everywhere("paint", (page,), colour, 0)

    def turn(number: int, unless: Expression) -> Update:
        return Update("paint", (r,), Constant(number, colour), (r,), And((Not(unless), Less(read(paint, r), one))))

    one = Constant(1, colour)
    apart = put(paint, p, value=Constant(2, colour))
    actions = (
        step("one", (p,), Less(read(paint, p), one), put(paint, p, value=one)),
        step("others", (p,), TRUE, turn(1, Equal(r, p))),
        step("most", (p, q), TRUE, turn(3, Or((Equal(r, p), Equal(r, q))))),
        step("apart", (p,), Less(read(paint, p), one), turn(3, Equal(r, p)), apart),
    )
    assert agree(system("paint", (paint,), actions, Property("range", PropertyKind.RANGE))) > 20


def test_the_page_flip_of_every_size() -> None:
    """One page on its way: 2,516 states for all sizes from 2 on, as a prototype found, and 160 for a single page."""
    model = page_flip("patent")
    program = Program(model)
    claims = [claim for claim in model.properties if claim.kind in KINDS]
    symmetry = infer(program.interpreter, claims)
    found = counting_search(program, claims, Watch(Budget()), symmetry, [range(1, 3)])
    found.run(whole=True)
    assert (len(found.states), found.decided) == (2_676, {})
