"""Proofs for every size that something comes to pass, by sets that only shrink.

Where a behaviour waits for ever for the goal of a claim, from some time on nothing changes that cannot change for ever.
A *ranking* (`ranking`) lists, in an order, what comes to rest and what fairness then rules out:

- A *measure* (`measures`) is a set, {a | hv1.flip.pending(a)}, or one element, "hv1.at == flip". If no step enlarges
  it while the measures before it stay as they are, it comes to rest in turn: it is finite, since sorts are.
- A *unit* of fairness (`units`), each of whose steps changes one of the measures so far, is not taken any more. If it
  is strongly fair, it is not even enabled any more from some time on; if it is weakly fair, that follows if it stays
  enabled while it is not taken.

Where all that cannot be, since in each state in which the behaviour waits one of the units is enabled, it does not wait
for ever. The ranking is found on a small instance (`graph`), where everything can be tried. What it claims of steps and
states is then said of every size (`obligations`), and proved as any claim on steps and states is.

Sources: the rule is that of Manna and Pnueli for response under fairness (Completing the Temporal Picture, 1991), with
sets in place of numbers; that finite sets ordered by inclusion are enough for parameterised systems is from Padon et
al., Reducing Liveness to Safety in First-Order Logic (2018).
"""
