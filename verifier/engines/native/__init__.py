"""The exhaustive search as machine code: a breadth-first kernel generated for one system, without symmetry.

`native_search` makes a search with the interface of `explicit.search.Search`. It needs llvmlite, which is imported when
it is first called.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from verifier.engines.explicit.compiler import Program
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.watch import Watch
from verifier.system.system import Property

if TYPE_CHECKING:
    from verifier.engines.native.search import NativeSearch

__all__ = ["NativeUnavailable", "native_search"]


def native_search(program: Program, properties: Iterable[Property], watch: Watch) -> NativeSearch:
    """A search that is ready to run. Raises NativeUnavailable."""
    try:
        from verifier.engines.native.search import NativeSearch
    except ImportError as error:
        raise NativeUnavailable(f"{error.name} is not installed") from error
    return NativeSearch(program, properties, watch)
