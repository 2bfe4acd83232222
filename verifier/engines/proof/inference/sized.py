"""An instance of a family, of given sizes, with its circuit and its symmetry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from verifier.engines.proof.family import Family, Place
from verifier.engines.proof.inference.circuit import Circuit
from verifier.engines.proof.inference.cubes import Cubes
from verifier.engines.proof.instances import Members, instance, members_of_size
from verifier.engines.proof.transfer import transfer
from verifier.system.expressions import Expression
from verifier.system.symmetry import Member, Symmetry


@dataclass(frozen=True)
class Sized:
    """`sizes[i]` blocks are in orbit i of the family."""

    sizes: tuple[int, ...]
    members: Members
    placed: dict[Member, Place]
    symmetry: Symmetry
    circuit: Circuit
    cubes: Cubes
    _moved: dict[Expression, Expression] = field(default_factory=dict)

    def transferred(self, formula: Expression) -> Expression:
        """A formula over the family's sorts, over those of the instance. Equal formulas give the same object."""
        if formula not in self._moved:
            self._moved[formula] = transfer(formula, self.members.sorts)
        return self._moved[formula]


def sized(family: Family, sizes: Sequence[int], look: Callable[[], None]) -> Sized:
    """The instance of the family with these sizes. `look` may raise to end the translation."""
    members = members_of_size(family, sizes)
    symmetry = Symmetry(
        tuple(
            tuple(
                tuple((kind.sort, members.index[number, slot, block]) for slot, kind in enumerate(orbit))
                for block in range(size)
            )
            for number, (orbit, size) in enumerate(zip(family.orbits, sizes, strict=True))
        )
    )
    circuit = Circuit(instance(family, sizes), look)
    return Sized(tuple(sizes), members, members.placed(), symmetry, circuit, Cubes(circuit, symmetry))
