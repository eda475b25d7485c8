"""Somebody looking, with what their role may do with documents; and checks done at once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

import pytest
from flask import Flask

from leadcrm.core.db import session
from leadcrm.core.scope import Everything, Viewer, viewing_as
from leadcrm.documents.services import checking
from tests.leads.factories import a_lead
from tests.people import Person
from tests.world import viewer_of

As = Callable[[Person], AbstractContextManager[Viewer]]


@pytest.fixture
def as_(app: Flask) -> As:
    """`with as_(ANN):` looks as Ann; what she did is committed at the end."""

    @contextmanager
    def looking(person: Person) -> Iterator[Viewer]:
        plugins = app.extensions["plugins"].values()
        granted = frozenset().union(*((plugin.granted or {}).get(person.role, ()) for plugin in plugins))
        with app.app_context(), viewing_as(viewer_of(person, granted)) as viewer:
            yield viewer  # type: ignore[misc]  # a Viewer went in
            if session.is_active:
                session.commit()  # unless the test expected a refusal

    return looking


@pytest.fixture
def lead_of(as_: As) -> Callable[[Person], UUID]:
    def made(person: Person) -> UUID:
        with as_(person):
            return a_lead().id

    return made


@pytest.fixture
def check_now(worker_app: Flask) -> Callable[[UUID], None]:
    """What the job does with a version, without a queue."""

    def check(version_id: UUID) -> None:
        with worker_app.app_context(), viewing_as(Everything("test")):
            checking.check(str(version_id))
            session.commit()

    return check
