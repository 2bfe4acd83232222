"""What `flip certify` does once its arguments are understood."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from verifier.commands.complaints import Complaints
from verifier.commands.families import in_all_sizes
from verifier.commands.interrupt import interruptible
from verifier.commands.output import print_lines
from verifier.commands.progress import progress
from verifier.commands.refusal import RefusalError
from verifier.commands.sources import elaborated, required
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.evidence.certificate_check import Check, Finding, answers, interpreted, translated_again
from verifier.evidence.certificate_files import MalformedCertificateError, Stated, read_certificate
from verifier.evidence.results import SUCCESS, UNDETERMINED, VIOLATED, WRONG
from verifier.language.diagnostics import escape
from verifier.language.specification import Specification
from verifier.report.json import dumps

_STYLES = {Check.PASSED: "green", Check.FAILED: "bold red", Check.UNKNOWN: "yellow"}


def run(arguments: argparse.Namespace) -> int:
    """Check the certificate, print what came of it, and give the exit code: 0, 1 if it is refused, 3 if unknown."""
    try:
        stated = read_certificate(Path(arguments.folder))
    except MalformedCertificateError as error:
        raise RefusalError(f"{arguments.folder} is no certificate: {error}") from None
    complaints = Complaints(quiet=arguments.format == "json")
    specification = required(Path(arguments.spec or stated.subject.file), complaints)
    if specification is None:
        return WRONG
    uniform = _uniform(specification, stated, complaints)
    if uniform is None:
        return WRONG
    with interruptible() as interrupt, progress(specification.name) as observer:
        watch = Watch(Budget(), observer)

        def wait() -> None:
            interrupt.end_if_happened()
            watch.say("certificate", "checked")

        findings = [translated_again(stated, uniform)]
        if findings[0].check is Check.PASSED:
            findings += [answers(stated, "z3", wait), answers(stated, "cvc5", wait)]
            findings.append(interpreted(stated, uniform, arguments.time, wait))
    code = _code(findings)
    if arguments.format == "json":
        print(dumps(_document(stated, findings, code)), end="")
    else:
        print_lines(_lines(stated, findings, code))
    return code


def _uniform(specification: Specification, stated: Stated, complaints: Complaints) -> Uniform | None:
    """The family that the certificate is about; None, after saying why, if the specification is not as it was."""
    subject = stated.subject
    if specification.hash != subject.hash:
        raise RefusalError(f"the certificate is not of {specification.file} as it is now: the hash is another one")
    if elaborated(specification, subject.variant, subject.instance, subject.settings, complaints) is None:
        return None
    return in_all_sizes(specification, subject.variant, subject.instance, subject.settings)


def _code(findings: list[Finding]) -> int:
    checks = {finding.check for finding in findings}
    if Check.FAILED in checks:
        return VIOLATED
    return UNDETERMINED if Check.UNKNOWN in checks else SUCCESS


def _lines(stated: Stated, findings: list[Finding], code: int) -> Iterator[Text]:
    subject = stated.subject
    variant = f", variant {subject.variant}" if subject.variant is not None else ""
    yield Text.assemble((escape(f"{subject.spec} ({subject.instance}{variant})"), "bold"), f"  {escape(subject.file)}")
    for finding in findings:
        check = (f"{finding.check.value:8}", _STYLES[finding.check])
        yield Text.assemble("  ", check, f"  {finding.what:12}  {escape(finding.detail)}")
    claims = ", ".join(stated.claims)
    said = {
        SUCCESS: f"proved for {stated.sizes or 'this instance'}: {claims}",
        VIOLATED: "refused: it does not show what it says",
        UNDETERMINED: "undetermined: not everything could be checked",
    }
    yield Text(escape(said[code]), "bold")


def _document(stated: Stated, findings: list[Finding], code: int) -> dict[str, object]:
    """The document of `schema/certify.schema.json`."""
    return {
        "version": 1,
        "spec": stated.subject.spec,
        "file": stated.subject.file,
        "variant": stated.subject.variant,
        "instance": stated.subject.instance,
        "sizes": stated.sizes,
        "claims": list(stated.claims),
        "findings": [
            {"what": finding.what, "check": finding.check.value, "detail": finding.detail} for finding in findings
        ],
        "exit_code": code,
    }
