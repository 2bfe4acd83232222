"""What a command line that cannot be obeyed comes to."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class RefusalError(Exception):
    """The command asks for something that is not there or makes no sense; the message says so in a sentence."""


def unknown(what: str, name: str, known: Iterable[str]) -> RefusalError:
    """`name` is no `what`; says which of the known names may have been meant, or which there are."""
    names = list(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return RefusalError(f"there is no {what} {name!r}; did you mean {close[0]!r}?")
    if not names:
        return RefusalError(f"there is no {what} {name!r}; there are none")
    return RefusalError(f"there is no {what} {name!r}; there are: {', '.join(names)}")
