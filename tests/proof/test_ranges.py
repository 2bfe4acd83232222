"""Numbers that count members whose number is open: how large they get, no single size says."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.cli import main

COUNTED = """\
spec counted
sort Page size 2
state seen(Page): bool
state many: 0 .. 3 = 0

action see(p: Page) {{ seen(p) := true }}
action tally {{ many := {value} }}

final true
"""


@pytest.mark.parametrize("value", ["count p: Page: seen(p)", "if seen(page0) then (count p: Page: seen(p)) else 0"])
def test_a_count_is_not_proved_to_stay_in_a_range_that_it_leaves_at_a_larger_size(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With three pages it cannot, with four it can."""
    (tmp_path / "counted.flip").write_text(COUNTED.format(value=value))

    main(["prove", str(tmp_path / "counted.flip"), "--own-lemmas"])
    assert "undetermined  in_range" in capsys.readouterr().out
    main(["check", str(tmp_path / "counted.flip"), "--set", "Page=4"])
    assert "violated      in_range" in capsys.readouterr().out


def test_a_count_that_only_decides_what_is_written_leaves_no_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is written is no number: it is so for every size, and the proof does not stumble over the count."""
    (tmp_path / "compared.flip").write_text(
        "spec compared\n"
        "sort Page size 2\n"
        "state seen(Page): bool\n"
        "state both: bool\n"
        "action see(p: Page) { seen(p) := true }\n"
        "action look { both := (count p: Page: seen(p)) > 1 }\n"
        "always not_first: both implies some p: Page: seen(p)\n"
    )

    assert main(["prove", str(tmp_path / "compared.flip"), "--own-lemmas"]) == 0
    assert "holds         not_first" in capsys.readouterr().out
