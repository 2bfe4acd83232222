"""Arguments in, exit code out; nothing else."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from verifier import __version__
from verifier.commands import (
    certify,
    check,
    estimate,
    explain,
    export,
    fmt,
    profile,
    prove,
    replay,
    run,
    show,
    simulate,
)
from verifier.commands.arguments import Parser
from verifier.commands.refusal import RefusalError

COMMANDS = (check, prove, certify, run, simulate, estimate, profile, replay, show, fmt, export, explain)

RARELY = 200_000
"""After so many new objects Python looks for some that hold one another. As often as it does by itself, that takes a
twentieth of the time of a small check, which makes fewer than these."""

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
    gc.set_threshold(RARELY)
    # A closed stream is None in Python, whatever the types say.
    sys.stderr = sys.stderr or io.StringIO()
    if not sys.stdout:
        return _complain("flip: standard output is closed", 4)
    code = _run(argv)
    code = code if _is_delivered(sys.stdout) else 4
    _is_delivered(sys.stderr)
    return code


def _is_delivered(stream: TextIO) -> bool:
    """Whether all that was printed got out. If not, Python must not try again at exit: it would exit with 120."""
    try:
        stream.flush()
        return True
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):
            _complain(f"flip failed: cannot print: {error.strerror}", 4)
        return False


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
        # After an interrupt that passed through an `exec`, as of a dataclass that was being defined, Python would end
        # this process with the signal and not with the exit code, unless another `exec` ends well.
        exec("")
        return _complain("flip: interrupted; what was not printed is undetermined", 3)
    except BrokenPipeError:  # nobody reads on
        return 4
    except Exception as error:
        if os.environ.get("FLIP_DEBUG"):
            traceback.print_exc()
        said = " ".join(f"{type(error).__name__} {error}".split())[:200]
        return _complain(f"flip failed: {said} (FLIP_DEBUG=1 shows where)", 4)


def _complain(message: str, code: int) -> int:
    from verifier.language.diagnostics import escape

    with suppress(OSError):
        print(escape(message), file=sys.stderr)
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
