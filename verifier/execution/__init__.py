"""Model and machine side by side: every step is performed on the concrete machine and held against the model."""
