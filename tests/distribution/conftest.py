"""What every test of distribution needs: somebody looking, agents with profiles, and a job that runs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from flask import Flask

from leadcrm.core import jobs as core_jobs
from leadcrm.core.db import session
from leadcrm.core.plugin import permissions_of
from leadcrm.core.scope import Viewer, viewing_as
from tests.people import ANN, BOB, EVE, MEG, Person
from tests.world import viewer_of

As = Callable[[Person], AbstractContextManager[Viewer]]
Run = Callable[..., None]


@pytest.fixture(autouse=True)
def joined(app: Flask, admin_url: str) -> None:
    """Invited people get no leads; these have come in."""
    ids = [who.id for who in (ANN, BOB, MEG, EVE)]
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE auth_user SET joined_at = now() WHERE id = ANY(%s)", [ids])


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


@pytest.fixture
def run(worker_app: Flask) -> Run:
    """A declared job at once, as a worker runs it."""

    def now(name: str, *ids: object) -> None:
        found = next(each for each in core_jobs.declared() if each.name == f"distribution.jobs.{name}")
        core_jobs.run(worker_app, found, None, None, [str(each) for each in ids])

    return now
