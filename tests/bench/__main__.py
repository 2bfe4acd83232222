"""Flip beside SPIN and Rumur on the same state spaces, in one run.

Figures are CPU seconds (user and system) of the whole process tree, with start-up, code generation and
compilation; the median, and the range. Behind them the peak memory of the largest process, and that divided by the
number of states where there are ten million of them. The tools take turns. A row for which two tools count different
states is refused. Flip is measured as pip installs it, with the bytecode of its modules there.
"""

from __future__ import annotations

import argparse
import compileall
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import shorten

import verifier
from tests.bench import table
from tests.bench.answer import FailedError, NotOfferedError
from tests.bench.machine import describe
from tests.bench.measure import RefusedError, measure
from tests.bench.rows import ROWS, Row

NEEDED = ("spin", "rumur", "gcc")


def main() -> int:
    """Prints the table; 1 if a row was refused because tools disagree or fail."""
    arguments = _arguments()
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing and not arguments.flip_only:
        print(f"{', '.join(missing)} needed (apt-get install spin rumur gcc); or --flip-only", file=sys.stderr)
        return 2
    # An editable installation has no bytecode yet, and where PYTHONDONTWRITEBYTECODE is set it never would have.
    compileall.compile_dir(Path(verifier.__file__).parent, quiet=1)
    chosen = [row for row in ROWS if not arguments.rows or row.name in arguments.rows]
    print(f"{describe()}\n\n{table.head()}", flush=True)
    good = [_compare(row, arguments) for row in chosen]
    return 0 if all(good) else 1


def _compare(row: Row, arguments: argparse.Namespace) -> bool:
    """Measures a row and prints its line; False if it is refused."""
    entries = [
        replace(entry, limit=min(entry.limit, arguments.limit))
        for entry in row.entries
        if entry.job.tool == "Flip" or not arguments.flip_only
    ]

    def announce(text: str) -> None:
        print(f"{row.name}: {text}", file=sys.stderr, flush=True)

    try:
        measured = measure(entries, arguments.runs, arguments.slow_runs, announce)
    except NotOfferedError as reason:
        print(table.without(row, f"skipped: {reason}"), flush=True)
        return True
    except (RefusedError, FailedError) as reason:
        print(table.without(row, f"**refused**: {shorten(str(reason).splitlines()[-1], 120)}"), flush=True)
        return False
    print(table.line(row, measured), flush=True)
    return True


def _arguments() -> argparse.Namespace:
    names = "\n".join(f"  {row.name:20}{row.title}" for row in ROWS)
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        epilog=f"rows:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", metavar="ROW", nargs="*", help="only these rows (default: all)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each tool (default: 3)")
    parser.add_argument(
        "--slow-runs", type=int, default=1, metavar="N", help="runs where one takes minutes (default: 1)"
    )
    parser.add_argument("--limit", type=int, default=1800, metavar="S", help="stop what takes more than S CPU seconds")
    parser.add_argument("--flip-only", action="store_true", help="leave SPIN and Rumur out")
    arguments = parser.parse_args()
    unknown = set(arguments.rows) - {row.name for row in ROWS}
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if min(arguments.runs, arguments.slow_runs, arguments.limit) < 1:
        parser.error("numbers are at least 1")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
