"""What `flip explain CODE` says about one code."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True, slots=True)
class Entry:
    """`wrong` has the mistake, `right` is the same text without it. Both are empty where no text can show it."""

    title: str
    explanation: str
    wrong: str = ""
    right: str = ""

    def text(self, code: str) -> str:
        """The whole page."""
        parts = [f"{code}: {self.title}", self.explanation]
        if self.wrong:
            parts += [f"Wrong:\n\n{_indented(self.wrong)}", f"Right:\n\n{_indented(self.right)}"]
        return "\n\n".join(parts) + "\n"


def _indented(example: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in dedent(example).strip("\n").split("\n"))
