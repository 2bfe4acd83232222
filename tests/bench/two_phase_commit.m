-- The system of tests/oracles/two_phase_commit.flip for Rumur.
const N: 7;

type
  Manager: scalarset(N);
  Stage: enum { working, prepared, committed, aborted };

var
  stage: array [Manager] of Stage;
  coordinator: Stage;
  counted: array [Manager] of boolean;
  voted: array [Manager] of boolean;
  commit_sent: boolean;
  abort_sent: boolean;

startstate
begin
  for m: Manager do stage[m] := working; counted[m] := false; voted[m] := false; end;
  coordinator := working; commit_sent := false; abort_sent := false;
end;

ruleset m: Manager do
  rule "prepare" stage[m] = working ==> begin stage[m] := prepared; voted[m] := true; end;
  rule "give_up" stage[m] = working ==> begin stage[m] := aborted; end;
  rule "count_vote" coordinator = working & voted[m] ==> begin counted[m] := true; end;
  rule "obey_commit" commit_sent ==> begin stage[m] := committed; end;
  rule "obey_abort" abort_sent ==> begin stage[m] := aborted; end;
end;

rule "decide_commit" coordinator = working & forall m: Manager do counted[m] end ==>
begin
  coordinator := committed; commit_sent := true;
end;
rule "decide_abort" coordinator = working ==> begin coordinator := aborted; abort_sent := true; end;

invariant "consistent"
  forall m: Manager do forall n: Manager do stage[m] != aborted | stage[n] != committed end end;
