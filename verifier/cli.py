"""Arguments in, exit code out; nothing else."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

from verifier import __version__
from verifier.commands import check, explain, export, fmt, replay, run, show, simulate
from verifier.commands.arguments import Parser
from verifier.commands.refusal import RefusalError

COMMANDS = (check, run, simulate, replay, show, fmt, export, explain)

EXIT_CODES = """\
exit codes:
  0  everything holds, or is as its specification expects
  1  something is violated, or an expectation is not met
  2  a specification, or the command, is wrong
  3  undetermined: a budget was used up, or the run was interrupted
  4  flip itself failed
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see EXIT_CODES."""
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Nobody reads on. Python would complain once more when it flushes standard output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 4


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
        code: int = arguments.main(arguments)
        return code
    except SystemExit as stop:  # how argparse ends after --help and on errors
        return stop.code if isinstance(stop.code, int) else 0
    except RefusalError as refusal:
        return _complain(f"flip: {refusal}", 2)
    except KeyboardInterrupt:
        return _complain("flip: interrupted; what was not printed is undetermined", 3)
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("FLIP_DEBUG"):
            traceback.print_exc()
        said = " ".join(f"{type(error).__name__} {error}".split())[:200]
        return _complain(f"flip failed: {said} (FLIP_DEBUG=1 shows where)", 4)


def _complain(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="flip",
        description="Verify protocols that hand a passthrough device from one VM to another.",
        epilog=f"{EXIT_CODES}\n'flip COMMAND --help' has the options of a command, and examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"flip {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.register(subparsers)
    return parser
