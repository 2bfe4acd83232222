-- The system of tests/oracles/mcs_lock.flip for Rumur, in the manner of CMurphi's mcslock1.
-- An undefined pointer is nil.
const N: 4;

type
  Process: scalarset(N);
  Line: enum { outside, swap, look, set_locked, link, spin, critical, try_release, wait_next, pass_on };

var
  line: array [Process] of Line;
  successor: array [Process] of Process;
  locked: array [Process] of boolean;
  predecessor: array [Process] of Process;
  last: Process;

startstate
begin
  for i: Process do
    line[i] := outside; undefine successor[i]; locked[i] := false; undefine predecessor[i];
  end;
  undefine last;
end;

ruleset i: Process do
  rule "acquire" line[i] = outside ==> begin undefine successor[i]; line[i] := swap; end;
  rule "fetch_and_store" line[i] = swap ==>
  begin
    if isundefined(last) then undefine predecessor[i]; else predecessor[i] := last; end;
    last := i;
    line[i] := look;
  end;
  rule "first_in_queue" line[i] = look ==>
  begin
    if isundefined(predecessor[i]) then line[i] := critical; else line[i] := set_locked; end;
  end;
  rule "lock_myself" line[i] = set_locked ==> begin locked[i] := true; line[i] := link; end;
  rule "link_behind" line[i] = link ==> begin successor[predecessor[i]] := i; line[i] := spin; end;
  rule "spin" line[i] = spin & !locked[i] ==> begin line[i] := critical; end;
  rule "leave" line[i] = critical ==>
  begin
    if isundefined(successor[i]) then line[i] := try_release; else line[i] := pass_on; end;
  end;
  rule "compare_and_swap" line[i] = try_release ==>
  begin
    if last = i then undefine last; line[i] := outside; else line[i] := wait_next; end;
  end;
  rule "wait_for_link" line[i] = wait_next & !isundefined(successor[i]) ==> begin line[i] := pass_on; end;
  rule "hand_over" line[i] = pass_on ==> begin locked[successor[i]] := false; line[i] := outside; end;
end;

invariant "exclusive"
  forall i: Process do forall j: Process do i = j | line[i] != critical | line[j] != critical end end;
