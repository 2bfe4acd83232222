"""The exhaustive search as machine code: a breadth-first kernel generated for one system.

`native_search` makes a search without symmetry, `counting_search` one under a symmetry, by counts of equal blocks; both
have the interface of `explicit.search.Search`. They need llvmlite, which is imported when one is first called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.watch import Watch
from verifier.system.system import Property

if TYPE_CHECKING:
    from verifier.engines.explicit.compiler import Program
    from verifier.engines.native.counting.search import CountingSearch
    from verifier.engines.native.search import NativeSearch
    from verifier.system.symmetry import Symmetry

__all__ = ["NativeUnavailable", "counting_search", "native_search"]


def native_search(program: Program, properties: Iterable[Property], watch: Watch) -> NativeSearch:
    """A search that is ready to run. Raises NativeUnavailable."""
    try:
        from verifier.engines.native.search import NativeSearch
    except ImportError as error:
        raise NativeUnavailable(f"{error.name} is not installed") from error
    return NativeSearch(program, properties, watch)


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
