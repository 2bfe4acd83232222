"""Rankings as JSON. What is read back is one of the parts that a ranking of the family can have, or refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from verifier.engines.proof.family import Family
from verifier.engines.proof.progress.measures import Measure, measures
from verifier.engines.proof.progress.ranking import Part, Ranking, Rest
from verifier.engines.proof.progress.units import units
from verifier.evidence.trace import plain


class MalformedRankingError(Exception):
    """The JSON is no ranking over the family; the message says why."""


def ranking_to_json(ranking: Ranking) -> list[Any]:
    """The parts in their order."""
    return [_part_to_json(part) for part in ranking]


def _part_to_json(part: Part) -> list[Any]:
    match part:
        case Measure(function, relation, value):
            return ["measure", function.name, relation.value, plain(function.result, value)]
        case Rest(unit, strong):
            return ["rest", unit, strong]


def ranking_from_json(data: Iterable[object], family: Family) -> Ranking:
    """The ranking, of parts that the family has. Raises MalformedRankingError."""
    known = {json.dumps(_part_to_json(part)): part for part in _possible(family)}
    found = []
    for number, item in enumerate(data, start=1):
        is_flat = isinstance(item, list) and not any(isinstance(inside, list | dict) for inside in item)
        part = known.get(json.dumps(item)) if is_flat else None
        if part is None:
            raise MalformedRankingError(f"its part {number} is nothing that can come to rest")
        found.append(part)
    return tuple(found)


def _possible(family: Family) -> Iterator[Part]:
    """Everything that can come to rest: of what fairness is assumed, as strong as it is assumed."""
    yield from measures(family.text)
    for number, unit in enumerate(units(family.text)):
        if unit.strong:
            yield Rest(number, True)
        if unit.weak:
            yield Rest(number, False)
