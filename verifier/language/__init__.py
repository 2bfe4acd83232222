"""From text to checked systems: grammar, tree, names, types, elaboration, formatter, diagnostics."""
