"""The same accounts and queries as the tests of auth."""

from tests.auth.conftest import enrolled, query

__all__ = ["enrolled", "query"]
