"""Somebody looking."""

from tests.checklists.conftest import As, as_

__all__ = ["As", "as_"]
