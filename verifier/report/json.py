"""The results of a check as one JSON document: `schema/check.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from verifier.evidence.results import CheckResult, Judged
from verifier.evidence.trace_json import place_to_json, trace_to_json

VERSION = 1

Json = dict[str, Any]


def check_to_json(results: Iterable[CheckResult], diagnostics: Sequence[Json], exit_code: int) -> Json:
    """The document; `diagnostics` are the front end's, already plain data."""
    return {
        "version": VERSION,
        "specs": [_result(result) for result in results],
        "diagnostics": list(diagnostics),
        "exit_code": exit_code,
    }


def dumps(document: Json) -> str:
    """The document as text, the same for the same document."""
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _result(result: CheckResult) -> Json:
    subject, counts = result.subject, result.counts
    return {
        "spec": subject.spec,
        "file": subject.file,
        "hash": subject.hash,
        "variant": subject.variant,
        "instance": subject.instance,
        "settings": dict(subject.settings),
        "states": counts.states,
        "expected_states": counts.expected_states,
        "symmetry": result.symmetry,
        "verdicts": [_verdict(judged) for judged in result.verdicts],
        "findings": [
            {"kind": finding.kind, "text": finding.text, "span": place_to_json(finding.place)}
            for finding in result.findings
        ],
    }


def _verdict(judged: Judged) -> Json:
    verdict = judged.verdict
    return {
        "property": verdict.property,
        "kind": judged.kind,
        "outcome": verdict.outcome.value,
        "method": verdict.method,
        "reason": verdict.reason,
        "expected": None if judged.expected is None else judged.expected.value,
        "as_expected": judged.as_expected,
        "states": verdict.states,
        "transitions": verdict.transitions,
        "depth": verdict.depth,
        "seconds": round(verdict.seconds, 3),
        "span": place_to_json(judged.place),
        "trace": None if judged.trace is None else trace_to_json(judged.trace),
    }
