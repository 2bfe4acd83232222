"""The search of symmetric systems by counts, as machine code.

States that are images of each other under a symmetry are one: a *key* says what is outside of the blocks that may
change places, and how many blocks have each row. Expanding a key looks at some blocks of each row only. The package
needs llvmlite; `native.counting_search` imports it when it is first called.
"""
