"""What every test of intake needs: a source that takes leads, a key, a supplier's program, and a worker."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.services import sources, taking
from leadcrm.leads.models.source import Label, Source
from tests.checklists.conftest import As, as_
from tests.people import MEG, Person
from tests.shelf import Shelf
from tests.world import ORIGIN

__all__ = ["As", "as_"]
LEAD = {
    "applicant": {"call_name": "Jan", "birth_name": "Vries", "email": "jan@voorbeeld.nl", "phone": "06 12345678"},
    "lead": {"goal": "purchase_existing"},
}


@dataclass
class Given:
    """A source as a manager set it up, and the key that she handed on."""

    inlet_id: UUID
    key_id: UUID
    key: str
    source: str = "website"

    @property
    def address(self) -> str:
        return f"/intake/{self.source}"


@pytest.fixture
def make_source(as_: As) -> Callable[..., Given]:
    def made(who: Person = MEG, key: str = "website", **values: Any) -> Given:
        with as_(who):
            source = Source(company_id=who.company_id, key=key, name=key.title())
            label = Label(company_id=who.company_id, name=f"Label {key}", price=12_500, return_days=14, exclusive=True)
            session.add_all([source, label])
            session.flush()
            inlet = sources.open_inlet(source.id)
            inlet.label_id = label.id
            for name, value in values.items():
                setattr(inlet, name, value)
            session.flush()
            made_key, secret = sources.make_key(inlet, "proef")
            session.flush()
            return Given(inlet.id, made_key.id, secret, key)

    return made


@pytest.fixture
def given(make_source: Callable[..., Given], shelf: Shelf) -> Given:
    return shelf.once("a source", make_source)


Post = Callable[..., Any]


@pytest.fixture
def post(app: Flask) -> Post:
    """As a program does it: no cookie, no token."""

    def sent(given: Given, body: Any = LEAD, key: str | None = None, **headers: str) -> Any:
        bearer = {"Authorization": f"Bearer {given.key if key is None else key}"}
        return app.test_client().post(given.address, json=body, headers=bearer | headers, base_url=ORIGIN)

    return sent


@pytest.fixture
def work(worker_app: Flask) -> Callable[[], int]:
    """What the worker does with all that waits."""

    def done() -> int:
        total = 0
        with worker_app.app_context(), viewing_as(Everything("as the job")):
            while looked_at := taking.take_batch():
                total += looked_at
                checkpoint()
            session.commit()
        return total

    return done


@pytest.fixture
def arrivals(as_: As) -> Callable[[], list[Any]]:
    def found() -> list[Any]:
        with as_(MEG):
            rows = session.scalars(select(Arrival).order_by(Arrival.arrived_at, Arrival.id)).all()
            session.expunge_all()
            return list(rows)

    return found
