"""`flip simulate`: random walks."""

from __future__ import annotations

import argparse

from verifier.commands.arguments import (
    Subparsers,
    add_command,
    add_format,
    add_instance,
    add_look,
    add_variant,
    file_name,
    positive,
    seconds,
)

EXAMPLES = """\
  flip simulate specs/a.flip                    what happens often, what rarely, what never
  flip simulate specs/a.flip --seed 7 --walks 1000 --length 200

Walks never show that anything holds: what they do not violate is undetermined (exit code 3).
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "simulate", "take random walks through a specification", EXAMPLES, main)
    parser.add_argument("spec", metavar="SPEC", type=file_name, help="the specification")
    add_variant(parser)
    add_instance(parser)
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="the same seed gives the same walks (default: 0)"
    )
    parser.add_argument("--walks", metavar="N", type=positive, default=100, help="(default: 100)")
    parser.add_argument("--length", metavar="N", type=positive, default=100, help="actions of one walk (default: 100)")
    parser.add_argument("--time", metavar="S", type=seconds, help="seconds for all walks")
    add_format(parser)
    add_look(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.simulate_run import run

    return run(arguments)
