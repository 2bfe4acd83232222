"""A specification for the command line: small, right, and wrong where it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

import verifier

HAND = '''\
spec hand
"""Pages go from vm1 to vm2 while a device is still running."""

sort Page
enum Vm { vm1, vm2 }
const patient: bool = true
state owner(Page): Vm = vm1
state running: bool = true

fair hardware halt { when running;  running := false }
action give(p: Page) {
  when owner(p) == vm1 and (patient implies not running)
  assert stopped_first: not running
  owner(p) := vm2
}
final all p: Page: owner(p) == vm2

always     safe:     running implies (all p: Page: owner(p) == vm1)
reachable  midway:   some p, q: Page: owner(p) == vm1 and owner(q) == vm2
eventually finished: all p: Page: owner(p) == vm2

instance two { Page = 2 } expect 4 states
instance three { Page = 3 }
variant hasty """Nobody waits.""" { set patient = false } expect violated safe, stopped_first
variant patient_one { set patient = true } expect holds
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with `hand.flip` in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(verifier.__file__).parent.parent))
    (tmp_path / "hand.flip").write_text(HAND)
    return tmp_path
