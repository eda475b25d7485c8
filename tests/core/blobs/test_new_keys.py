"""New company keys: every file's key and every waiting tail is sealed anew, and all stay readable."""

import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, spool
from leadcrm.core.crypto import EXTENSION, CannotOpen, box_number, keyring
from leadcrm.core.db import session
from leadcrm.core.keys import looking_after
from leadcrm.core.keys.opening import wrappers_of
from leadcrm.core.keys.rotation import Rotation
from leadcrm.core.postgres.urls import Urls
from tests.core.blobs.conftest import As
from tests.people import ANN, HOME

CONTENT = os.urandom(200_000)


@pytest.fixture
def admin(app: Flask, whole_worker_app: Flask, admin_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Behind the walls; the test begins and ends without any company's key, also in what each application remembers."""
    with psycopg.connect(admin_url, autocommit=True) as connection:

        def forget() -> None:
            connection.execute("DELETE FROM core_company_key")
            for each in (app, whole_worker_app):
                each.extensions[EXTENSION].forget()

        forget()
        yield connection
        forget()


@pytest.fixture
def rotation(app: Flask, urls: Urls) -> Rotation:
    return Rotation(urls.migrator, keyring(), wrappers_of(app.extensions["config"]), settle_seconds=0)


def kept_and_begun(acting: As) -> tuple[UUID, UUID]:
    with acting(ANN):
        kept = blobs.keep(BytesIO(CONTENT)).id
        begun = spool.begin(len(CONTENT))
    with acting(ANN):
        spool.append(begun, 0, BytesIO(CONTENT[:100_000]))
    return kept, begun


def numbers(admin: psycopg.Connection[Any]) -> set[tuple[int, int]]:
    boxes = "SELECT sealed_key FROM core_blob UNION SELECT sealed_key FROM core_spool UNION SELECT tail FROM core_spool"
    return {box_number(bytes(box)) for (box,) in admin.execute(boxes) if box is not None}  # type: ignore[call-overload]


def test_a_rotation_takes_files_and_uploads_along(
    acting: As, admin: psycopg.Connection[Any], rotation: Rotation
) -> None:
    kept, begun = kept_and_begun(acting)
    assert numbers(admin) == {(2, 1)}
    assert rotation.run(HOME) == 2
    assert numbers(admin) == {(2, 2)}
    with acting(ANN):
        assert b"".join(blobs.read(session.get(Blob, kept))) == CONTENT
        spool.append(begun, 100_000, BytesIO(CONTENT[100_000:]))
        assert b"".join(blobs.read(spool.finish(begun))) == CONTENT


def test_what_is_finished_after_a_rotation_has_the_new_key(
    acting: As, admin: psycopg.Connection[Any], rotation: Rotation
) -> None:
    """Its upload was passed over: the row was written meanwhile with the old key."""
    _kept, begun = kept_and_begun(acting)
    old = admin.execute("SELECT sealed_key, tail FROM core_spool").fetchone()
    rotation.run(HOME)
    admin.execute("UPDATE core_spool SET sealed_key = %s, tail = %s", old)
    with acting(ANN):
        spool.append(begun, 100_000, BytesIO(CONTENT[100_000:]))
        spool.finish(begun)
    assert numbers(admin) == {(2, 2)}


def test_a_destroyed_key_takes_the_files_with_it(acting: As, admin: psycopg.Connection[Any], urls: Urls) -> None:
    kept, _begun = kept_and_begun(acting)
    looking_after.destroy(urls.migrator, HOME)
    keyring().forget()
    with acting(ANN), pytest.raises(CannotOpen):
        blobs.read(session.get(Blob, kept))
