"""What the explicit engine says of a specification, with every trace seen by the reference interpreter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from verifier.engines.explicit import check
from verifier.engines.verdict import Outcome, Verdict
from verifier.evidence.confirm import confirm, shown_by_a_run
from verifier.evidence.replay import replay
from verifier.language.specification import Specification, open_specification
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property, System

SPECS = Path(__file__).parents[2] / "specs"


@dataclass(frozen=True)
class Answers:
    """`wrong` are the properties that do not hold; `steps` is how long each trace is, where there is one."""

    states: int
    wrong: frozenset[str]
    steps: Mapping[str, int]


def specification(name: str) -> Specification:
    opened = open_specification(SPECS / f"{name}.flip")
    assert isinstance(opened, Specification), opened
    return opened


def answers(
    spec: Specification, variant: str | None = None, instance: str | None = None, symmetry: bool = True
) -> Answers:
    """Checks everything that the protocol, or a variant of it, claims; nothing may be left undetermined."""
    elaborated = spec.elaborate(variant, instance)
    assert not isinstance(elaborated, tuple), elaborated
    system = elaborated.system
    report = check(system, system.properties, symmetry=symmetry)
    steps = {
        claim.name: _seen(system, claim, verdict)
        for claim, verdict in zip(system.properties, report.verdicts, strict=True)
        if verdict.outcome is shown_by_a_run(claim)
    }
    wrong = {verdict.property for verdict in report.verdicts if verdict.outcome is not Outcome.HOLDS}
    assert all(verdict.outcome in (Outcome.HOLDS, Outcome.VIOLATED) for verdict in report.verdicts)
    return Answers(report.states, frozenset(wrong), steps)


def _seen(system: System, claim: Property, verdict: Verdict) -> int:
    """The length of the verdict's trace, which must show what it is said to show."""
    assert verdict.behaviour is not None
    interpreter = Interpreter(system)
    confirm(interpreter, claim, replay(interpreter, verdict.behaviour))
    return len(verdict.behaviour.steps)
