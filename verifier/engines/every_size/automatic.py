"""A search of all sizes that goes on in machine code when there turn out to be many states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.engines.every_size.counts import AllSizes, TooFewBlocks
from verifier.engines.every_size.frame import Frame
from verifier.engines.every_size.search import Search, Suspect
from verifier.engines.native import NativeUnavailable, counting_search
from verifier.engines.native.automatic import SLOWER, Limited
from verifier.engines.native.unavailable import TooFewBlocks as TooFewToLayOut
from verifier.engines.watch import Enough, Watch
from verifier.system.system import PropertyKind


@dataclass(frozen=True, slots=True)
class Found:
    """What a search that came to its end has found: the claims that are not proved, and how large it was."""

    suspects: Mapping[str, Suspect]
    states: int
    transitions: int
    depth: int
    native: bool


def searched(frame: Frame, watch: Watch, machine_code: bool) -> Found:
    """A search of all sizes, from the start by machine code if there are many states and it may be used.

    Where there cannot be machine code, the plain search does it all. Raises Stopped, NotForEverySize and TooFewBlocks.
    """
    all_sizes = AllSizes(frame.program, frame.symmetry, frame.many, frame.least)
    if machine_code:
        try:
            return _plain(frame, all_sizes, Limited(watch, SLOWER))
        except Enough:
            try:
                return natively(frame, watch)
            except NativeUnavailable:
                pass
    return _plain(frame, all_sizes, watch)


def _plain(frame: Frame, all_sizes: AllSizes, watch: Watch) -> Found:
    search = Search(frame.program, all_sizes, frame.claims, watch)
    search.run()
    return Found(search.suspects, len(search.states), search.transitions, search.depth, native=False)


def natively(frame: Frame, watch: Watch) -> Found:
    """The search by machine code. It takes states in another order, so what a suspect begins with may differ.

    Raises Stopped, TooFewBlocks and NativeUnavailable.
    """
    claims = {claim.name: claim for claim in frame.claims}
    sizes = [range(least, many + 1) for least, many in zip(frame.least, frame.many, strict=True)]
    search = counting_search(frame.program, claims.values(), watch, frame.symmetry, sizes)
    try:
        search.run(whole=False)
    except TooFewToLayOut as too_few:
        raise TooFewBlocks(too_few.orbit) from None
    decided = search.decided
    assert search.complete or decided.keys() == claims.keys(), "an end before the end"
    suspects = {}
    for name, index in decided.items():
        steps = int(claims[name].kind is not PropertyKind.ALWAYS)
        while (parent := search.parents[index]) >= 0:
            index, steps = parent, steps + 1
        suspects[name] = Suspect(name, steps, search.blocks(index))
    return Found(suspects, len(search.states), search.transitions, search.depth, native=True)
