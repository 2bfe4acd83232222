"""`flip profile`: which actions and which state make the states many."""

from __future__ import annotations

import argparse

from verifier.commands.arguments import (
    Subparsers,
    add_command,
    add_format,
    add_instance,
    add_variant,
    file_name,
    positive,
    seconds,
    size,
)

EXAMPLES = """\
  flip profile specs/a.flip                     per action: in how many states it is possible, what it found;
                                                per state function: its values, and how many states there would be
                                                without it. The first line of that table is what to make smaller.
  flip profile specs/a.flip --no-symmetry       of all states, not of representatives
  flip profile specs/a.flip --states 100000     of the first states only, where there are too many (exit 3)
  flip profile specs/a.flip --format json       every cell by itself, too
"""

SAMPLE = 30_000
"""How many states are looked at if nobody says."""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "profile", "say where the states of a specification come from", EXAMPLES, main)
    parser.add_argument("spec", metavar="SPEC", type=file_name, help="the specification")
    add_variant(parser)
    add_instance(parser)
    parser.add_argument(
        "--sample",
        metavar="N",
        type=positive,
        default=SAMPLE,
        help=f"look at so many of the states, spread evenly; at all if there are no more (default: {SAMPLE})",
    )
    parser.add_argument("--time", metavar="S", type=seconds, help="seconds for the search")
    parser.add_argument("--memory", metavar="SIZE", type=size, help="memory (default: 3/4 of the machine's)")
    parser.add_argument("--states", metavar="N", type=positive, help="states that are searched")
    parser.add_argument("--no-symmetry", action="store_true", help="do not merge states that only differ by a swap")
    add_format(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.profile_run import run

    return run(arguments)
