"""What a ranking claims of states and steps, as claims of the family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from verifier.engines.proof.family import Family
from verifier.engines.proof.progress.ghosts import takes, waiting, with_taken, with_waiting
from verifier.engines.proof.progress.measures import Measure
from verifier.engines.proof.progress.ranking import Ranking
from verifier.engines.proof.progress.units import Unit, units
from verifier.system.expressions import Equal, Expression, ForAll, Implies, Next, Not, Variable, conjunction
from verifier.system.system import Property, PropertyKind


def obligations(family: Family, claim: Property, ranking: Ranking) -> Family:
    """A family whose properties are what the ranking claims for an EVENTUALLY or LEADS_TO of this family.

    If all of them hold, so does the claim, where sorts are finite.
    """
    fair = units(family.text)
    wider = with_taken(with_waiting(family, claim), fair)
    claims = tuple(_Said(wider, claim, fair).of(ranking))
    return replace(wider, text=replace(wider.text, properties=claims))


@dataclass(frozen=True, slots=True)
class _Said:
    family: Family
    claim: Property
    units: tuple[Unit, ...]

    def of(self, ranking: Ranking) -> Iterator[Property]:
        """All the claims. Steps that fail are none, so fairness would force what cannot happen: none may fail."""
        yield self._property("no step leaves a range", PropertyKind.RANGE)
        yield self._property("no step writes a cell twice", PropertyKind.CONFLICT)
        waits = waiting(self.claim)
        gone: list[Expression] = []
        """What has been ruled out in states."""
        known: list[Expression] = [waits, Next(Not(self.claim.formula))]
        """What all steps are like; it only gets longer, so that what was said of it before can be said again."""
        for number, part in enumerate(ranking, 1):
            step = conjunction(*known)
            if isinstance(part, Measure):
                inside, variables = part.formula(), part.variables
                shrinks = _for_all(variables, Implies(Next(inside), inside))
                yield self._step(f"{number}: no step enlarges {part}", step, shrinks)
                known.append(_for_all(variables, Equal(inside, Next(inside))))
                continue
            unit = self.units[part.unit]
            enabled = unit.enabled()
            taken = Not(Next(takes(self.family, part.unit)))
            yield self._step(f"{number}: {unit.name} changes something before", step, taken)
            if not part.strong:
                stays = _for_all(unit.variables, Implies(enabled, Next(enabled)))
                yield self._step(f"{number}: {unit.name} stays enabled", step, stays)
            gone.append(_for_all(unit.variables, Not(enabled)))
            known += (gone[-1], Next(gone[-1]))
        helped = Implies(waits, Not(conjunction(*gone)))
        yield self._property("some helpful step is possible", PropertyKind.ALWAYS, helped)

    def _step(self, said: str, step: Expression, so: Expression) -> Property:
        return self._property(said, PropertyKind.STEP, Implies(step, so))

    def _property(self, said: str, kind: PropertyKind, formula: Expression | None = None) -> Property:
        made = Property(f"{self.claim.name}, {said}", kind, span=self.claim.span)
        return made if formula is None else replace(made, formula=formula)


def _for_all(variables: tuple[Variable, ...], body: Expression) -> Expression:
    for variable in reversed(variables):
        body = ForAll(variable, body)
    return body
