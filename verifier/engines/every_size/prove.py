"""Proofs for every size: which claims hold of a specification whatever the sizes that it leaves open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from verifier.engines.every_size.automatic import Found, searched
from verifier.engines.every_size.counts import TooFewBlocks
from verifier.engines.every_size.frame import BUILT_IN, Builder, Frame
from verifier.engines.every_size.many import NotForEverySize
from verifier.engines.every_size.opaque import simplified
from verifier.engines.every_size.search import KINDS, Suspect
from verifier.engines.explicit.engine import MACHINE_CODE
from verifier.engines.verdict import Outcome, Verdict
from verifier.engines.watch import Stopped, Watch
from verifier.system.family import Family, Kept, Suspicion
from verifier.system.system import Property, PropertyKind

METHOD = "proved for every size"


@dataclass(frozen=True, slots=True)
class EverySize:
    """What is known of all sizes at once.

    `verdicts` are those of the claims that hold for every choice of the sizes in `sizes`: for any number of members
    that the specification does not name, beside those that it does. `kept` are the sizes that stay what they are in
    the instance. `reason` says why nothing is known, if the search could not be made or did not come to its end; `cut`
    tells that it would have gone on.
    """

    verdicts: tuple[Verdict, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()
    sizes: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    states: int = 0
    transitions: int = 0
    depth: int = 0
    reason: str = ""
    cut: bool = False


def prove(family: Family, claims: Iterable[Property], watch: Watch, machine_code: bool = True) -> EverySize:
    """What can be proved of the claims within the watch's budget. Other kinds are left alone.

    If there are many states, machine code is made for them where there can be and it is not forbidden.

    There are verdicts, too, on what is always claimed of the steps: that they stay in range and write no cell twice. If
    one of these may be violated nothing is proved, for a step that violates it does not take place. A range that is too
    small at another size is no suspicion: it may well have been chosen for the instance.
    """
    names = tuple(claim.name for claim in claims if claim.kind in KINDS)
    if not names:
        return EverySize(reason="there is no claim about states and steps")
    family = simplified(family, names)
    builder = Builder(family, names)
    try:
        while True:
            frame = builder.build()
            try:
                found = _proved(family, frame, watch, machine_code)
                builder.confirm(frame)
                return found
            except TooFewBlocks as too_few:
                builder.enlarge(frame, too_few.args[0])
    except NotForEverySize as reason:
        return EverySize(reason=str(reason))
    except Stopped as reason:
        return EverySize(reason=str(reason), cut=True)


def _proved(family: Family, frame: Frame, watch: Watch, machine_code: bool) -> EverySize:
    found = searched(frame, watch, machine_code)
    size = found.states, found.transitions, found.depth
    measured = Verdict("", Outcome.HOLDS, _method(family, frame, found), *size, watch.seconds)
    kinds = {claim.name: claim.kind for claim in frame.claims}
    broken = [name for name in found.suspects if kinds[name] in BUILT_IN]
    proved = () if broken else (name for name in kinds if name not in found.suspects)
    return EverySize(
        tuple(replace(measured, property=name) for name in proved),
        tuple(
            _suspicion(family, frame, suspect)
            for suspect in found.suspects.values()
            if kinds[suspect.claim] is not PropertyKind.RANGE
        ),
        tuple(str(family.sizes[i]) for i in frame.free),
        frame.kept,
        *size,
        f"{broken[0]} may be violated at another size, and then steps are missing there" if broken else "",
    )


def _method(family: Family, frame: Frame, found: Found) -> str:
    """`proved for every size of window >= 2, rest = own with Data = 2 (412 abstract states)`."""
    free = ", ".join(family.sizes[i].described() for i in frame.free)
    kept = ", ".join(map(str, frame.kept))
    by = MACHINE_CODE if found.native else ""
    return f"{METHOD} of {free}{f' with {kept}' if kept else ''} ({found.states} abstract states){by}"


def _suspicion(family: Family, frame: Frame, suspect: Suspect) -> Suspicion:
    """The sizes that have the blocks that the search began with; the first size of an orbit has all of them.

    A size that may be larger need not be so by more than the steps that can take a block away from the others.
    """
    first: list[tuple[str, int]] = []
    growing: set[str] = set()
    met: set[int] = set()
    for i, orbit in zip(frame.free, frame.orbit_of, strict=True):
        names, least = family.sizes[i].names, family.sizes[i].least
        blocks = suspect.blocks[orbit]
        first += [(name, least if orbit in met else max(least, blocks + frame.fixed[orbit])) for name in names]
        if orbit not in met and blocks == frame.many[orbit]:
            growing.update(names)
        met.add(orbit)
    return Suspicion(suspect.claim, tuple(first), frozenset(growing), suspect.steps)
