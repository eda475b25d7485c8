"""What every test of follow-up needs: somebody looking, and a lead of Ann's."""

from uuid import UUID

import pytest

from tests.checklists.conftest import As, as_, as_worker
from tests.leads.factories import a_lead
from tests.people import ANN

__all__ = ["As", "as_", "as_worker"]


@pytest.fixture
def lead_id(as_: As) -> UUID:
    """Jan de Vries, of Ann's: entered by herself, so not from marketing."""
    with as_(ANN):
        return a_lead().id
