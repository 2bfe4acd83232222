"""`flip explain`: what a diagnostic's code means."""

from __future__ import annotations

import argparse
import sys

from verifier.commands.arguments import Subparsers, add_command
from verifier.commands.refusal import unknown

EXAMPLES = """\
  flip explain E0030      what the code means, with an example of the mistake where there is one
  flip explain            every code, with its title
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "explain", "explain the code of a diagnostic", EXAMPLES, main)
    parser.add_argument("code", metavar="CODE", nargs="?", help="such as E0030")


def main(arguments: argparse.Namespace) -> int:
    from verifier.language.codes import ENTRIES, explain

    if arguments.code is None:
        sys.stdout.writelines(f"{code}  {entry.title}\n" for code, entry in ENTRIES.items())
        return 0
    page = explain(arguments.code)
    if page is None:
        raise unknown("code", arguments.code, ENTRIES)
    sys.stdout.write(page)
    return 0
