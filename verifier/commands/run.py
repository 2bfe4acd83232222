"""`flip run`: a protocol, executed."""

from __future__ import annotations

import argparse

from verifier.commands.arguments import Subparsers, add_command, add_format, add_instance, add_variant, file_name

EXAMPLES = """\
  flip run specs/ownership_flip.flip                 all 225 pages, with the device at work
  flip run specs/ownership_flip.flip --set window=16 --set rest=2 --set own=2
  flip run specs/ownership_flip.flip --variant no_invalidate
                                                     the damage that a broken variant does

The protocol runs at the size it is written for, on an emulated machine with real page tables, an IOTLB and a working
device. Of a variant that must fail, the shortest failure in the first instance is searched for and performed.
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "run", "execute a protocol on the emulated machine", EXAMPLES, main)
    parser.add_argument("spec", metavar="SPEC", type=file_name, help="the specification")
    add_variant(parser)
    add_instance(parser)
    add_format(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.run_run import run

    return run(arguments)
