"""A store in a folder of its own for each test, so that a sweep of one finds nothing of another."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from leadcrm.core.blobs import places
from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from tests.people import Person
from tests.world import viewer_of

As = Callable[[Person], AbstractContextManager[None]]


@pytest.fixture
def folder(app: Flask, worker_app: Flask, tmp_path: Path) -> Iterator[Path]:
    before = {each: (each.extensions["config"], each.extensions["blobs"]) for each in (app, worker_app)}
    for each, (config, _blobs) in before.items():
        each.extensions["config"] = config.model_copy(update={"blob_folder": tmp_path / "blobs", "keep_free_mb": 1})
        places.start(each)
    yield tmp_path / "blobs"
    for each, (config, blobs) in before.items():
        each.extensions["config"], each.extensions["blobs"] = config, blobs


@pytest.fixture
def acting(app: Flask, folder: Path) -> As:
    """A request of this person, kept when it ends well."""

    @contextmanager
    def request_of(person: Person) -> Iterator[None]:
        with app.app_context(), viewing_as(viewer_of(person)):
            yield
            session.commit()

    return request_of
