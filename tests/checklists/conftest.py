"""What every test of checklists needs: somebody looking, and documents that are simply there."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from leadcrm.core.db import session
from leadcrm.core.plugin import permissions_of
from leadcrm.core.scope import Viewer, viewing_as
from leadcrm.documents.models.document import Document
from leadcrm.documents.models.terms import DocumentKind, State
from tests.people import Person
from tests.world import viewer_of

As = Callable[[Person], AbstractContextManager[Viewer]]


@pytest.fixture
def as_(app: Flask) -> As:
    """`with as_(ANN):` looks as Ann; what she did is committed at the end."""

    @contextmanager
    def looking(person: Person) -> Iterator[Viewer]:
        with app.app_context():
            granted = permissions_of(person.role)
            with viewing_as(viewer_of(person, granted)) as viewer:
                yield viewer  # type: ignore[misc]  # a Viewer went in
                if session.is_active:
                    session.commit()

    return looking


def a_document(lead: Any, kind: DocumentKind, *, person: Any = None, **values: Any) -> Document:
    """One that has been checked, without bytes: a list looks at what it is, never into it."""
    given: dict[str, Any] = {"state": State.AVAILABLE, "name": f"{kind}-{secrets.token_hex(2)}.pdf"} | values
    made = Document(
        company_id=lead.company_id, lead_id=lead.id, id=uuid4(), kind=kind, size=1, media_type="application/pdf",
        person_id=person.id if person else None, **given,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def years_ago(years: int) -> date:
    today = datetime.now().date()
    return date(today.year - years, today.month, min(today.day, 28))
