"""What the measurements were made with."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path


def describe() -> str:
    """The machine and how busy it is, and the versions of the tools."""
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    load = os.getloadavg()[0]
    tools = (
        f"Flip {metadata.version('flip-verifier')}",
        f"Python {platform.python_version()}",
        f"llvmlite {_installed('llvmlite')}",
        _version("spin", "-V"),
        _version("rumur", "--version"),
        _version("gcc", "--version"),
    )
    cores = f"{os.cpu_count()} cores, {memory:.0f} GiB, load {load:.1f} at the start"
    return f"{processor[1] if processor else platform.machine()}, {cores}\n{', '.join(tools)}"


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _version(*command: str) -> str:
    """The first line of what a tool says of itself."""
    try:
        printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return f"{command[0]} not installed"
    return printed.strip().splitlines()[0]
