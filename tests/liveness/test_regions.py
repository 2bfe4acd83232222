"""Fair components and lassos of random graphs against brute force, run by Python and by the machine."""

from __future__ import annotations

from collections.abc import Iterator

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.liveness.drawn import EVENTUALLY, RESPONSE, Drawn, DrawnGraph, drawn
from verifier.engines.explicit.liveness import lasso, regions
from verifier.engines.explicit.liveness.lasso import lasso_of
from verifier.engines.explicit.liveness.regions import Waiting
from verifier.engines.explicit.liveness.routines import FAIR, NONE, REACHED, WEAK, components, take
from verifier.engines.explicit.liveness.runner import Room, Runner
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped, Watch
from verifier.system.system import Property

NATIVE = Runner()
NATIVE.compile()
CLAIM = st.sampled_from((EVENTUALLY, RESPONSE))
RUNNER = st.sampled_from((Runner(), NATIVE))
TURN = st.sampled_from((1, 3, 1000))


def searched(graph: Drawn, claim: Property, runner: Runner, turn: int) -> Waiting:
    runner.turn = turn
    waiting = Waiting(DrawnGraph(graph), claim, runner, Watch(Budget()))
    waiting.search()
    return waiting


@given(drawn(nodes=6), CLAIM, RUNNER, TURN)
@settings(max_examples=200, deadline=None)
def test_fair_states_are_those_of_brute_force(graph: Drawn, claim: Property, runner: Runner, turn: int) -> None:
    """Under any mixture of fairness; the entry is one of those nearest to an initial state, however long turns are."""
    waiting = searched(graph, claim, runner, turn)
    distances = graph.distances(claim)
    flags = list(waiting.flags.view)
    assert {state for state, flag in enumerate(flags) if flag & REACHED} == set(distances)
    fair = graph.fair_states(claim)
    assert {state for state, flag in enumerate(flags) if flag & FAIR} == fair
    if fair:
        assert waiting.entry in fair
        assert distances[waiting.entry] == min(distances[state] for state in fair)
    else:
        assert waiting.entry == NONE


@given(drawn(nodes=5), CLAIM, st.sampled_from((0, 3, 10**6)))
@settings(max_examples=200, deadline=None)
def test_lassos_are_fair_and_short(graph: Drawn, claim: Property, tried: int) -> None:
    """The way has the least length, the loop is closed and fair, and is shortest if it is said to be."""
    waiting = searched(graph, claim, Runner(), 1000)
    if waiting.entry == NONE:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lasso, "TRIED", tried)
        found = lasso_of(DrawnGraph(graph), waiting, Watch(Budget()))
    steps = {(a, b) for a, _, b in graph.edges}
    assert found.way[0] < graph.initial
    assert found.way[-1] == waiting.entry
    assert all(step in steps for step in zip(found.way, found.way[1:], strict=False))
    assert len(found.way) - 1 == graph.distances(claim)[waiting.entry]
    sources = (waiting.entry, *(state for _, state in found.loop))
    walk = [(a, unit, b) for a, (unit, b) in zip(sources, found.loop, strict=False)]
    assert all(edge in graph.edges for edge in walk)
    assert sources[-1] == waiting.entry
    assert graph.fair(sources, walk)
    assert found.shortest or tried < 10**6
    if found.shortest:
        least = graph.shortest_loop(waiting.entry, set(graph.distances(claim)), min(3, len(walk)))
        assert least is None or least == len(walk)


@given(drawn(), st.data(), RUNNER)
def test_components_are_those_of_networkx(graph: Drawn, data: st.DataObject, runner: Runner) -> None:
    """On any part of the graph, in any order of its states."""
    rows = DrawnGraph(graph).rows
    room = Room(Watch(Budget()))
    count = rows.count
    part = data.draw(st.permutations(range(count)))[: data.draw(st.integers(0, count))]
    region, flags, rank, stack, tried, order = (room.zeros(w, count) for w in (32, 8, 32, 32, 32, 32))
    for place, state in enumerate(part):
        region.view[place] = state
    runner(take, region, flags, rank, 0, len(part))
    frame = room.zeros(64, regions.FRAME)
    frame.view[4], frame.view[5] = 1, NONE - 1
    runner.turn = data.draw(TURN)
    lists = (region, rank, stack, tried, order, frame, len(part))
    runner.in_turns(lambda: None, components, rows.first, rows.targets, flags, *lists)
    whole = networkx.DiGraph([(a, b) for a, _, b in graph.edges])
    whole.add_nodes_from(range(count))
    found: dict[int, set[int]] = {}
    for state in part:
        found.setdefault(rank.view[state], set()).add(state)
    expected = networkx.strongly_connected_components(whole.subgraph(part))
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, expected))
    ordered = [rank.view[state] for state in order.view[: len(part)]]
    assert sorted(order.view[: len(part)]) == sorted(part)
    assert len(list(_runs(ordered))) == len(found)


def _runs(values: list[int]) -> Iterator[int]:
    """The values without repetitions side by side."""
    for before, value in zip([None, *values], values, strict=False):
        if value != before:
            yield value


@pytest.mark.parametrize("tried", [0, 10**6])
def test_there_may_be_any_number_of_units(tried: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring of 100 takes 99 units. The last one decides: it may be taken or not there, but not lead out all along.

    However the loop is found, it is the ring, and it is said to be the shortest only if everything was tried.
    """
    monkeypatch.setattr(lasso, "TRIED", tried)
    size = 100
    ring = [(state, 1 + state, (state + 1) % size) for state in range(size - 1)]
    states = frozenset(range(size))
    ends = {
        "taken": ((size - 1, size, 0),),
        "not there": ((size - 1, 0, 0),),
        "leads out": ((size - 1, 0, 0), *((state, size, size) for state in range(size))),
        "leads out but once": ((size - 1, 0, 0), *((state, size, size) for state in range(size) if state != 50)),
    }
    for end, edges in ends.items():
        graph = Drawn(size + 1, 1, tuple(sorted((*ring, *edges))), (WEAK,) * size, states, frozenset())
        waiting = searched(graph, EVENTUALLY, NATIVE, 1000)
        assert waiting.entry == (NONE if end == "leads out" else 0)
        if waiting.entry == 0:
            found = lasso_of(DrawnGraph(graph), waiting, Watch(Budget()))
            assert (len(found.loop), found.shortest) == (size, tried > 0)


def test_without_memory_or_time_the_search_stops() -> None:
    """What is needed is counted before it is taken."""
    size = 1000
    graph = Drawn(size, 1, tuple((s, 0, s + 1) for s in range(size - 1)), (), frozenset(range(size)), frozenset())
    with pytest.raises(Stopped, match="memory"):
        Waiting(DrawnGraph(graph), EVENTUALLY, Runner(), Watch(Budget(memory=1000)))
    waiting = Waiting(DrawnGraph(graph), EVENTUALLY, Runner(), Watch(Budget(seconds=0)))
    with pytest.raises(Stopped, match="seconds"):
        waiting.search()
