"""The JSON report keeps its contract: the schema, in both directions."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from tests.evidence.systems import SYSTEM
from verifier.engines.verdict import Budget
from verifier.evidence.checking import Expectations, Search, check
from verifier.evidence.trace import Subject
from verifier.report.json import check_to_json, dumps

SCHEMAS = files("verifier.report").joinpath("schema")
CHECK, TRACE = (
    json.loads(SCHEMAS.joinpath(f"{n}.schema.json").read_text(encoding="utf-8")) for n in ("check", "trace")
)
VALIDATOR = jsonschema.Draft202012Validator(
    CHECK, registry=Registry().with_resource(TRACE["$id"], Resource.from_contents(TRACE))
)
SUBJECT = Subject("hand", "hand.flip", "abc", None, "small")


def document(search: Search | None = None) -> Any:
    result = check(SUBJECT, SYSTEM, SYSTEM.properties, Expectations(), search or Search())
    return json.loads(dumps(check_to_json([result], [], 1)))


@pytest.mark.parametrize("search", [Search(), Search(budget=Budget(states=1)), Search("bounded", depth=1)])
def test_reports_fit_their_schema(search: Search) -> None:
    """Complete or cut short, with either engine."""
    VALIDATOR.check_schema(CHECK)
    VALIDATOR.validate(document(search))


def test_a_violation_comes_with_its_trace() -> None:
    """Nobody has to run Flip again to see what happened."""
    (spec,) = document()["specs"]
    together = next(verdict for verdict in spec["verdicts"] if verdict["property"] == "together")
    assert (together["outcome"], together["expected"], together["as_expected"]) == ("violated", "holds", False)
    assert together["trace"]["steps"][0]["changes"]["owner(0xe1)"] == ["vm1", "vm2"]
    assert together["span"] == {"file": "hand.flip", "line": 40, "column": 1}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("specs", 0, "hash"), None),
        (("specs", 0, "verdicts", 0, "outcome"), "fine"),
        (("specs", 0, "verdicts", 0, "expected"), "undetermined"),
        (("specs", 0, "verdicts", 0, "extra"), 1),
        (("specs", 0, "verdicts", 1, "trace", "steps", 0, "changes"), {"on": [True]}),
    ],
)
def test_the_schema_refuses_what_is_not_meant(path: tuple[str | int, ...], value: object) -> None:
    """A schema that lets everything pass says nothing; it reaches into the traces as well."""
    whole = document()
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert not VALIDATOR.is_valid(whole)
