"""Keeping a file and reading it back."""

import os
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, StorageFull, spool
from leadcrm.core.db import session
from leadcrm.core.scope import OutOfScope, Scope, Viewer, viewing_as
from tests.core.blobs.conftest import As
from tests.people import ADA, ANN, BOB, EVE, HOME, IVO, MEG

SIZES = [0, 1, 65_535, 65_536, 65_537, 262_144, 262_145, 1_000_000]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_kept_is_read_back(acting: As, size: int) -> None:
    content = os.urandom(size)
    with acting(ANN):
        blob = blobs.keep(BytesIO(content))
        session.commit()
        assert blob.size == size
        assert blob.digest == sha256(content).digest()
        assert b"".join(blobs.read(blob)) == content
        assert b"".join(blobs.read(blob, size // 3, size // 2)) == content[size // 3 : size // 2]


def test_a_source_in_odd_pieces(acting: As) -> None:
    pieces = [os.urandom(n) for n in (1, 70_000, 0, 262_144, 5, 600_000)]
    with acting(ANN):
        assert b"".join(blobs.read(blobs.keep(iter(pieces)))) == b"".join(pieces)


def test_a_source_that_breaks_leaves_nothing(acting: As, folder: Path) -> None:
    def source() -> Iterator[bytes]:
        yield bytes(300_000)
        raise ConnectionResetError

    with acting(ANN), pytest.raises(ConnectionResetError):
        blobs.keep(source())
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_another_company_sees_no_blob(acting: As) -> None:
    with acting(ANN):
        ident = blobs.keep(BytesIO(b"ours")).id
    for who, seen in ((BOB, True), (MEG, True), (EVE, False), (ADA, False)):
        with acting(who):
            assert (session.get(Blob, ident) is not None) == seen


def test_before_a_sign_in_only_its_maker_sees_it(app: Flask, folder: Path) -> None:
    link, other = Viewer(Scope.NONE, HOME, uuid4()), Viewer(Scope.NONE, HOME, uuid4())
    with app.app_context():
        with viewing_as(link):
            ident = spool.begin(3)
            spool.append(ident, 0, BytesIO(b"abc"))
            spool.finish(ident)
            session.commit()
            assert session.get(Blob, ident) is not None
        with viewing_as(other):
            assert session.get(Blob, ident) is None


def test_who_only_looks_keeps_nothing(acting: As, folder: Path) -> None:
    with pytest.raises(OutOfScope), acting(IVO):
        blobs.keep(BytesIO(b"x"))
    with pytest.raises(OutOfScope), acting(IVO):
        spool.begin(1)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_full_disk_is_told_before_it_is_full(acting: As, app: Flask, folder: Path) -> None:
    app.extensions["config"] = app.extensions["config"].model_copy(update={"keep_free_mb": 2**40})
    with acting(ANN):
        with pytest.raises(StorageFull):
            blobs.keep(BytesIO(b"x"))
        with pytest.raises(StorageFull):
            spool.begin(1)


def test_a_route_answers_507(app: Flask) -> None:
    with app.test_request_context("/leads/", base_url="https://localhost"):
        answer = app.make_response(app.handle_user_exception(StorageFull("full")))
    assert answer.status_code == 507
    assert "geen ruimte" in answer.get_data(as_text=True)
