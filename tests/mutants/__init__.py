"""For every guard a mutant: the guard taken out, and the tests that must turn red then. `make mutants` runs them.

The mutants are declared in the .toml files beside this, one file an area. See runner.py for what becomes of them.
"""
