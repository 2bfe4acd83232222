"""Model and machine side by side: every step of a system performed on the concrete machine and held against the model."""
