"""What searching needs: people who look, and queries behind the walls."""

from tests.auth.conftest import query
from tests.leads.conftest import as_

__all__ = ["as_", "query"]
