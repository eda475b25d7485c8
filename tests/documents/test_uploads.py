"""Files on their way in: by tus in pieces, by a plain form, refused by name, by content and by size."""

import base64
from collections.abc import Callable
from contextlib import suppress
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core import blobs
from leadcrm.core.blobs import spool
from leadcrm.core.config import Config
from leadcrm.core.db import session
from leadcrm.documents.models.document import Document, Upload, Version
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.documents.services import arriving, checking
from leadcrm.inspection.services import Reason
from tests.documents.conftest import As
from tests.documents.factories import a_pdf, a_png, newest
from tests.people import ANN, BOB, MEG, Person
from tests.world import ORIGIN, Browser

Browsers = Callable[[Person], Browser]
LeadOf = Callable[[Person], UUID]


class Tus:
    """What tus-js-client does."""

    def __init__(self, browser: Browser):
        self.browser = browser
        self.always = {
            "Tus-Resumable": "1.0.0", "X-CSRFToken": browser.csrf_token(), "Origin": ORIGIN,
            "Sec-Fetch-Site": "same-origin",
        }  # fmt: skip

    def begin(self, lead_id: UUID, name: str, length: int, **about: str) -> Any:
        pairs = {"filename": name} | about
        said = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
        headers = self.always | {"Upload-Length": str(length), "Upload-Metadata": said}
        return self.browser.post(f"/documents/lead/{lead_id}/uploads", headers=headers)

    def send(self, where: str, offset: int, piece: bytes, **headers: str) -> Any:
        told = self.always | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"} | headers
        return self.browser.patch(where, data=piece, headers=told)

    def ask(self, where: str) -> Any:
        return self.browser.head(where, headers=self.always)

    def drop(self, where: str) -> Any:
        return self.browser.delete(where, headers=self.always)

    def whole(self, lead_id: UUID, name: str, content: bytes, **about: str) -> Any:
        begun = self.begin(lead_id, name, len(content), **about)
        return self.send(begun.location, 0, content) if begun.status_code == 201 else begun


def names_kept(as_: As, person: Person = ANN) -> list[str]:
    with as_(person):
        return sorted(session.scalars(select(Document.name)))


