"""`flip fmt`: the one layout of specifications."""

from __future__ import annotations

import argparse
import sys

from verifier.commands.arguments import Subparsers, add_command, file_name

EXAMPLES = """\
  flip fmt specs models       lay files out, in place
  flip fmt --check specs      name those that are not laid out so, and exit with 1 if there are any
  flip fmt -                  from standard input to standard output
"""

STANDARD_INPUT = "<stdin>"


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "fmt", "lay out specifications", EXAMPLES, main)
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", type=file_name, help="files or folders; - is standard input"
    )
    parser.add_argument("--check", action="store_true", help="change nothing; say what would change")


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.refusal import RefusalError

    if "-" not in arguments.paths:
        return _format_files(arguments.paths, check=arguments.check)
    if len(arguments.paths) > 1:
        raise RefusalError("- (standard input) stands alone")
    return _format_standard_input(check=arguments.check)


def _format_standard_input(*, check: bool) -> int:
    from verifier.commands.files import LARGEST
    from verifier.commands.refusal import RefusalError

    if not sys.stdin:  # None where it is closed, whatever its type says
        raise RefusalError("standard input is closed")
    data = sys.stdin.buffer.read(LARGEST)
    formatted = _formatted(data, STANDARD_INPUT)
    if formatted is None:
        return 2
    if not check:
        # Bytes in, bytes out: whatever the encoding of the terminal, a specification is UTF-8.
        sys.stdout.buffer.write(formatted.encode())
    return int(check and formatted.encode() != data)


def _format_files(paths: list[str], *, check: bool) -> int:
    from verifier.commands.files import find_sources, read_bytes, write_atomically
    from verifier.language.diagnostics import escape

    wrong, different = False, False
    for path in find_sources(paths):
        data = read_bytes(path)
        formatted = _formatted(data, str(path))
        if formatted is None:
            wrong = True
        elif formatted.encode() != data:
            different = True
            if not check:
                write_atomically(path, formatted)
            print(f"{'would change' if check else 'changed'} {escape(str(path))}")
    return 2 if wrong else int(check and different)


def _formatted(data: bytes, file: str) -> str | None:
    """The text laid out; None, after saying why, if it is no text of the language."""
    from verifier.commands.complaints import Complaints
    from verifier.language.format import format_source
    from verifier.language.source import decode

    text = decode(data, file)
    if not isinstance(text, str):
        Complaints().add([text], {})
        return None
    formatted = format_source(text, file)
    if isinstance(formatted, str):
        return formatted
    Complaints().add(formatted, {file: text})
    return None
