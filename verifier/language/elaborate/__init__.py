"""From syntax trees to transition systems: names, types, machine, processes, claims."""
