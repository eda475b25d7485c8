"""Somebody looking, and a look behind the walls."""

from tests.auth.conftest import query
from tests.checklists.conftest import As, as_

__all__ = ["As", "as_", "query"]
