"""The subcommands of `flip`, one module each: `register` says what its arguments are, `main` does what it says.

`flip --help` loads all of these modules, so they import what is heavy only where they use it.
"""