def test_a_file_comes_in_pieces_and_is_whole(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    lead_id, content = lead_of(ANN), a_png(400, 300) + bytes(200_000)
    tus = Tus(client_as(ANN))
    begun = tus.begin(lead_id, "taxatierapport.png", len(content))
    assert begun.status_code == 201 and begun.headers["Tus-Resumable"] == "1.0.0"
    offset = 0
    for size in (1, 70_000, 65_536, len(content)):
        sent = tus.send(begun.location, offset, content[offset : offset + size])
        assert sent.status_code == 204, sent.text
        offset = int(sent.headers["Upload-Offset"])
        asked = tus.ask(begun.location)
        assert (asked.status_code, asked.headers["Upload-Offset"]) == (200, str(offset))
    assert offset == len(content)
    with as_(ANN):
        document = session.scalars(select(Document)).one()
        assert (document.name, document.kind, document.size) == ("taxatierapport.png", DocumentKind.VALUATION, offset)
        assert b"".join(blobs.read(checking.blob_of(newest(document)))) == content


def test_a_broken_upload_goes_on_where_it_stopped(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    content = a_pdf() + bytes(100_000)
    tus, lead_id = Tus(client_as(ANN)), lead_of(ANN)
    where = tus.begin(lead_id, "a.pdf", len(content)).location
    tus.send(where, 0, content[:50_000])
    wrong = tus.send(where, 0, content)
    assert (wrong.status_code, wrong.headers["Upload-Offset"]) == (409, "50000")
    other = Tus(client_as(ANN))  # another browser, another web process, the same person
    assert other.ask(where).headers["Upload-Offset"] == "50000"
    assert other.send(where, 50_000, content[50_000:]).status_code == 204
    assert names_kept(as_) == ["a.pdf"]
    assert other.send(where, len(content), b"").status_code == 204  # its answer had got lost
    assert other.ask(where).headers["Upload-Offset"] == str(len(content))
    assert names_kept(as_) == ["a.pdf"]


def test_what_was_whole_but_not_finished_is_finished_when_asked_for(
    as_: As, lead_of: LeadOf, client_as: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the last piece and the end: a client that hears it is all there sends no more."""
    tus, content = Tus(client_as(ANN)), a_png()
    begun = tus.begin(lead_of(ANN), "einde.png", len(content))

    def died(*_arguments: Any) -> None:
        raise spool.Busy(begun.location)

    with monkeypatch.context() as patch:
        patch.setattr(arriving, "finish", died)
        assert tus.send(begun.location, 0, content).status_code == 423
    assert names_kept(as_) == []
    assert tus.ask(begun.location).headers["Upload-Offset"] == str(len(content))
    assert names_kept(as_) == ["einde.png"]


def test_a_cancelled_upload_is_forgotten(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    tus = Tus(client_as(ANN))
    where = tus.begin(lead_of(ANN), "a.pdf", 100_000).location
    tus.send(where, 0, a_pdf())
    assert tus.drop(where).status_code == 204
    assert tus.ask(where).status_code == 404
    with as_(ANN):
        assert session.scalars(select(Upload)).all() == []


REFUSED = [
    ("programma.exe", a_png(), Reason.UNKNOWN),
    ("salaris.exe.pdf", a_pdf(), Reason.NAME),
    ("loon\u202efdp.exe", a_pdf(), Reason.NAME),
    ("loonstrook.pdf", b"MZ" + bytes(2000), Reason.UNKNOWN),
    ("foto.png", a_pdf() + bytes(1000), Reason.MISMATCH),
    ("leeg.pdf", b"", Reason.EMPTY),
    ("klein.pdf", b"MZ", Reason.MISMATCH),  # too little to be known by its first piece
    ("pagina.txt", b"<html><script>alert(1)</script>" + b" " * 1000, Reason.UNKNOWN),
]


def test_what_is_refused_is_told_in_words_and_not_kept(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    for name, content, why in REFUSED:
        answer = Tus(ann).whole(lead_id, name, content)
        assert (answer.status_code, answer.mimetype, answer.text) == (422, "text/plain", why.nl), ascii(name)
        files = {"file": (BytesIO(content), name)}
        page = ann.send(f"/documents/lead/{lead_id}", files, content_type="multipart/form-data", follow_redirects=True)
        assert why.nl in unescape(page.text), ascii(name)
    assert names_kept(as_) == []


def test_of_a_file_that_is_refused_by_its_first_bytes_nothing_is_kept(lead_of: LeadOf, client_as: Browsers) -> None:
    tus = Tus(client_as(ANN))
    where = tus.begin(lead_of(ANN), "loonstrook.pdf", 100_000).location
    assert tus.send(where, 0, b"MZ" + bytes(50_000)).status_code == 422
    assert tus.ask(where).headers["Upload-Offset"] == "0"


@pytest.fixture
def small(app: Flask) -> Any:
    """Files of a megabyte at most."""
    before: Config = app.extensions["config"]
    app.extensions["config"] = before.model_copy(update={"max_file_mb": 1})
    yield
    app.extensions["config"] = before


@pytest.mark.usefixtures("small")
def test_what_is_too_large_is_refused_at_once(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    answer = Tus(ann).begin(lead_id, "groot.pdf", 1024 * 1024 + 1)
    assert answer.status_code == 413 and "1 MB" in answer.text
    files = {"file": [(BytesIO(a_pdf() + bytes(2_000_000)), "groot.pdf"), (BytesIO(a_pdf()), "klein.pdf")]}
    page = ann.send(f"/documents/lead/{lead_id}", files, content_type="multipart/form-data", follow_redirects=True)
    assert "groot.pdf: Dit bestand is te groot: hooguit 1 MB." in page.text
    assert names_kept(as_) == ["klein.pdf"]


@pytest.mark.usefixtures("small")
def test_a_form_of_more_than_twenty_of_the_largest_is_refused_unread(lead_of: LeadOf, client_as: Browsers) -> None:
    ann, path = client_as(ANN), f"/documents/lead/{lead_of(ANN)}"
    said = {"CONTENT_LENGTH": str(20 * 1024 * 1024 + 1)}
    form = {"file": (BytesIO(a_pdf()), "a.pdf")}
    answer = ann.send(path, form, content_type="multipart/form-data", environ_overrides=said)
    assert answer.status_code == 413


def test_more_than_was_announced_is_not_taken(lead_of: LeadOf, client_as: Browsers) -> None:
    tus = Tus(client_as(ANN))
    where = tus.begin(lead_of(ANN), "a.pdf", 1_000).location
    assert tus.send(where, 0, a_pdf() + bytes(5_000)).status_code == 413


def test_nobody_goes_on_with_somebody_elses_upload(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    """Not even who sees the lead: what Ann sends is hers until it is there."""
    where = Tus(client_as(ANN)).begin(lead_of(ANN), "a.pdf", len(a_pdf())).location
    for person in (MEG, BOB):
        theirs = Tus(client_as(person))
        assert theirs.ask(where).status_code == 404
        assert theirs.send(where, 0, a_pdf()).status_code == 404
        assert theirs.drop(where).status_code == 404
    assert names_kept(as_) == []


def test_an_upload_needs_the_token_and_a_page_of_ours(lead_of: LeadOf, client_as: Browsers) -> None:
    tus = Tus(client_as(ANN))
    where = tus.begin(lead_of(ANN), "a.pdf", len(a_pdf())).location
    assert tus.send(where, 0, a_pdf(), **{"X-CSRFToken": "x"}).status_code == 419
    assert tus.send(where, 0, a_pdf(), Origin="https://evil.example").status_code == 403


def test_a_form_with_a_wrong_token_keeps_nothing(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    files = {"csrf_token": "x", "file": (BytesIO(a_pdf()), "a.pdf")}
    answer = client_as(ANN).post(
        f"/documents/lead/{lead_of(ANN)}", data=files, content_type="multipart/form-data",
        headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert answer.status_code == 419
    assert names_kept(as_) == []


NONSENSE = [
    {"Upload-Length": "x"}, {"Upload-Length": "-1"}, {"Upload-Length": "9" * 30}, {"Tus-Resumable": "0.2.2"},
    {"Upload-Metadata": "filename %%%"}, {"Upload-Metadata": "filename /////w=="}, {"Upload-Metadata": "x" * 5000},
    {"Upload-Metadata": ""},
]  # fmt: skip


def test_nonsense_is_refused(lead_of: LeadOf, client_as: Browsers) -> None:
    tus, lead_id = Tus(client_as(ANN)), lead_of(ANN)
    for headers in NONSENSE:
        told = tus.always | {"Upload-Length": "10", "Upload-Metadata": "filename YS5wZGY="} | headers
        answer = tus.browser.post(f"/documents/lead/{lead_id}/uploads", headers=told)
        assert 400 <= answer.status_code < 500, headers


def test_a_newer_version_by_tus_and_by_form(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    tus = Tus(ann)
    tus.whole(lead_id, "a.pdf", a_pdf())
    with as_(ANN):
        ident = session.scalars(select(Document.id)).one()
    assert tus.whole(lead_id, "a nieuw.pdf", a_pdf(2), document=str(ident)).status_code == 204
    files = {"file": (BytesIO(a_pdf(3)), "a nog nieuwer.pdf")}
    assert ann.send(f"/documents/{ident}/versions", files, content_type="multipart/form-data").status_code == 303
    with as_(ANN):
        document = session.scalars(select(Document)).one()
        assert (document.name, document.version) == ("a.pdf", 3)
        numbers = session.execute(select(Version.number, Version.name).order_by(Version.number)).all()
    assert [tuple(row) for row in numbers] == [(1, "a.pdf"), (2, "a nieuw.pdf"), (3, "a nog nieuwer.pdf")]
    other = lead_of(ANN)
    assert tus.begin(other, "b.pdf", 10, document=str(ident)).status_code == 404  # of another lead


def test_nothing_of_a_file_lies_on_the_disk_in_clear(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lead_of: LeadOf, client_as: Browsers
) -> None:
    """Neither where blobs and spools lie, nor where large forms go when nobody looks."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    secret = b"canary of a salary " * 200
    content = a_pdf() + secret * 300
    ann, lead_id = client_as(ANN), lead_of(ANN)
    seen: list[Path] = []
    real = arriving.spool.append

    def watched(*arguments: Any) -> int:
        reached = real(*arguments)
        seen.extend(_holding(secret, Path(app.extensions["config"].instance), tmp_path))
        return reached

    monkeypatch.setattr(arriving.spool, "append", watched)
    tus = Tus(ann)
    where = tus.begin(lead_id, "a.pdf", len(content)).location
    tus.send(where, 0, content[:500_000])
    tus.send(where, 500_000, content[500_000:])
    form = {"file": (BytesIO(content), "b.pdf")}
    assert ann.send(f"/documents/lead/{lead_id}", form, content_type="multipart/form-data").status_code == 303
    instance = Path(app.extensions["config"].instance)
    assert seen == [] and _holding(secret, instance, tmp_path) == []
    assert any((instance / "blobs").rglob("*"))


def _holding(secret: bytes, *folders: Path) -> list[Path]:
    ours = [path for folder in folders for path in (folder / "blobs", folder) if path.is_dir()]
    files = {file for folder in ours for file in folder.glob("**/*") if file.is_file() and "postgres" not in file.parts}
    return [file for file in files if secret[:100] in _content(file)]


def _content(file: Path) -> bytes:
    """Other processes of the suite have uploads here too: a file may be gone as soon as it was seen."""
    with suppress(FileNotFoundError):
        return file.read_bytes()
    return b""
