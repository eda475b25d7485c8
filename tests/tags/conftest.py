"""What every test of tags needs: somebody looking."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask

from leadcrm.core.db import session
from leadcrm.core.plugin import permissions_of
from leadcrm.core.scope import Everything, Viewer, viewing_as
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


@pytest.fixture
def as_worker(worker_app: Flask) -> Iterator[None]:
    """As jobs run."""
    with worker_app.app_context(), viewing_as(Everything("as the job")):
        yield
