"""Keeping a file and reading it back."""

import os
from hashlib import sha256
from io import BytesIO

import pytest
from flask import Flask

from leadcrm.core import blobs
from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as
from tests.people import ANN
from tests.world import viewer_of

SIZES = [0, 1, 65_535, 65_536, 65_537, 262_144, 262_145, 1_000_000]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_kept_is_read_back(app: Flask, size: int) -> None:
    content = os.urandom(size)
    with app.app_context(), viewing_as(viewer_of(ANN)):
        blob = blobs.keep(BytesIO(content))
        session.commit()
        assert blob.size == size
        assert blob.digest == sha256(content).digest()
        assert b"".join(blobs.read(blob)) == content
        assert b"".join(blobs.read(blob, size // 3, size // 2)) == content[size // 3 : size // 2]
