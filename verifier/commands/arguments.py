"""Options that several subcommands share, and how their values are read."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import TypeAlias

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Main = Callable[[argparse.Namespace], int]

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence and a pointer to the help, not the whole usage."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{self.prog}: {message}\nTry '{self.prog} --help'.\n")


def add_command(subparsers: Subparsers, name: str, summary: str, examples: str, main: Main) -> argparse.ArgumentParser:
    """A subcommand with its one-line summary, and examples at the end of its help."""
    parser = subparsers.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(main=main)
    return parser


def add_instance(parser: argparse.ArgumentParser) -> None:
    """Which instance of a specification is meant."""
    parser.add_argument("--instance", metavar="NAME", help="the instance (default: the first one in the file)")
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="NAME=VALUE",
        type=setting,
        action="append",
        default=[],
        help="a size or a constant of the instance; repeatable",
    )


def add_properties(parser: argparse.ArgumentParser) -> None:
    """Which claims are asked about."""
    parser.add_argument(
        "--property",
        dest="properties",
        metavar="NAME",
        action="append",
        default=[],
        help="only this property; repeatable",
    )


def add_format(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """For people, or for programs."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")


def add_look(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """How traces are shown, and which."""
    parser.add_argument(
        "--trace",
        choices=("diff", "full", "off"),
        default="diff",
        help="what each step changes (diff, the default), the whole state too (full), or no traces (off)",
    )
    parser.add_argument(
        "--all-traces", action="store_true", help="show expected violations and witnesses too, not only surprises"
    )


def add_variant(parser: argparse.ArgumentParser) -> None:
    """Which single variant is meant."""
    parser.add_argument("--variant", metavar="NAME", help="the variant (default: the protocol itself)")


def file_name(text: str) -> str:
    """The name of a file or a folder. An empty one, as of an unset variable, would mean the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def setting(text: str) -> tuple[str, str]:
    """`NAME=VALUE`."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not name or not equals or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def size(text: str) -> int:
    """A number of bytes, as `500M` or `2G`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text.strip(), re.IGNORECASE | re.ASCII)
    if match is None or not 0 < float(match[1]) < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 500M or 2G")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def seconds(text: str) -> float:
    """A positive, finite number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return value


def positive(text: str) -> int:
    """A whole number from 1."""
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)
