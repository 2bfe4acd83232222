"""Files are found in a fixed order and written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verifier.commands.files import find_sources, read_text, write_atomically
from verifier.commands.refusal import RefusalError


def test_sources_are_found_in_order_and_once(tmp_path: Path) -> None:
    """Folders are looked through, hidden ones are not; a file named directly counts whatever it is called."""
    for name in ("b/x.flip", "a/y.flip", ".git/z.flip", "a/notes.md", "odd.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    found = find_sources([str(tmp_path), str(tmp_path / "a/y.flip"), str(tmp_path / "odd.txt")])
    assert found == (tmp_path / "a/y.flip", tmp_path / "b/x.flip", tmp_path / "odd.txt")


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """A folder without specifications is a mistake, not a success."""
    with pytest.raises(RefusalError, match="no such file or folder"):
        find_sources([str(tmp_path / "missing.flip")])
    with pytest.raises(RefusalError, match=r"no \.flip files in folder"):
        find_sources([str(tmp_path)])


def test_reading_refuses_what_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(RefusalError, match="no such file or directory"):
        read_text(path)
    path.write_bytes(b"\xff")
    with pytest.raises(RefusalError, match="not UTF-8"):
        read_text(path)


def test_a_file_is_replaced_with_its_permissions(tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    write_atomically(path, "new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a"]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    """The link stays a link."""
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real").write_text("old")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it is interrupted, and without leftovers."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "a"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="cannot write"):
        write_atomically(tmp_path / "missing" / "a", "text")
