"""The trace document: written by us, fit for its schema, read back from anyone."""

from __future__ import annotations

import json
from contextlib import suppress
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence import systems
from tests.evidence.systems import INITIAL, SYSTEM
from verifier.engines.verdict import Behaviour, Outcome, Verdict
from verifier.evidence.believe import believed
from verifier.evidence.replay import ContradictionError
from verifier.evidence.retrace import retrace
from verifier.evidence.trace import Subject, Trace
from verifier.evidence.trace_json import MalformedTraceError, trace_from_json, trace_from_text, trace_to_json
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property

INTERPRETER = Interpreter(SYSTEM)
SUBJECT = Subject("hand", "hand.flip", "abc", "broken", "small", (("Page", "3"),))
SCHEMA = json.loads(files("verifier.report").joinpath("schema/trace.schema.json").read_text(encoding="utf-8"))


def trace(claim: Property = systems.NO_VM2) -> Trace:
    told = Behaviour(INITIAL, (("nic.stop", ()), ("hv1.give", (1,))))
    verdict = Verdict(claim.name, Outcome.VIOLATED, "trace", behaviour=told)
    belief, document = believed(INTERPRETER, SUBJECT, claim, verdict)
    assert document is not None, belief.reason
    return document


def document() -> Any:
    """The JSON of a trace, as it comes from a file."""
    return json.loads(json.dumps(trace_to_json(trace())))


def test_the_document_speaks_in_names() -> None:
    """Cells, arguments and values are written as in a specification; none is null."""
    data = document()
    assert data["initial"] == {
        "owner(0xe1)": "vm1",
        "owner(0xe2)": "vm1",
        "owner(0xe3)": "vm1",
        "on": True,
        "given": 0,
    }
    assert data["steps"][1] == {
        "index": 2,
        "action": "hv1.give",
        "arguments": {"p": "0xe2"},
        "actor": "hv1",
        "kind": "step",
        "step": "hv1.give",
        "span": {"file": "hand.flip", "line": 11, "column": 1},
        "changes": {"owner(0xe2)": ["vm1", "vm2"], "given": [0, 1]},
    }
    assert data["failing"][0]["bindings"] == {"p": "0xe2"}
    assert (data["variant"], data["settings"], data["loop"]) == ("broken", {"Page": "3"}, None)


def test_the_document_fits_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document(), SCHEMA)


def test_a_document_is_read_back_as_it_was() -> None:
    assert trace_from_json(document()) == trace()


def test_a_behaviour_that_shows_nothing_is_an_error_of_the_tool() -> None:
    """Whatever an engine says, its verdict becomes an ERROR if the interpreter does not agree."""
    wrong = Verdict("no_vm2", Outcome.VIOLATED, "trace", behaviour=Behaviour(INITIAL, ()))
    belief, found = believed(INTERPRETER, SUBJECT, systems.NO_VM2, wrong)
    assert (belief.outcome, found) == (Outcome.ERROR, None)
    assert belief.reason == "the tool contradicts itself: violated, but the formula holds where it ends"


def test_a_violation_needs_a_behaviour() -> None:
    """But that something is not reachable is said of all behaviours."""
    bare = Verdict("no_vm2", Outcome.VIOLATED, "trace")
    assert believed(INTERPRETER, SUBJECT, systems.NO_VM2, bare)[0].outcome is Outcome.ERROR
    unreachable = Verdict("midway", Outcome.VIOLATED, "exhaustive")
    assert believed(INTERPRETER, SUBJECT, systems.MIDWAY, unreachable) == (unreachable, None)


def test_a_trace_is_retraced() -> None:
    assert retrace(INTERPRETER, trace()) == trace()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("property",), "nothing", "there is no property nothing"),
        (("property",), "finished", "must go on for ever"),
        (("initial", "on"), 1, "on cannot be 1"),
        (("initial", "given"), 3, "given cannot be 3"),
        (("initial", "owner(0xe1)"), "vm3", "owner"),
        (("initial", "more"), 1, "other cells"),
        (("steps", 0, "action"), "nic.go", "no action nic.go"),
        (("steps", 1, "arguments"), {}, "other parameters"),
        (("steps", 1, "arguments"), {"p": "0xe9"}, "p cannot be '0xe9'"),
        (("steps", 1, "changes"), {}, "changes other cells than it says"),
        (("outcome",), "holds", "it shows .violated., not .holds."),
        (("loop",), 0, "does not lead back"),
    ],
)
def test_a_trace_of_something_else(path: tuple[str | int, ...], value: object, message: str) -> None:
    """What the document says is held against the system, in every part that matters."""
    data = document()
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    altered = trace_from_json(data)
    with pytest.raises(ContradictionError, match=message):
        retrace(INTERPRETER, altered)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "the trace is not an object"),
        ("{}", "the trace has no 'version'"),
        ('{"version": true}', "'version' of the trace has the wrong type, bool"),
        ('{"version": 2}', "version 2; this Flip reads version 1"),
    ],
)
def test_what_is_no_trace(text: str, message: str) -> None:
    with pytest.raises(MalformedTraceError, match=message):
        trace_from_text(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
def test_reading_survives_anything(data: st.DataObject) -> None:
    """Any part replaced by anything gives a trace, an error that says where, or a contradiction; never a traceback."""
    whole = document()
    inner = whole
    for _ in range(data.draw(st.integers(0, 3))):
        key = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        if not isinstance(inner[key], dict | list) or not inner[key]:
            break
        inner = inner[key]
    key = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
    inner[key] = data.draw(JSON)
    with suppress(MalformedTraceError, ContradictionError):
        retrace(INTERPRETER, trace_from_json(whole))
