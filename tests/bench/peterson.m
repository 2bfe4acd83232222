-- The system of tests/oracles/peterson.flip for Rumur, in the manner of CMurphi's n_peterson.
const N: 5;

type
  Process: scalarset(N);
  Line: enum { outside, announce, yield, wait, critical };
  Level: 0 .. N;

var
  line: array [Process] of Line;
  want: array [Process] of Level;
  level: array [Process] of Level;
  turn: array [Level] of Process;

startstate
begin
  for i: Process do line[i] := outside; want[i] := 0; level[i] := 0; end;
  for l: Level do undefine turn[l]; end;
end;

ruleset i: Process do
  rule "enter" line[i] = outside ==> begin want[i] := 1; line[i] := announce; end;
  rule "announce" line[i] = announce ==> begin level[i] := want[i]; line[i] := yield; end;
  rule "yield" line[i] = yield ==> begin turn[want[i]] := i; line[i] := wait; end;
  rule "climb"
    line[i] = wait & (turn[want[i]] != i | forall k: Process do k != i -> level[k] < want[i] end)
  ==>
  begin
    want[i] := want[i] + 1;
    if want[i] < N then line[i] := announce; else line[i] := critical; end;
  end;
  rule "leave" line[i] = critical ==> begin level[i] := 1; line[i] := outside; end;
end;

invariant "exclusive"
  forall i: Process do forall j: Process do i = j | line[i] != critical | line[j] != critical end end;
