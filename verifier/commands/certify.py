"""`flip certify`: does a certificate show what it says?"""

from __future__ import annotations

import argparse

from verifier.commands.arguments import Subparsers, add_command, add_format, file_name, seconds

EXAMPLES = """\
  flip certify proof                            the certificate that `flip prove --certificate proof` wrote
  flip certify proof --spec specs/a.flip        of the specification in this file
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "certify", "check a proof, with two solvers and the interpreter", EXAMPLES, main)
    parser.add_argument("folder", metavar="DIR", type=file_name, help="the certificate")
    parser.add_argument("--spec", metavar="FILE", type=file_name, help="(default: the file that it names)")
    parser.add_argument(
        "--time", metavar="S", type=seconds, default=5.0, help="seconds for the interpreter (default: 5)"
    )
    add_format(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.certify_run import run

    return run(arguments)
