"""What tests of figures share: leads with a past, and somebody looking."""

from tests.leads.conftest import as_

__all__ = ["as_"]
