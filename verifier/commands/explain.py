"""`flip explain`: what a diagnostic's code means."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from verifier.commands.arguments import Subparsers, add_command, add_format
from verifier.commands.refusal import unknown

if TYPE_CHECKING:
    from verifier.language.codes.entry import Entry

EXAMPLES = """\
  flip explain E0030      what the code means, with an example of the mistake where there is one
  flip explain            every code, with its title
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "explain", "explain the code of a diagnostic", EXAMPLES, main)
    parser.add_argument("code", metavar="CODE", nargs="?", help="such as E0030")
    add_format(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.language.codes import ENTRIES, explain

    if arguments.format == "json":
        return _as_json(arguments.code, ENTRIES)
    if arguments.code is None:
        sys.stdout.writelines(f"{code}  {entry.title}\n" for code, entry in ENTRIES.items())
        return 0
    page = explain(arguments.code)
    if page is None:
        raise unknown("code", arguments.code, ENTRIES)
    sys.stdout.write(page)
    return 0


def _as_json(code: str | None, entries: Mapping[str, Entry]) -> int:
    """One object for each code asked for."""
    from dataclasses import asdict

    from verifier.report.json import dumps

    if code is not None and code.upper() not in entries:
        raise unknown("code", code, entries)
    asked = entries if code is None else {code.upper(): entries[code.upper()]}
    sys.stdout.write(dumps({name: asdict(entry) for name, entry in asked.items()}))
    return 0
