"""`flip export`: a specification in the language of another tool."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from verifier.commands.arguments import Subparsers, add_command, add_instance, add_variant, file_name

EXAMPLES = """\
  flip export specs/a.flip --to murphi -o a.m   for Rumur (--value-type int32_t) or CMurphi: another opinion
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "export", "write a specification in another tool's language", EXAMPLES, main)
    parser.add_argument("spec", metavar="SPEC", type=file_name, help="the specification")
    parser.add_argument("--to", choices=("murphi",), required=True, help="the language")
    parser.add_argument("--output", "-o", metavar="FILE", type=file_name, help="write there instead of printing")
    add_variant(parser)
    add_instance(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.complaints import Complaints
    from verifier.commands.files import write_atomically
    from verifier.commands.sources import single
    from verifier.report.murphi import export_murphi

    found = single(arguments, Complaints())
    if found is None:
        return 2
    text = export_murphi(found[1].system)
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        write_atomically(Path(arguments.output), text)
    return 0
