"""What must be safe before what: bytes before their name, their name before the row, the row before the client is told.

A power failure cannot be made here, but the order in which the disk and the database are asked can be seen.
"""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from leadcrm.core import blobs
from leadcrm.core.blobs import spool, writing
from leadcrm.core.db import CrmSession
from tests.core.blobs.conftest import As
from tests.people import ANN

CONTENT = os.urandom(300_000)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []

    def watch(owner: Any, name: str, label: Callable[..., str]) -> None:
        original = getattr(owner, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            result = original(*arguments, **named)
            done.append(label(*arguments))
            return result

        monkeypatch.setattr(owner, name, watched)

    watch(os, "write", lambda *_: "bytes")
    watch(os, "pwrite", lambda _handle, data, _at: "bytes" if len(data) > 16 else "turn")
    watch(os, "fsync", lambda handle: "fsync folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "fsync file")
    watch(os, "fdatasync", lambda _handle: "fsync file")
    watch(Path, "rename", lambda *_: "rename")
    watch(writing, "save", lambda *_: "row says so")
    watch(CrmSession, "flush", lambda *_: "row")
    watch(CrmSession, "commit", lambda *_: "commit")
    return done


def in_order(seen: list[str], *wanted: str) -> bool:
    rest = iter(seen)
    return all(step in rest for step in wanted)


def test_keeping_a_file(acting: As, seen: list[str]) -> None:
    with acting(ANN):
        blobs.keep(BytesIO(CONTENT))
        assert "commit" not in seen
    assert in_order(seen, "bytes", "fsync file", "row", "rename", "fsync folder", "commit"), seen
    assert max(n for n, step in enumerate(seen) if step == "bytes") < seen.index("fsync file")


def test_a_piece_of_an_upload(acting: As, seen: list[str]) -> None:
    with acting(ANN):
        ident = spool.begin(len(CONTENT))
    seen.clear()
    with acting(ANN):
        spool.append(ident, 0, BytesIO(CONTENT[:200_000]))
        assert in_order(seen, "fsync folder", "bytes", "fsync file", "commit", "row says so", "turn"), seen
        seen.clear()
        spool.append(ident, 200_000, BytesIO(CONTENT[200_000:]))
        spool.finish(ident)
    assert in_order(seen, "bytes", "fsync file", "row says so", "row", "rename", "fsync folder", "commit"), seen
