"""Somebody who sends files through the doors of the product, and whoever looks what became of them."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.blobs import Blob
from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.services import checking
from tests.inspection.conftest import Clamd, configured
from tests.leads.factories import a_lead
from tests.people import ANN, Person
from tests.world import ORIGIN, Browser, superuser, viewer_of

FORGET_JOBS = "TRUNCATE procrastinate.procrastinate_jobs CASCADE"  # a worker took them
PIECE = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}


class Sender:
    """Ann, with a lead of hers."""

    def __init__(self, app: Flask, worker_app: Flask, browser: Browser, admin_url: str):
        self.app, self.worker_app, self.browser, self.admin_url = app, worker_app, browser, admin_url
        with app.app_context(), viewing_as(viewer_of(ANN)):
            self.lead_id = a_lead().id
            session.commit()

    def by_form(self, name: str, content: bytes) -> UUID | None:
        files = {"file": (BytesIO(content), name.encode("utf-8", "replace").decode().replace("\n", " "))}
        before = self._documents()
        answer = self.browser.send(f"/documents/lead/{self.lead_id}", files, content_type="multipart/form-data")
        assert answer.status_code in (303, 400), answer.status_code
        return self._new(before)

    def by_tus(self, name: str, content: bytes) -> UUID | None:
        before = self._documents()
        told = base64.b64encode(name.encode("utf-8", "surrogatepass")).decode()
        about = {"Upload-Length": str(len(content)), "Upload-Metadata": f"filename {told}", "Tus-Resumable": "1.0.0"}
        begun = self._send("POST", f"/documents/lead/{self.lead_id}/uploads", about)
        if begun.status_code != 201:
            assert begun.status_code in (400, 413, 422), begun.status_code
            return None
        half = len(content) // 2
        for start, piece in ((0, content[:half]), (half, content[half:])):
            sent = self._send("PATCH", begun.location, PIECE | {"Upload-Offset": str(start)}, piece)
            if sent.status_code != 204:
                assert sent.status_code == 422, sent.status_code
                break
        return self._new(before)

    def _send(self, method: str, path: str, told: dict[str, str], data: bytes = b"") -> object:
        token = {"X-CSRFToken": self.browser.csrf_token(), "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
        return self.browser.open(path, method=method, data=data, headers=token | told)

    def _documents(self) -> set[UUID]:
        with self.everything():
            return set(session.scalars(select(Document.id)))

    def _new(self, before: set[UUID]) -> UUID | None:
        return next(iter(self._documents() - before), None)

    @contextmanager
    def everything(self) -> Iterator[None]:
        with self.worker_app.app_context(), viewing_as(Everything("a test looks")):
            yield
            session.commit()

    def check(self) -> None:
        """What the jobs do: one for every version that waits, and then the files of refused ones."""
        superuser(self.admin_url).execute(FORGET_JOBS)
        with self.everything():
            waiting = list(session.scalars(select(Version.id).where(Version.state == "quarantined")))
        for version in waiting:
            with self.everything():
                checking.check(str(version))

    def states(self, document: UUID) -> tuple[str, str]:
        with self.everything():
            found = session.get_one(Document, document)
            version = session.scalars(select(Version).where(Version.document_id == document)).one()
            return str(found.state), str(version.state)

    def reason(self, document: UUID) -> str | None:
        with self.everything():
            return session.get_one(Document, document).reason

    def doors(self, document: UUID) -> list[str]:
        """Those that give something of its bytes."""
        ways = {"file": "file/1", "page": "page/1/1", "thumbnail": "thumbnail/1"}
        return [way for way, path in ways.items() if self._gives(f"/documents/{document}/{path}")]

    def _gives(self, path: str) -> bool:
        answer = self.browser.get(path)
        assert answer.status_code in (200, 404, 409), answer.status_code
        return bool(answer.status_code == 200)

    def asked_again(self) -> int:
        """Checks that wait in the queue for another time."""
        found = superuser(self.admin_url).execute(
            "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now() "
            "AND task_name = 'documents.services.checking.check'"
        )
        return int(found.fetchone()[0])  # type: ignore[index]  # a count is one row

    def blobs_left(self) -> int:
        with self.everything():
            return len(list(session.scalars(select(Blob.id).where(Blob.state == "kept"))))

    @contextmanager
    def scanned_by(self, clamd: Clamd) -> Iterator[None]:
        kept = self.worker_app.extensions["config"]
        configured(self.worker_app, clamav=clamd.address)
        yield
        self.worker_app.extensions["config"] = kept


@pytest.fixture
def sender(app: Flask, worker_app: Flask, client_as: Callable[[Person], Browser], admin_url: str) -> Sender:
    return Sender(app, worker_app, client_as(ANN), admin_url)
