"""`flip check`: the verdicts of specifications and all their variants."""

from __future__ import annotations

import argparse

from verifier.commands.arguments import (
    Subparsers,
    add_command,
    add_format,
    add_instance,
    add_look,
    add_properties,
    file_name,
    positive,
    seconds,
    size,
)

EXAMPLES = """\
  flip check specs                              everything in a folder: protocols, and variants that must fail
  flip check specs/a.flip --instance small      another instance than the first one
  flip check specs/a.flip --set window=3        a size or constant chosen here
  flip check specs/a.flip --variant none        the protocol only
  flip check specs/a.flip --variant no_drain --all-traces
                                                what a variant does wrong, step by step
  flip check specs/a.flip --first               the first violation, as soon as possible; all if there is none
  flip check specs --time 60 --memory 2G        each search within a budget; beyond it, undetermined (exit 3)
  flip check specs/a.flip --engine bounded --depth 12
                                                a second opinion: z3, on behaviours of at most 12 steps
  flip check specs/a.flip --variant none --memory 2G --run-directory run
                                                a long run that survives Ctrl-C, a crash and the end of a budget ...
  flip check specs/a.flip --variant none --memory 8G --resume run
                                                ... and goes on from its last checkpoint
  flip check specs --format json --output report.json --save-traces traces
                                                for other programs; `flip replay` takes the traces
"""


def register(subparsers: Subparsers) -> None:
    parser = add_command(subparsers, "check", "check specifications and their variants", EXAMPLES, main)
    parser.add_argument("paths", metavar="PATH", nargs="+", type=file_name, help="specifications, or folders of them")
    parser.add_argument(
        "--variant",
        metavar="NAME|all|none",
        default="all",
        help="the protocol and all its variants (all), the protocol only (none), or one variant only (default: all)",
    )
    add_instance(parser)
    add_properties(parser)
    _add_search(parser)
    _add_large_runs(parser)
    _add_output(parser)


def _add_search(parser: argparse.ArgumentParser) -> None:
    search = parser.add_argument_group("search", "Budgets are for each protocol and each variant by itself.")
    search.add_argument(
        "--engine",
        choices=("explicit", "bounded"),
        default="explicit",
        help="all states (explicit, the default), or z3 up to a depth (bounded)",
    )
    search.add_argument("--depth", metavar="K", type=positive, help="steps, for --engine bounded (default: 10)")
    search.add_argument(
        "--time",
        metavar="S",
        type=seconds,
        help="seconds; up to a quarter of them may go into proofs for every size by counts, which are short without "
        "this option, and as much into proofs by lemmas, which are made only with it",
    )
    search.add_argument(
        "--memory", metavar="SIZE", type=size, help="memory of the process, as 2G (default: 3/4 of the machine)"
    )
    search.add_argument("--states", metavar="N", type=positive, help="states")
    search.add_argument(
        "--threads",
        metavar="N",
        type=positive,
        help="how many may work together on a large search without symmetry (default: as many as there are processors "
        "for and are of use); the results are the same",
    )
    search.add_argument(
        "--first", action="store_true", help="end with the first violation, which may have a shorter trace than shown"
    )
    search.add_argument("--no-symmetry", action="store_true", help="do not merge states that only differ by a swap")


def _add_large_runs(parser: argparse.ArgumentParser) -> None:
    large = parser.add_argument_group(
        "large runs",
        "A search that outgrows --memory goes on in temporary files on the disk. With a run directory these files "
        "stay, and every so often a checkpoint says how far the search has come: what is interrupted, killed or "
        "stopped by a budget goes on from there with --resume, to the same results.",
    )
    large.add_argument("--run-directory", metavar="DIR", type=file_name, help="begin a run that is kept there")
    large.add_argument(
        "--resume", metavar="DIR", type=file_name, help="go on with the run there: same specification, same options"
    )
    large.add_argument(
        "--checkpoint-every", metavar="S", type=seconds, help="seconds between two checkpoints (default: 60)"
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    output = parser.add_argument_group("output")
    add_format(output)
    output.add_argument(
        "--output", "-o", metavar="FILE", type=file_name, help="write there, when all is done, instead of printing"
    )
    output.add_argument("--save-traces", metavar="DIR", type=file_name, help="one JSON file for each counterexample")
    output.add_argument("--seconds", action="store_true", help="show times too")
    add_look(output)


def main(arguments: argparse.Namespace) -> int:
    from verifier.commands.check_run import run

    return run(arguments)
