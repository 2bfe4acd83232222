"""What local names mean at a place in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from verifier.system.expressions import Expression, Variable
from verifier.system.types import Type

_NOTHING: Mapping[str, Expression | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scope:
    """Local names and where they stand.

    `names` maps to what a name is replaced by; to None where its declaration is wrong (that has been reported).
    `taken` are the names of all variables around here in the kernel form, also of those that the text cannot see
    because it is the body of a `define` or an operation: a new variable must be called something else.
    """

    names: Mapping[str, Expression | None] = field(default_factory=lambda: _NOTHING)
    taken: frozenset[str] = frozenset()
    two_state: bool = False
    """Whether `next` may be used."""
    constant: bool = False
    """Whether only constants may be read."""
    depth: int = 0
    """How many expressions, definitions and operations this place is nested in."""
    inside: tuple[str, ...] = ()
    """The definitions and operations being replaced by their bodies, outermost first."""

    def bind(self, name: str, meaning: Expression | None) -> Scope:
        return replace(self, names={**self.names, name: meaning})

    def declare(self, name: str, kind: Type | None) -> tuple[Scope, Variable | None]:
        """A new variable, under a name of its own in the kernel form."""
        if kind is None:
            return self.bind(name, None), None
        fresh, attempt = name, 1
        while fresh in self.taken:
            attempt += 1
            fresh = f"{name}_{attempt}"
        variable = Variable(fresh, kind)
        return replace(self, names={**self.names, name: variable}, taken=self.taken | {fresh}), variable

    def deeper(self) -> Scope:
        return replace(self, depth=self.depth + 1)

    def body_of(self, what: str, names: Mapping[str, Expression | None]) -> Scope:
        """The scope of the body of a definition or an operation that is used here."""
        return replace(self, names=names, depth=self.depth + 1, inside=(*self.inside, what))
