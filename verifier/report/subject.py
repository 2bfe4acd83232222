"""What a report is about, in one line and as JSON."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from verifier.evidence.trace import Subject
from verifier.language.diagnostics import escape


def heading(subject: Subject) -> Text:
    """`spec (instance, settings), variant  file`."""
    chosen = ", ".join([subject.instance, *(f"{name} = {value}" for name, value in subject.settings)])
    variant = "" if subject.variant is None else f", variant {subject.variant}"
    return Text.assemble((escape(f"{subject.spec} ({chosen}){variant}"), "bold"), (f"  {escape(subject.file)}", "dim"))


def subject_to_json(subject: Subject) -> dict[str, Any]:
    """The members of a document that say what it is about."""
    return {
        "spec": subject.spec,
        "file": subject.file,
        "hash": subject.hash,
        "variant": subject.variant,
        "instance": subject.instance,
        "settings": dict(subject.settings),
    }
