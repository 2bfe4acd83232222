"""The exhaustive search as machine code: a breadth-first kernel generated for one system.

`native_search` makes a search of states as they are, or, under a symmetry, of one for all that it makes equal;
`counting_search` makes one by counts of equal blocks. Both have the interface of `explicit.search.Search`. They need
llvmlite, which is imported when one is first called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.watch import Watch
from verifier.system.symmetry import NO_SYMMETRY, Symmetry
from verifier.system.system import Property

if TYPE_CHECKING:
    from verifier.engines.explicit.compiler import Program
    from verifier.engines.native.counting.search import CountingSearch
    from verifier.engines.native.search import NativeSearch

__all__ = ["NativeUnavailable", "counting_search", "native_search"]


def native_search(
    program: Program, properties: Iterable[Property], watch: Watch, symmetry: Symmetry = NO_SYMMETRY
) -> NativeSearch:
    """A search that is ready to run, of one state of all that the symmetry makes equal. Raises NativeUnavailable."""
    try:
        from verifier.engines.native.search import NativeSearch
    except ImportError as error:
        raise NativeUnavailable(f"{error.name} is not installed") from error
    return NativeSearch(program, properties, watch, symmetry=symmetry)


def counting_search(
    program: Program,
    properties: Iterable[Property],
    watch: Watch,
    symmetry: Symmetry,
    sizes: Sequence[range] | None = None,
) -> CountingSearch:
    """A search by counts that is ready to run; for `sizes` see `CountingSearch`. Raises NativeUnavailable."""
    try:
        from verifier.engines.native.counting.search import CountingSearch
    except ImportError as error:
        raise NativeUnavailable(f"{error.name} is not installed") from error
    return CountingSearch(program, properties, watch, symmetry, sizes)
