"""`eventually` and `leads to` under weak and strong fairness.

A behaviour violates such a property if from some time on it never reaches the goal: its states are in the part of the
graph without goal states, and those it visits again and again are strongly connected there. `graph` explores, `regions`
looks for such parts, `lasso` for a short behaviour that shows one, and `lift` gives it real names.

- `routines` are the algorithms, once, for Python and machine code; `runner` calls them either way.
- `symmetric` says when the quotient by a symmetry is enough, and why; `units` numbers what fairness is assumed of.
- `automatic` chooses, and is what the engine calls.
"""
