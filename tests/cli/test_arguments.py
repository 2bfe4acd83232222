"""Values on the command line: understood exactly, or refused."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from verifier.commands.arguments import file_name, positive, seconds, setting, size
from verifier.commands.refusal import unknown


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (size, "2G", 2 * 2**30),
        (size, "1.5k", 1536),
        (size, "500 MiB", 500 * 2**20),
        (size, "1024", 1024),
        (seconds, "0.5", 0.5),
        (seconds, "60", 60.0),
        (positive, "12", 12),
        (setting, "window=3", ("window", "3")),
        (setting, " a = true ", ("a", "true")),
        (setting, "a=b=c", ("a", "b=c")),
    ],
)
def test_values(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((size, text) for text in ("", "G", "-1", "0", "2X", "1e3", "nan", "9" * 400)),
        (file_name, ""),
        *((seconds, text) for text in ("", "0", "-1", "inf", "nan", "soon")),
        *((positive, text) for text in ("", "0", "-3", "1.5", "²", "9" * 5000)),
        *((setting, text) for text in ("", "a", "=3", "a=", " = ")),
    ],
)
def test_nonsense(read: Callable[[str], object], text: str) -> None:
    """Refused by argparse's own exception, so that it says which option it was."""
    with pytest.raises(argparse.ArgumentTypeError):
        read(text)


def test_unknown_names_come_with_what_may_be_meant() -> None:
    """The closest name, or all there are."""
    assert str(unknown("variant", "no_drian", ["no_drain", "x"])).endswith("did you mean 'no_drain'?")
    assert str(unknown("variant", "zzz", ["no_drain", "x"])).endswith("there are: no_drain, x")
    assert str(unknown("variant", "zzz", [])).endswith("there are none")
