"""What every test of follow-up needs: somebody looking, and a lead of Ann's."""

from uuid import UUID

import pytest

from tests.checklists.conftest import As, as_, as_worker
from tests.leads.factories import a_lead
from tests.people import ANN
from tests.shelf import Shelf

__all__ = ["As", "as_", "as_worker"]


@pytest.fixture
def lead_id(as_: As, shelf: Shelf) -> UUID:
    """Jan de Vries, of Ann's: entered by herself, so not from marketing."""

    def made() -> UUID:
        with as_(ANN):
            return a_lead().id

    return shelf.once("Jan de Vries", made)
