"""Results of checks for people: one line for each property, one for each variant, then the traces nobody expected.

The same results give the same text, so that two runs can be compared with diff: times are shown only on demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from verifier.engines.verdict import LONGER_TRACE, Outcome
from verifier.evidence.results import CheckResult, Finding, Judged
from verifier.language.diagnostics import escape
from verifier.report.trace_text import Mode, steps_in_words, trace_lines

_STYLES = {
    Outcome.HOLDS: "green",
    Outcome.VIOLATED: "bold red",
    Outcome.UNDETERMINED: "yellow",
    Outcome.ERROR: "bold red",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What to show: traces in which form, those that were expected too, and times."""

    trace: Mode = "diff"
    all_traces: bool = False
    seconds: bool = False


def specification_lines(results: Sequence[CheckResult], look: Look) -> Iterator[Text]:
    """Everything about one specification: `results` are those of its protocol and its variants, one instance."""
    for result in results:
        if result.subject.variant is None:
            yield from _protocol(result, look)
    variants = [result for result in results if result.subject.variant is not None]
    if len(variants) == len(results):
        yield _heading(variants[0])
    width = max((len(escape(r.subject.variant or "")) for r in variants), default=0)
    for result in variants:
        yield from _variant(result, width, look)
    for result in results:
        for judged in result.verdicts:
            if judged.trace is not None and (look.all_traces or judged.as_expected is False):
                lines = list(trace_lines(judged.trace, look.trace))
                yield from [Text(""), *lines] if lines else []


def summary(results: Sequence[CheckResult], errors: int = 0) -> Text:
    """One line about all results, and the errors in what could not be checked."""
    verdicts = [judged for result in results for judged in result.verdicts]
    surprises = sum(judged.as_expected is False and _is_definite(judged) for judged in verdicts)
    surprises += sum(not result.counts.as_expected for result in results)
    failed = sum(judged.verdict.outcome is Outcome.ERROR for judged in verdicts)
    open_ones = sum(
        judged.verdict.outcome is Outcome.UNDETERMINED and judged.expected is not None for judged in verdicts
    )
    parts = [
        (f"{failed} failed in the tool itself", failed),
        (_counted(errors, "error") + " in specifications", errors),
        (f"{surprises} not as expected", surprises),
        (f"{open_ones} undetermined", open_ones),
    ]
    bad = [text for text, count in parts if count]
    variants = [result.subject.variant for result in results if not result.elsewhere]
    protocols = variants.count(None)
    total = f"{_counted(protocols, 'protocol')}, {_counted(len(variants) - protocols, 'variant')}"
    return Text.assemble(f"{total}: ", (", ".join(bad), "bold red") if bad else ("all as expected", "bold green"))


def _protocol(result: CheckResult, look: Look) -> Iterator[Text]:
    yield _heading(result)
    width = max((len(escape(judged.verdict.property)) for judged in result.verdicts), default=0)
    for judged in result.verdicts:
        yield _verdict(judged, width, look)
    yield from _remarks(result, look)


def _heading(result: CheckResult) -> Text:
    subject = result.subject
    chosen = ", ".join([subject.instance, *(f"{name} = {value}" for name, value in subject.settings)])
    return Text.assemble((escape(f"{subject.spec} ({chosen})"), "bold"), (f"  {escape(subject.file)}", "dim"))


def _verdict(judged: Judged, width: int, look: Look) -> Text:
    verdict = judged.verdict
    name = f"{escape(verdict.property):{width}}"
    line = Text.assemble("  ", (f"{verdict.outcome.value:12}", _STYLES[verdict.outcome]), f"  {name}  {_how(judged)}")
    if judged.as_expected is False and judged.expected is Outcome.VIOLATED:
        line.append("; expected to be violated", "bold red")
    return line.append(f"  {verdict.seconds:.2f} s", "dim") if look.seconds else line


def _how(judged: Judged) -> str:
    """The method, and what it found or why it found nothing."""
    verdict = judged.verdict
    parts = [escape(verdict.method)]
    if judged.trace is not None:
        parts.append(steps_in_words(len(judged.trace.steps)))
    if verdict.reason:
        parts.append(escape(verdict.reason))
    return ", ".join(part for part in parts if part)


def _variant(result: CheckResult, width: int, look: Look) -> Iterator[Text]:
    """One line if all is as expected, and one for each verdict that is not."""
    name = f"{escape(result.subject.variant or ''):{width}}"
    surprises = [judged for judged in result.verdicts if _is_surprise(judged)]
    broken = [judged for judged in result.verdicts if judged.expected is Outcome.VIOLATED]
    if not surprises:
        what = "; ".join(map(_broken, broken)) if broken else "holds"
        yield _variant_line("as expected", "green", name, what)
    for judged in surprises:
        verdict = judged.verdict
        if verdict.outcome in (Outcome.UNDETERMINED, Outcome.ERROR):
            text = f"{escape(verdict.property)}: {_how(judged)}"
            yield _variant_line(verdict.outcome.value, _STYLES[verdict.outcome], name, text)
        else:
            assert judged.expected is not None
            text = f"{escape(verdict.property)} {_outcome(judged)}, but {_EXPECTED[judged.expected]}"
            yield _variant_line("not expected", "bold red", name, text)
    yield from _remarks(result, look)


_EXPECTED = {Outcome.HOLDS: "is expected to hold", Outcome.VIOLATED: "is expected to be violated"}


def _variant_line(label: str, style: str, name: str, text: str) -> Text:
    return Text.assemble("  ", (f"{label:12}", style), f"  variant {name}  {text}")


def _broken(judged: Judged) -> str:
    steps = f", {steps_in_words(len(judged.trace.steps))}" if judged.trace is not None else ""
    longer = " (perhaps not the fewest)" if judged.verdict.method == LONGER_TRACE else ""
    return f"violated {escape(judged.verdict.property)}{steps}{longer}"


def _outcome(judged: Judged) -> str:
    return "is violated" if judged.verdict.outcome is Outcome.VIOLATED else "holds"


def _is_surprise(judged: Judged) -> bool:
    """Whether a reader must hear of the verdict: not as expected, or the tool failed."""
    return judged.as_expected is False or judged.verdict.outcome is Outcome.ERROR


def _is_definite(judged: Judged) -> bool:
    return judged.verdict.outcome in (Outcome.HOLDS, Outcome.VIOLATED)


def _remarks(result: CheckResult, look: Look) -> Iterator[Text]:
    counts = result.counts
    if not counts.as_expected:
        text = f"{counts.states} states were reached, but {counts.expected_states} are expected"
        yield Text.assemble("  ", ("not expected", "bold red"), f"  {text}")
    if result.subject.variant is None and counts.states:
        text = f"{counts.states} states, {counts.transitions} transitions, depth {counts.depth}"
        symmetry = f"; {escape(result.symmetry)}" if result.symmetry else ""
        seconds = f"; {counts.seconds:.2f} s" if look.seconds else ""
        yield Text(f"  {text}{symmetry}{seconds}", "dim")
        yield from _findings(result.findings)


def _findings(findings: Sequence[Finding]) -> Iterator[Text]:
    """What is without effect, and where."""
    for finding in findings:
        place = (f"  {escape(str(finding.place))}", "dim")
        yield Text.assemble("  ", (f"{'note':12}", "yellow"), f"  {escape(finding.text)}", place)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def plain_text(lines: Iterable[Text]) -> str:
    """The lines without colour, as a file has them."""
    return "".join(f"{line.plain.rstrip()}\n" for line in lines)
