"""The transition system and its meaning: types, expressions, systems, layout of states, the reference interpreter."""
