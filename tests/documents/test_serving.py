"""Files on their way out: to whom, in which ranges, under which headers, and what is written down of it."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import psycopg
import pytest
from PIL import Image
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.models.terms import State
from leadcrm.documents.views.files import attachment
from leadcrm.leads.models.lead import Lead
from tests.documents.conftest import As
from tests.documents.factories import a_document, a_pdf, a_png, newest
from tests.people import ANN, BOB, EVE, IVO, MEG, Person
from tests.world import Browser

Browsers = Callable[[Person], Browser]
LeadOf = Callable[[Person], UUID]
CONTENT = bytes(range(256)) * 800  # four chunks


@pytest.fixture
def document(as_: As, lead_of: LeadOf) -> UUID:
    with as_(ANN):
        lead = session.scalars(select(Lead).filter_by(id=lead_of(ANN))).one()
        return a_document(lead, "Loonstrook Zoë (2).png", CONTENT).id


@pytest.fixture
def picture(as_: As, lead_of: LeadOf) -> UUID:
    with as_(ANN):
        return a_document(session.scalars(select(Lead).filter_by(id=lead_of(ANN))).one(), "foto.png").id


def actions(admin_url: str) -> list[str]:
    with psycopg.connect(admin_url) as admin:
        lines = admin.execute("SELECT action FROM core_audit_line WHERE subject = 'documents_version' ORDER BY seq")
        return [action for (action,) in lines if action not in ("created", "changed", "deleted")]


def test_a_file_leaves_whole_and_saved_never_shown(client_as: Browsers, document: UUID, admin_url: str) -> None:
    answer = client_as(ANN).get(f"/documents/{document}/file/1")
    assert (answer.status_code, answer.data) == (200, CONTENT)
    headers = answer.headers
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"Loonstrook Zoe (2).png\"; filename*=UTF-8''Loonstrook%20Zo%C3%AB%20%282%29.png"
    )
    assert headers["Content-Security-Policy"].startswith("default-src 'none'") and "sandbox" in str(headers)
    assert "script-src" not in headers["Content-Security-Policy"]
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert (headers["Accept-Ranges"], headers["Content-Length"]) == ("bytes", str(len(CONTENT)))
    assert headers["Content-Type"] == "image/png"
    assert actions(admin_url) == ["document downloaded"]


RANGES = [
    ("bytes=0-0", 0, 1), ("bytes=65535-65536", 65535, 65537), ("bytes=100000-", 100000, len(CONTENT)),
    ("bytes=-5", len(CONTENT) - 5, len(CONTENT)), ("bytes=0-99999999", 0, len(CONTENT)),
]  # fmt: skip


def test_a_range_is_cut_from_the_middle(client_as: Browsers, document: UUID, admin_url: str) -> None:
    ann = client_as(ANN)
    for asked, begin, end in RANGES:
        answer = ann.get(f"/documents/{document}/file/1", headers={"Range": asked})
        assert (answer.status_code, answer.data) == (206, CONTENT[begin:end]), asked
        assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(CONTENT)}"
    assert actions(admin_url) == ["document downloaded"] * len(RANGES)


def test_a_range_beyond_the_end_is_not_there(client_as: Browsers, document: UUID) -> None:
    for asked in ("bytes=204800-", "bytes=999999-1000000"):
        answer = client_as(ANN).get(f"/documents/{document}/file/1", headers={"Range": asked})
        assert (answer.status_code, answer.data) == (416, b"")
        assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"


def test_any_other_range_gets_the_whole(client_as: Browsers, document: UUID) -> None:
    for asked in ("bytes=0-1,4-5", "lines=1-2", "bytes=x", "bytes=5-2"):
        assert client_as(ANN).get(f"/documents/{document}/file/1", headers={"Range": asked}).data == CONTENT, asked


def test_a_range_of_another_version_gets_the_whole(client_as: Browsers, document: UUID) -> None:
    ann = client_as(ANN)
    tag = ann.get(f"/documents/{document}/file/1").headers["ETag"]
    for unless, status in ((tag, 206), ('"another"', 200)):
        told = {"Range": "bytes=0-9", "If-Range": unless}
        assert ann.get(f"/documents/{document}/file/1", headers=told).status_code == status


@pytest.mark.parametrize("state", [State.QUARANTINED, State.REFUSED])
def test_nobody_reads_what_is_not_checked(
    as_: As, client_as: Browsers, picture: UUID, admin_url: str, state: State
) -> None:
    with as_(ANN):
        session.scalars(select(Version)).one().state = state
    for person in (ANN, MEG):
        for door in ("file/1", "page/1/1", "thumbnail/1"):
            assert client_as(person).get(f"/documents/{picture}/{door}").status_code == 404, door
    with as_(ANN):
        lead_id = session.scalars(select(Document.lead_id)).one()
    archive = zipfile.ZipFile(BytesIO(client_as(ANN).get(f"/documents/lead/{lead_id}/all").data))
    assert archive.namelist() == [] and actions(admin_url) == []


@pytest.mark.parametrize("door", ["", "/file/1", "/page/1/1", "/thumbnail/1", "/edit", "/move"])
def test_no_door_opens_for_somebody_elses_document(client_as: Browsers, picture: UUID, door: str) -> None:
    for person, status in ((BOB, 404), (EVE, 404), (IVO, 403), (MEG, 200)):
        assert client_as(person).get(f"/documents/{picture}{door}").status_code == status, person.name


def test_a_page_is_a_picture_of_ours(client_as: Browsers, picture: UUID, admin_url: str) -> None:
    answer = client_as(ANN).get(f"/documents/{picture}/page/1/1")
    assert answer.mimetype == "image/webp" and "sandbox" in answer.headers["Content-Security-Policy"]
    assert Image.open(BytesIO(answer.data)).size == (60, 80)
    small = client_as(ANN).get(f"/documents/{picture}/thumbnail/1")
    assert small.mimetype == "image/webp" and Image.open(BytesIO(small.data)).format == "WEBP"
    assert actions(admin_url) == ["document page seen", "thumbnail seen"]
    assert client_as(ANN).get(f"/documents/{picture}/page/1/2").status_code == 404


def test_pages_of_a_pdf_are_shown_below_each_other(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    with as_(ANN):
        document = a_document(session.scalars(select(Lead).filter_by(id=lead_of(ANN))).one(), "a.pdf", a_pdf(45))
        ident, pages = document.id, newest(document).pages
    assert pages == 45
    ann = client_as(ANN)
    page = ann.get(f"/documents/{ident}").text
    assert page.count('<figure class="docs-page">') == 20 and f"/documents/{ident}/page/1/20" in page
    assert "from=21" in page and "Pagina 1 van 45" in page
    assert ann.get(f"/documents/{ident}?from=41").text.count('<figure class="docs-page">') == 5
    for nonsense in ("from=x", "from=0", "from=99", "from=99999999999999999999", "version=7"):
        assert ann.get(f"/documents/{ident}?{nonsense}").status_code == 200, nonsense


def test_all_of_a_lead_as_one_archive(as_: As, lead_of: LeadOf, client_as: Browsers, admin_url: str) -> None:
    lead_id = lead_of(ANN)
    with as_(ANN):
        lead = session.scalars(select(Lead).filter_by(id=lead_id)).one()
        a_document(lead, "a.pdf", a_pdf())
        a_document(lead, "A.pdf", a_pdf(2))
        a_document(lead, "Zoë.png", CONTENT)
        a_document(lead, "weg.png").deleted_at = lead.created_at
        a_document(lead, "nog niet.png").state = newest(session.scalars(
            select(Document).filter_by(name="nog niet.png")).one()).state = State.QUARANTINED  # fmt: skip
    answer = client_as(ANN).get(f"/documents/lead/{lead_id}/all")
    assert answer.mimetype == "application/zip" and "sandbox" in answer.headers["Content-Security-Policy"]
    archive = zipfile.ZipFile(BytesIO(answer.data))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == {
        "a.pdf": a_pdf(), "A (2).pdf": a_pdf(2), "Zoë.png": CONTENT,
    }  # fmt: skip
    assert actions(admin_url) == ["document packed"] * 3
    for person, status in ((BOB, 404), (EVE, 404), (IVO, 403)):
        assert client_as(person).get(f"/documents/lead/{lead_id}/all").status_code == status


NAMES = ["漢字.pdf", 'a"b.pdf', "a;b.pdf", "a%22b.pdf", "🏠.pdf", "a\\b.pdf", "é€.pdf", "\r\nX: y"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_name_survives_its_header(name: str) -> None:
    said = attachment(name)
    assert said.isascii() and said.isprintable() and said.count('"') == 2 and said.count(";") == 2
    assert unquote(said.partition("filename*=UTF-8''")[2]) == name


def test_what_is_written_down_holds_no_name(as_: As, client_as: Browsers, document: UUID, admin_url: str) -> None:
    ann = client_as(ANN)
    ann.get(f"/documents/{document}/file/1")
    ann.send(f"/documents/{document}", {"name": "Zoë in het geheim.png", "kind": "payslip"})
    with psycopg.connect(admin_url) as admin:
        bodies: list[Any] = admin.execute("SELECT body FROM core_audit_line WHERE subject LIKE 'documents%'").fetchall()
    told = [json.loads(body)["details"] for (body,) in bodies]
    assert "Zo" not in str(bodies) and any("value" in str(details.get("name")) for details in told)


def test_an_older_version_stays_readable(as_: As, client_as: Browsers, picture: UUID) -> None:
    ann = client_as(ANN)
    files = {"file": (BytesIO(a_png(90, 90)), "nieuw.png")}
    ann.send(f"/documents/{picture}/versions", files, content_type="multipart/form-data")
    assert ann.get(f"/documents/{picture}/file/2").status_code == 404  # in quarantine
    assert ann.get(f"/documents/{picture}/file/1").data == a_png()
    page = ann.get(f"/documents/{picture}?version=1").text
    assert "U bekijkt versie 1" in page
