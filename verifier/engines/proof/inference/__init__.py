"""Finding lemmas: IC3 on a small instance, and its clauses lifted to every size.

Importing `infer`, `ic3`, `houdini`, `shortest` or `questions` loads python-sat: import them where they are used.
"""
