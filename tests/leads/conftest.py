"""What every test of leads needs: somebody looking, in a transaction of their own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask

from leadcrm.core.db import session
from leadcrm.core.scope import Viewer, viewing_as
from leadcrm.leads.plugin import plugin
from tests.people import Person
from tests.world import viewer_of

As = Callable[[Person], AbstractContextManager[Viewer]]


@pytest.fixture
def as_(app: Flask) -> As:
    """`with as_(ANN):` looks as Ann; what she did is committed at the end."""

    @contextmanager
    def looking(person: Person) -> Iterator[Viewer]:
        granted: Any = (plugin.granted or {}).get(person.role, frozenset())
        with app.app_context(), viewing_as(viewer_of(person, granted)) as viewer:
            yield viewer  # type: ignore[misc]  # a Viewer went in
            if session.is_active:
                session.commit()  # unless the test expected a refusal

    return looking
