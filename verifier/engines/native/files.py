"""Files that hold what does not fit into memory, without a name: they are gone with the process, however it ends."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

IN_MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs"})
"""Kinds of file systems whose files take memory."""

FOR_LARGE_FILES = "/var/tmp"
"""Where files belong that may be large; `/tmp` is in memory on many systems."""


def temporary_directory() -> str:
    """What TMPDIR says, or else where large files belong."""
    chosen = os.environ.get("TMPDIR", FOR_LARGE_FILES)
    return chosen if os.path.isdir(chosen) else tempfile.gettempdir()


def nameless_file() -> int:
    """The descriptor of a new empty file on a disk. Raises OSError."""
    directory = temporary_directory()
    if is_in_memory(directory):
        raise OSError(errno.ENOSPC, "it is in memory itself", directory)
    file, name = tempfile.mkstemp(prefix="flip-", dir=directory)
    os.unlink(name)
    return file


def is_in_memory(directory: str) -> bool:
    """Whether files there take memory; False where the system does not say."""
    device = os.stat(directory).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            before, _, after = line.partition(" - ")
            if before.split()[2] == wanted:
                return after.split()[0] in IN_MEMORY
    return False


def complaint(error: OSError, where: str) -> str:
    """What a person has to know of an error that the system reports for a file in a directory."""
    what = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk's quota is used up",
        errno.EFBIG: "a file may not become larger",
        errno.ENOMEM: "there are no addresses left in this process",
        errno.EROFS: "it cannot be written to",
        errno.EACCES: "it cannot be written to",
    }.get(error.errno or 0, (error.strerror or str(error)).lower())
    return f"{where}: {what}"
