"""What a verdict rests on: behaviours replayed by the reference interpreter, traces, and the results of checks."""
