"""`flip prove`: claims for every size, by lemmas."""

from __future__ import annotations

import argparse

from verifier.commands.arguments import (
    Subparsers,
    add_command,
    add_format,
    add_instance,
    add_properties,
    add_variant,
    file_name,
    seconds,
)

EXAMPLES = """\
  flip prove specs/a.flip                       which claims hold whatever the sizes, and what stops the others
  flip prove specs/a.flip --own-lemmas          with the lemmas of the file only; others are not searched for
  flip prove specs/a.flip --lemmas              with what is always true, by which they are proved
  flip prove specs/a.flip --explain dma_confined
                                                which lemmas the claim rests on
  flip prove specs/a.flip --core                guards and updates that no claim needs
  flip prove specs/a.flip --certificate proof   files that another solver can check: see `flip certify`
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "prove", "prove claims for every size", EXAMPLES, main)
    parser.add_argument("spec", metavar="SPEC", type=file_name, help="the specification")
    add_variant(parser)
    add_instance(parser)
    add_properties(parser)
    parser.add_argument("--certificate", metavar="DIR", type=file_name, help="write the proof there")
    parser.add_argument("--lemmas", action="store_true", help="print the lemmas, grouped")
    parser.add_argument("--explain", metavar="PROPERTY", help="say which lemmas it rests on")
    parser.add_argument("--core", action="store_true", help="say which guards and updates no claim needs")
    parser.add_argument("--own-lemmas", action="store_true", help="do not search for lemmas")
    parser.add_argument("--time", metavar="S", type=seconds, help="seconds for the proof (default: 300)")
    add_format(parser)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.prove_run import run

    return run(arguments)
