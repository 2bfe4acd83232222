"""Without python-sat, which is an extra: claims are proved with the lemmas of the file, and more is refused kindly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.proof.specs import HERE

MAIN = "import sys; sys.modules['pysat'] = None; from verifier.cli import main; sys.exit(main(sys.argv[1:]))"


def prove(path: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", MAIN, "prove", str(path)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_the_lemmas_of_a_file_are_enough_if_they_are() -> None:
    code, out = prove(HERE / "handover.flip")

    assert code == 0
    assert "holds         confined   proved for every size" in out


def test_lemmas_that_are_missing_cannot_be_searched_for(tmp_path: Path) -> None:
    text = (HERE / "handover.flip").read_text()
    (tmp_path / "none.flip").write_text("\n".join(line for line in text.splitlines() if not line.startswith("lemma")))

    code, out = prove(tmp_path / "none.flip")

    assert code == 3
    assert "undetermined  in_place   not proved, lemmas cannot be searched for: " in out
    assert "pip install flip-verifier[proof]" in out
