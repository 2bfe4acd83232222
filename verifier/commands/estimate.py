"""`flip estimate`: what to expect of a search before it is begun."""

from __future__ import annotations

import argparse

from verifier.commands.arguments import (
    Subparsers,
    add_command,
    add_format,
    add_instance,
    add_variant,
    file_name,
    seconds,
)

EXAMPLES = """\
  flip estimate specs/a.flip                    states, memory and time; which sizes and which state make them many
  flip estimate specs/a.flip --set window=8     the same for another size: how far can I go?
  flip estimate specs/a.flip --format json

Estimates never show that anything holds. The same specification and seed give the same estimate.
"""

SECONDS = 20.0
"""After which an estimate is given up."""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "estimate", "guess how many states a specification has", EXAMPLES, main)
    parser.add_argument("spec", metavar="SPEC", type=file_name, help="the specification")
    add_variant(parser)
    add_instance(parser)
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the random walks (default: 0)")
    parser.add_argument(
        "--time", metavar="S", type=seconds, default=SECONDS, help=f"give up after these seconds (default: {SECONDS:g})"
    )
    add_format(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.estimate_run import run

    return run(arguments)
