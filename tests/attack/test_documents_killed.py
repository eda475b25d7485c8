"""kill -9 while a document comes in, in pieces or in one go, and while one is removed for good.

Afterwards there is no document without its file and no half one, what a client was told holds, an upload goes on, and
after a repair there is no file that no document has.
"""

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, spool, sweeping, turns
from leadcrm.core.db import session
from leadcrm.core.jobs import maintenance
from leadcrm.core.scope import viewing_as
from leadcrm.documents.models.document import Document, Upload, Version
from leadcrm.documents.services import arriving, keeping
from leadcrm.documents.services.arriving import Wanted
from leadcrm.leads.models.lead import Lead
from tests.attack.fuse import Fuse, run
from tests.core.blobs.conftest import As, acting, folder  # noqa: F401  fixtures
from tests.leads.factories import a_lead
from tests.people import ANN
from tests.world import forget_what_tests_wrote, viewer_of

REPEATS = 20
CONTENT = b"%PDF-1.7\n" + b"salaris 4.213,77 per maand; " * 20_000
CUTS = [0, 200_000, 200_100, len(CONTENT)]
POINTS = [
    "before a block of an upload", "within a block of an upload", "after a sync of an upload",
    "before what a row says of an upload", "after what a row says of an upload",
    "before the end of an upload", "after the end of an upload", "before the move of a file",
    "after the move of a file", "after the taking over of a file", "within a block of a file that is kept",
    "before rows", "after rows", "before a commit", "after a commit",
    "before the removal of a file", "after the removal of a file",
]  # fmt: skip
Say = Callable[[str], None]


@dataclass
class Office:
    """Ann's desk: a lead, and what happens at it."""

    folder: Path
    acting: As
    worker_app: Flask
    admin_url: str
    lead_id: UUID | None = None

    def begin_anew(self) -> None:
        forget_what_tests_wrote(self.admin_url)
        shutil.rmtree(self.folder, ignore_errors=True)
        with self.acting(ANN):
            self.lead_id = a_lead().id

    @property
    def lead(self) -> Lead:
        return session.scalars(select(Lead).where(Lead.id == self.lead_id)).one()

    def story(self, say: Say) -> None:
        with self.worker_app.app_context():
            with viewing_as(viewer_of(ANN)):
                self.sends(say)
                pieces = iter([CONTENT[:300_000], CONTENT[300_000:]])
                document = arriving.take(Wanted(self.lead, "taxatie.pdf"), pieces)
                ident = document.id
                session.commit()
                say(f"kept {ident}")
                keeping.purge([document])
                session.commit()
                say("purged")
            with maintenance("as the worker does"):
                sweeping.sweep_now()

    def sends(self, say: Say) -> None:
        upload = arriving.begin(Wanted(self.lead, "loonstrook.pdf"), len(CONTENT))
        ident = upload.id
        session.commit()
        say(f"begun {ident}")
        for start, stop in zip(CUTS, CUTS[1:], strict=False):
            reached = arriving.append(session.get(Upload, ident), start, BytesIO(CONTENT[start:stop]), stop - start)
            say(f"acknowledged {reached}")
        self.ends(ident)
        say("arrived")

    def ends(self, ident: UUID) -> None:
        arriving.finish(session.get(Upload, ident), Wanted(self.lead, "loonstrook.pdf"))
        session.commit()

    def examine(self, said: list[str]) -> None:
        with self.acting(ANN):
            self.what_was_said_holds([line.split() for line in said])
            self.no_half_document()
        with self.worker_app.app_context(), maintenance("a repair"):
            sweeping.sweep_now()
        with self.acting(ANN):
            self.no_half_document()
        self.no_file_without_a_document()

    def what_was_said_holds(self, said: list[list[str]]) -> None:
        words = [words[0] for words in said]
        if "kept" in words and "purged" not in words:
            gone_or_there = session.get(Document, UUID(said[words.index("kept")][1]))
            assert gone_or_there is None or gone_or_there.size == len(CONTENT)  # the removal had begun
        if "begun" not in words:
            return
        upload = session.get(Upload, UUID(said[words.index("begun")][1]))
        if upload.made_id is not None:
            assert session.get(Document, upload.made_id) is not None
            return
        assert "arrived" not in words
        offset = spool.find(upload.id).offset
        assert offset >= max((int(rest[0]) for word, *rest in said if word == "acknowledged"), default=0)
        if offset < len(CONTENT):
            arriving.append(upload, offset, BytesIO(CONTENT[offset:]), len(CONTENT) - offset)
        self.ends(UUID(said[words.index("begun")][1]))

    def no_half_document(self) -> None:
        for document in session.scalars(select(Document)):
            versions = session.scalars(select(Version).where(Version.document_id == document.id)).all()
            assert len(versions) == document.version == 1
            for version in versions:
                blob = session.scalars(select(Blob).where(Blob.id == version.blob_id)).one()
                assert b"".join(blobs.read(blob)) == CONTENT

    def no_file_without_a_document(self) -> None:
        with psycopg.connect(self.admin_url) as admin:
            known = admin.execute(
                "SELECT blob_id::text FROM documents_version UNION SELECT id::text FROM core_spool"
            ).fetchall()
        assert {path.name for path in self.folder.rglob("*") if path.is_file()} <= {ident for (ident,) in known}


@pytest.fixture
def office(
    folder: Path,  # noqa: F811
    acting: As,  # noqa: F811
    worker_app: Flask,
    admin_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    monkeypatch.setattr(turns, "PATIENCE", 0)
    return Office(folder, acting, worker_app, admin_url)


@pytest.mark.parametrize("point", POINTS)
def test_killed(point: str, office: Office) -> None:
    office.begin_anew()
    said, ended_by, counted = run(office.worker_app, office.story, Fuse())
    assert (ended_by, said[-1]) == (0, "purged"), said
    times = counted[point]
    assert times, f"{point} is never passed: {sorted(counted)}"
    for repeat in range(REPEATS):
        office.begin_anew()
        said, ended_by, _counted = run(office.worker_app, office.story, Fuse(point, 1 + repeat * times // REPEATS))
        assert ended_by == signal.SIGKILL, said
        office.examine(said)
