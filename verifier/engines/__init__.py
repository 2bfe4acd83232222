"""The engines: each takes a system and properties of it, and returns verdicts."""
