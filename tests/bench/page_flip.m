-- The system of page_flip.flip for Rumur. The benchmark writes other numbers into the next three lines.
const N: 2;      -- pages
const LIMIT: 0;  -- of them on their way at once; 0: any number
const BUG: 0;    -- 1: the hand-over does not wait for the invalidations

type
  Page: scalarset(N);
  Holder: enum { vm1, vm2, hv, other };
  Entry: enum { empty, old, new };
  Device: enum { running, pausing, paused, resuming };

var
  owner: array [Page] of Holder;
  table: array [Page] of Entry;
  iotlb: array [Page] of Entry;
  step: 0 .. 5;
  device: Device;
  driver: Holder;
  saved: boolean;
  restored: boolean;
  context: 0 .. 1;
  kept: 0 .. 1;
  progress: 0 .. 1;
  rollback: 0 .. 2;
  claimed: boolean;

function active(): boolean;
begin
  return device = running | device = pausing;
end;

function moving(): boolean;
begin
  return step = 3 & rollback = 0;
end;

function on_their_way(): 0 .. N;
var n: 0 .. N;
begin
  n := 0;
  for p: Page do
    if owner[p] = hv | (owner[p] = vm2 & (table[p] != new | iotlb[p] != empty)) then n := n + 1; end;
  end;
  return n;
end;

startstate
begin
  for p: Page do owner[p] := vm1; table[p] := old; iotlb[p] := empty; end;
  step := 0; device := running; driver := vm1; saved := false; restored := false;
  context := 0; kept := 0; progress := 0; rollback := 0; claimed := false;
end;

rule "notify" step = 0 & rollback = 0 ==> begin step := 1; device := pausing; end;
rule "quiesce" device = pausing ==> begin device := paused; end;
rule "save" step = 1 & device = paused ==> begin step := 2; saved := true; kept := context; end;
rule "begin" step = 2 ==> begin step := 3; end;

ruleset p: Page do
  rule "flip" moving() & owner[p] = vm1 & (LIMIT = 0 | on_their_way() < LIMIT) ==> begin owner[p] := hv; end;
  rule "assign" moving() & owner[p] = hv ==> begin owner[p] := vm2; end;
  rule "remap" moving() & owner[p] = vm2 & table[p] = old ==> begin table[p] := new; end;
  rule "invalidate" moving() & owner[p] = vm2 & table[p] = new & iotlb[p] = old ==> begin iotlb[p] := empty; end;
end;

rule "hand_over"
  moving() & forall p: Page do owner[p] = vm2 & table[p] = new & (BUG = 1 | iotlb[p] = empty) end
==>
begin
  step := 4; driver := vm2; context := 0;
end;
rule "restore" step = 4 & rollback = 0 & !restored ==> begin restored := true; context := kept; end;
rule "resume" step = 4 & rollback = 0 & restored ==> begin step := 5; device := resuming; end;
rule "go_on" device = resuming ==> begin device := running; end;

ruleset p: Page do
  rule "fill" active() & iotlb[p] = empty ==> begin iotlb[p] := table[p]; end;
  rule "evict" active() & iotlb[p] != empty ==> begin iotlb[p] := empty; end;
end;
rule "work" active() ==> begin context := 1 - context; progress := 1 - progress; end;

rule "claim" !claimed ==> begin claimed := true; end;
rule "deny" claimed ==> begin claimed := false; end;
rule "grant" claimed & driver = hv ==> begin driver := other; claimed := false; end;

rule "crash_flipping" moving() ==> begin rollback := 1; end;
rule "crash_handed" step = 4 & rollback = 0 & !restored ==> begin rollback := 1; end;
ruleset p: Page do
  rule "map_back" rollback = 1 & table[p] = new ==> begin table[p] := old; end;
  rule "take_back" rollback = 1 & table[p] = old & owner[p] != vm1 ==> begin owner[p] := vm1; end;
end;
rule "rolled_back" rollback = 1 & forall p: Page do owner[p] = vm1 & table[p] = old end ==>
begin
  rollback := 2; step := 0; driver := vm1; device := resuming; context := kept;
end;

invariant "old_confined"
  active() -> forall p: Page do iotlb[p] = old -> owner[p] = vm1 & driver = vm1 end;
invariant "new_confined"
  active() -> forall p: Page do iotlb[p] = new -> owner[p] = vm2 & driver = vm2 end;
invariant "no_seizure" driver = vm1 | driver = vm2;
invariant "context_intact" active() -> context = progress;
invariant "owned" forall p: Page do owner[p] != other end;
invariant "all_moved"
  step >= 4 & rollback = 0 -> forall p: Page do owner[p] = vm2 & table[p] = new end;
invariant "all_back"
  rollback = 2 -> driver = vm1 & forall p: Page do owner[p] = vm1 & table[p] = old end;
