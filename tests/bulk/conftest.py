"""Somebody looking, with what their role may do; and the queue's work done at once."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

import pytest
from flask import Flask

from leadcrm.core.db import session
from leadcrm.core.jobs import run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import Viewer, viewing_as
from tests.leads.factories import a_lead
from tests.people import Person
from tests.world import viewer_of

As = Callable[[Person], AbstractContextManager[Viewer]]
Leads = Callable[[Person, int], list[UUID]]
Work = Callable[[], None]


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
def some_leads(as_: As) -> Leads:
    def made(owner: Person, number: int) -> list[UUID]:
        with as_(owner):
            return [a_lead().id for _number in range(number)]

    return made


@pytest.fixture
def work(worker_app: Flask, urls: Urls) -> Work:
    """A worker does what waits, and ends."""
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    return lambda: run_worker(worker_app, urls.worker, wait=False)
