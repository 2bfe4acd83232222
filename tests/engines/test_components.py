"""Strongly connected components: our own, which needs no second copy of the graph, held against networkx."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from verifier.engines.explicit.liveness import components

NODES = 7
NODE = st.integers(0, NODES - 1)
EDGES = st.lists(st.tuples(NODE, NODE), min_size=9, max_size=18)


@given(EDGES, st.sets(NODE, max_size=2))
def test_components_are_those_of_networkx(edges: list[tuple[int, int]], outside: set[int]) -> None:
    """On the subgraph of most of the nodes; loops and repeated edges make no difference."""
    inside = set(range(NODES)) - outside
    graph = networkx.DiGraph(edges)
    graph.add_nodes_from(range(NODES))

    found = components(sorted(inside), lambda node: [b for a, b in edges if a == node])

    expected = networkx.strongly_connected_components(graph.subgraph(inside))
    assert sorted(sorted(c) for c in found) == sorted(sorted(c) for c in expected)
