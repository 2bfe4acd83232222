"""`flip replay`: run a trace again, on the reference interpreter and on the emulated machine."""

from __future__ import annotations

import argparse

from verifier.commands.arguments import Subparsers, add_command, add_format, file_name

EXAMPLES = """\
  flip replay traces/a.no_drain.dma_confined.json              perform it again, and say whether it is confirmed
  flip replay trace.json --trace full                          with the whole state after every step
  flip replay trace.json --spec specs/a.flip                   the specification is elsewhere

It exits with 0 if the trace shows what it says, and with 1 if it does not.
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "replay", "run a saved trace again", EXAMPLES, main)
    parser.add_argument(
        "file", metavar="TRACE.json", type=file_name, help="a trace, as `flip check --save-traces` writes them"
    )
    parser.add_argument(
        "--spec", metavar="SPEC", type=file_name, help="the specification (default: the file that the trace names)"
    )
    parser.add_argument(
        "--trace", choices=("diff", "full", "off"), default="diff", help="how to show the steps (default: diff)"
    )
    add_format(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.replay_run import run

    return run(arguments)
