"""Traces as JSON: written from ours, read back from anyone's.

A file that is read may have been made by a stranger. Reading gives a `Trace` of the right shape or a
`MalformedTraceError`; that it is a behaviour of some system is for `verifier.evidence.retrace` to find out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from verifier.evidence.failing import FailingPart
from verifier.evidence.trace import VERSION, Change, Place, Plain, Subject, Trace, TraceStep

T = TypeVar("T")
Json = dict[str, Any]

_PLAIN = (bool, int, str, type(None))


class MalformedTraceError(Exception):
    """The text is not a trace document; says where, in the words of the schema."""


def trace_to_json(trace: Trace) -> Json:
    """The document of `schema/trace.schema.json`."""
    subject = trace.subject
    return {
        "version": VERSION,
        "spec": subject.spec,
        "file": subject.file,
        "hash": subject.hash,
        "variant": subject.variant,
        "instance": subject.instance,
        "settings": dict(subject.settings),
        "property": trace.property,
        "kind": trace.kind,
        "outcome": trace.outcome,
        "text": trace.text,
        "span": place_to_json(trace.place),
        "failing": [
            {"text": part.text, "bindings": dict(part.bindings), "cells": dict(part.cells)} for part in trace.failing
        ],
        "loop": trace.loop,
        "initial": dict(trace.initial),
        "steps": [
            {
                "index": step.index,
                "action": step.action,
                "arguments": dict(step.arguments),
                "actor": step.actor,
                "kind": step.kind,
                "step": step.step,
                "span": place_to_json(step.place),
                "changes": {change.cell: [change.old, change.new] for change in step.changes},
            }
            for step in trace.steps
        ],
    }


def place_to_json(place: Place) -> Json:
    """The `span` of a document."""
    return {"file": place.file, "line": place.line, "column": place.column}


def trace_from_text(text: str) -> Trace:
    """The trace that the text is. Raises MalformedTraceError if it is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedTraceError(f"it is not JSON: {error}") from None
    return trace_from_json(data)


def trace_from_json(data: object) -> Trace:
    """The trace that the JSON value is. Raises MalformedTraceError if it is none."""
    whole = Fields(data, "the trace")
    version = whole.get("version", int)
    if version != VERSION:
        raise MalformedTraceError(f"it has version {version}; this Flip reads version {VERSION}")
    return Trace(
        subject=Subject(
            whole.get("spec", str),
            whole.get("file", str),
            whole.get("hash", str),
            whole.get("variant", str, type(None)),
            whole.get("instance", str),
            whole.mapping("settings", str),
        ),
        property=whole.get("property", str),
        kind=whole.get("kind", str),
        outcome=whole.get("outcome", str),
        text=whole.get("text", str),
        place=_place(whole.get("span", dict), "span"),
        failing=whole.each("failing", _failing_part),
        loop=whole.get("loop", int, type(None)),
        initial=whole.mapping("initial", *_PLAIN),
        steps=whole.each("steps", _step),
    )


def _place(data: object, where: str) -> Place:
    fields = Fields(data, where)
    return Place(fields.get("file", str), fields.get("line", int), fields.get("column", int))


def _failing_part(data: object, where: str) -> FailingPart:
    fields = Fields(data, where)
    return FailingPart(fields.get("text", str), fields.mapping("bindings", str), fields.mapping("cells", str))


def _step(data: object, where: str) -> TraceStep:
    fields = Fields(data, where)
    return TraceStep(
        fields.get("index", int),
        fields.get("action", str),
        fields.mapping("arguments", *_PLAIN),
        fields.get("actor", str),
        fields.get("kind", str),
        fields.get("step", str, type(None)),
        _place(fields.get("span", dict), f"{where}.span"),
        tuple(_change(cell, pair, f"{where}.changes") for cell, pair in fields.mapping("changes", list)),
    )


def _change(cell: str, pair: list[Plain], where: str) -> Change:
    if len(pair) != 2 or not all(type(value) in _PLAIN for value in pair):
        raise MalformedTraceError(f"{where}: {cell} is not a pair of values")
    return Change(cell, *pair)


@dataclass(frozen=True)
class Fields:
    """The fields of one JSON object, taken with the types they must have."""

    data: Any
    where: str

    def __post_init__(self) -> None:
        if not isinstance(self.data, dict):
            raise MalformedTraceError(f"{self.where} is not an object")

    def get(self, name: str, *types: type) -> Any:
        if name not in self.data:
            raise MalformedTraceError(f"{self.where} has no {name!r}")
        value = self.data[name]
        # Not isinstance: true is no number here.
        if type(value) not in types:
            raise MalformedTraceError(f"{name!r} of {self.where} has the wrong type, {type(value).__name__}")
        return value

    def mapping(self, name: str, *types: type) -> tuple[tuple[str, Any], ...]:
        values: Mapping[str, object] = self.get(name, dict)
        for key, value in values.items():
            if type(value) not in types:
                raise MalformedTraceError(f"{key!r} in {name!r} of {self.where} has the wrong type")
        return tuple(values.items())

    def each(self, name: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        return tuple(read(item, f"{name}[{index}]") for index, item in enumerate(self.get(name, list)))
