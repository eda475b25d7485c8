"""Attacks that must fail. They are slow, so `make test` leaves them out and `make attack` runs them.

A file that is dropped in here is marked by itself (conftest.py): `pytest -m attack tests/attack/test_yours.py`.
"""
