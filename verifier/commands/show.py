"""`flip show`: the system that a specification comes to."""

from __future__ import annotations

import argparse
import sys

from verifier.commands.arguments import Subparsers, add_command, add_instance, add_variant, file_name

EXAMPLES = """\
  flip show specs/a.flip                        the protocol in the kernel language: state, actions, properties
  flip show specs/a.flip --variant no_drain     with the edits of a variant
  flip show specs/a.flip --instance small       with the sizes of an instance
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "show", "print the transition system of a specification", EXAMPLES, main)
    parser.add_argument("spec", metavar="SPEC", type=file_name, help="the specification")
    add_variant(parser)
    add_instance(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.complaints import Complaints
    from verifier.commands.sources import single
    from verifier.language.show import show

    found = single(arguments, Complaints())
    if found is None:
        return 2
    sys.stdout.write(show(found[1].system))
    return 0
