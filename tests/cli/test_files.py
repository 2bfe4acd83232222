"""Files are found in a fixed order and written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verifier.commands import files
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


def test_a_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not passed over: what is in it would go unchecked, and all the rest would be "as expected"."""
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.flip").write_text("")
    scan = os.scandir

    def refuse(path: str) -> object:
        if os.path.basename(path) == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(RefusalError, match=r"cannot look into .*/locked: permission denied"):
        find_sources([str(tmp_path)])


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(RefusalError, match=r"cannot look into aaa.*: file name too long"):
        find_sources(["a" * 5000])


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    """A link of a stranger's branch shows nothing from elsewhere; one within the folder is as good as a file."""
    (tmp_path / "secret").write_text("")
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "a.flip").write_text("")
    (folder / "b.flip").symlink_to("a.flip")
    assert find_sources([str(folder)]) == (folder / "a.flip", folder / "b.flip")
    (folder / "c.flip").symlink_to("../secret")
    with pytest.raises(RefusalError, match=r"c\.flip is a link that leads out of folder"):
        find_sources([str(folder)])


def test_only_regular_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe nobody writes to would block for ever, and /dev/zero never ends; what ends too late is refused too."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_text("1234")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(RefusalError, match="it is not a regular file"):
            read_text(path)
    monkeypatch.setattr(files, "LARGEST", 4)
    assert read_text(tmp_path / "large") == "1234"
    monkeypatch.setattr(files, "LARGEST", 3)
    with pytest.raises(RefusalError, match="it has more than 3 bytes"):
        read_text(tmp_path / "large")


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """So is a device: `--output /dev/null`, said by root, must not put a file in its place. Nobody is waited for."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(RefusalError, match="cannot write"):
        write_atomically(pipe, "text")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, "text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)
    assert pipe.is_fifo()
    assert os.listdir(tmp_path) == ["pipe"]
