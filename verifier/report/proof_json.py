"""A proof as one JSON document: `schema/proof.schema.json`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from verifier.evidence.failed_step import FailedStep
from verifier.evidence.readable_text import Paragraph
from verifier.evidence.results import CheckResult
from verifier.evidence.trace import changes, place_of, plain
from verifier.evidence.trace_json import place_to_json
from verifier.language.show_expression import show_expression
from verifier.report.json import check_to_json
from verifier.report.proof import ProofReport
from verifier.system.interpreter import Interpreter

Json = dict[str, Any]

VERSION = 1


def proof_to_json(result: CheckResult, report: ProofReport, exit_code: int) -> Json:
    """The document. `result` is as in a check."""
    return {
        "version": VERSION,
        "result": check_to_json([result], [], exit_code)["specs"][0],
        "sizes": report.sizes,
        "kept": list(report.kept),
        "covers_instance": report.covers_instance,
        "lemmas": [{"name": lemma.name, "text": show_expression(lemma.formula)} for lemma in report.lemmas],
        "not_inductive": [_failed_step(step) for step in report.failed_steps],
        "warnings": [
            {"text": str(cycle), "advice": list(cycle.advice), "span": place_to_json(place_of(cycle.edges[0].span))}
            for cycle in report.warnings
        ],
        "said": None if report.paragraphs is None else _paragraphs(report.paragraphs),
        "rests_on": None
        if report.explained is None
        else {
            "claim": report.explained.claim,
            "lemmas": list(report.explained.lemmas),
            "said": _paragraphs(report.explained.paragraphs),
            "needs": [
                {"goal": need.goal, "action": need.action, "lemmas": list(need.lemmas)}
                for need in report.explained.needs
            ],
        },
        "not_needed": None
        if report.spare is None
        else [
            {"action": s.action, "part": s.part, "text": s.text, "span": place_to_json(place_of(s.span))}
            for s in report.spare
        ],
        "rankings": [{"claim": name, "parts": list(parts)} for name, parts in report.rankings.items()],
        "smallest": [
            {"claim": name, "sizes": needs.by_name(), "known": not needs.reason, "reason": needs.reason}
            for name, needs in report.needs.items()
        ],
        "exit_code": exit_code,
    }


def _paragraphs(paragraphs: Iterable[Paragraph]) -> list[Json]:
    return [
        {
            "heading": paragraph.heading,
            "sentences": [{"lemmas": list(each.names), "text": each.text} for each in paragraph.sentences],
        }
        for paragraph in paragraphs
    ]


def _failed_step(step: FailedStep) -> Json:
    interpreter = Interpreter(step.system)
    cells = interpreter.layout.cells
    action = step.action
    return {
        "goal": step.goal,
        "action": None if action is None else action.name,
        "arguments": {}
        if action is None
        else {p.name: plain(p.type, v) for p, v in zip(action.parameters, step.arguments, strict=True)},
        "facts": {cells[place].name: plain(cells[place].type, step.state[place]) for place in step.facts},
        "changes": {c.cell: [c.old, c.new] for c in changes(interpreter, step.state, step.after)},
        "failing": [
            {"text": part.text, "bindings": dict(part.bindings), "cells": dict(part.cells)} for part in step.failing
        ],
    }
