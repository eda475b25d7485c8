"""Everything without HTTP: keeping, checking, moving, removing, and who may not."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob
from leadcrm.core.db import engine_of, now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Everything, OutOfScope, viewing_as
from leadcrm.documents import services as documents
from leadcrm.documents.events import document_arrived, document_checked
from leadcrm.documents.models.document import Document, Upload, Version
from leadcrm.documents.models.terms import DocumentKind, State, Through
from leadcrm.documents.services import arriving, checking, keeping
from leadcrm.inspection.services import Reason
from leadcrm.inspection.services.scanning import Scan
from leadcrm.inspection.services.scanning import State as ScanState
from leadcrm.leads.models.lead import Lead
from tests.documents.conftest import As
from tests.documents.factories import a_document, a_pdf, a_png, an_upload, newest
from tests.inspection import good
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, EVE, MEG, Person
from tests.world import viewer_of

CheckNow = Callable[[UUID], None]


def a_kept(name: str, content: bytes, **about: Any) -> Document:
    return documents.keep(a_lead(), blobs.keep([content]), name, **about)


def judged(as_: As, check_now: CheckNow, called: str, content: bytes) -> tuple[str, str | None, str]:
    """State, reason and media type after the checks."""
    with as_(ANN):
        ident = newest(a_kept(called, content)).id
    check_now(ident)
    with as_(ANN):
        document, version = session.scalars(select(Document)).one(), session.get(Version, ident)
        for name in ("state", "reason", "media_type", "size"):
            assert getattr(document, name) == getattr(version, name)
        return str(version.state), version.reason, version.media_type


def test_a_new_document_waits_in_quarantine_for_its_check(as_: As, admin_url: str) -> None:
    heard: list[Any] = []
    with document_arrived.connected_to(lambda document, **_more: heard.append(document.name)), as_(ANN):
        document = a_kept("Loonstrook.pdf", a_pdf(), kind=DocumentKind.PAYSLIP, through=Through.CLIENT_LINK)
        version = newest(document)
        assert (document.state, version.state) == (State.QUARANTINED, State.QUARANTINED)
        assert (document.kind, document.arrived_through, document.added_by) == ("payslip", "client_link", ANN.id)
        with pytest.raises(documents.NotReadable):
            documents.open_version(version)
        ident = version.id
    with psycopg.connect(admin_url) as admin:
        jobs = admin.execute("SELECT task_name, args->'ids' FROM procrastinate.procrastinate_jobs").fetchall()
    assert ("documents.services.checking.check", [str(ident)]) in jobs and heard == ["Loonstrook.pdf"]


def test_what_passes_the_checks_can_be_read(as_: As, check_now: CheckNow) -> None:
    assert judged(as_, check_now, "a.pdf", good.pdf()) == ("available", None, "application/pdf")
    with as_(ANN):
        version = session.scalars(select(Version)).one()
        assert version.pages == 1 and version.thumbnail and version.checked_at and version.scan == "not_configured"
        assert b"".join(documents.open_version(version, 1, 5)) == good.pdf()[1:5]


def test_a_photo_is_kept_as_it_was_cleaned(as_: As, check_now: CheckNow) -> None:
    photo = good.jpeg()
    assert good.PLACE.encode() in photo
    assert judged(as_, check_now, "foto.jpg", photo) == ("available", None, "image/jpeg")
    with as_(ANN):
        kept = b"".join(documents.open_version(session.scalars(select(Version)).one()))
        assert good.PLACE.encode() not in kept and kept.startswith(b"\xff\xd8\xff")
        assert sorted(session.scalars(select(Blob.state))) == ["doomed", "kept"]


def test_a_photo_of_an_iphone_becomes_one_that_everybody_can_see(as_: As, check_now: CheckNow) -> None:
    assert judged(as_, check_now, "IMG_0001.HEIC", good.heic()) == ("available", None, "image/jpeg")
    with as_(ANN):
        assert session.scalars(select(Version)).one().name == "IMG_0001.jpg"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [("bsn.docx", good.docx("BSN 111222333"), Reason.BSN), ("stuk.pdf", b"%PDF-1.7\n" + bytes(3000), Reason.DAMAGED),
     ("foto.png", a_pdf(), Reason.MISMATCH)],
)  # fmt: skip
def test_what_is_refused_is_gone(as_: As, check_now: CheckNow, name: str, content: bytes, reason: Reason) -> None:
    heard: list[Any] = []
    with document_checked.connected_to(lambda document, **_more: heard.append(str(document.state))):
        assert judged(as_, check_now, name, content)[:2] == ("refused", str(reason))
    with as_(ANN):
        assert session.scalars(select(Version.blob_id)).one() is None
        assert session.scalars(select(Blob.state)).all() == ["doomed"]
    assert heard == ["refused"]


def test_a_number_that_we_may_not_keep_is_made_unreadable_and_counted(as_: As, check_now: CheckNow) -> None:
    assert judged(as_, check_now, "a.pdf", good.pdf("BSN 111222333")) == ("available", None, "application/pdf")
    with as_(ANN):
        version = session.scalars(select(Version)).one()
        assert version.masked == 1 and b"111222333" not in b"".join(documents.open_version(version))


def scanner_says(monkeypatch: pytest.MonkeyPatch, said: Scan) -> None:
    monkeypatch.setattr(checking, "scan", lambda _blob: said)


def test_a_virus_is_refused(as_: As, check_now: CheckNow, monkeypatch: pytest.MonkeyPatch, admin_url: str) -> None:
    scanner_says(monkeypatch, Scan(ScanState.INFECTED, name="Eicar"))
    assert judged(as_, check_now, "a.pdf", good.pdf())[:2] == ("refused", "virus")
    with psycopg.connect(admin_url) as admin:
        found = admin.execute("SELECT body FROM core_audit_line WHERE action = 'virus found'").fetchall()
    assert len(found) == 1 and "Eicar" in found[0][0]


def test_while_the_scanner_is_down_a_file_stays_where_it_is(
    as_: As, check_now: CheckNow, monkeypatch: pytest.MonkeyPatch, admin_url: str
) -> None:
    scanner_says(monkeypatch, Scan(ScanState.UNAVAILABLE, problem="refused"))
    assert judged(as_, check_now, "a.pdf", good.pdf())[:2] == ("quarantined", None)
    with psycopg.connect(admin_url) as admin:
        waiting = admin.execute("SELECT scheduled_at FROM procrastinate.procrastinate_jobs").fetchall()
    assert [at for (at,) in waiting] != []  # it is asked again
    monkeypatch.undo()
    with as_(ANN):
        ident = session.scalars(select(Version.id)).one()
    check_now(ident)
    with as_(ANN):
        assert session.scalars(select(Version.state)).one() == State.AVAILABLE


def test_a_check_that_was_lost_is_asked_for_again(as_: As, worker_app: Flask, admin_url: str) -> None:
    with as_(ANN):
        version = newest(a_kept("a.pdf", a_pdf()))
        version.created_at = now() - timedelta(hours=1)
        newest(a_kept("b.pdf", a_pdf()))
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET search_path = procrastinate")
        admin.execute("DELETE FROM procrastinate_jobs")
        for _twice in range(2):
            with worker_app.app_context(), viewing_as(Everything("test")):
                checking.check_left_behind()
                session.commit()
        count = admin.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()
    assert count == (1,)


def test_a_refused_version_leaves_the_older_one(as_: As, check_now: CheckNow) -> None:
    with as_(ANN):
        document = a_document(a_lead(), "a.pdf", good.pdf())
        version = documents.new_version(document, blobs.keep([good.docx("BSN 111222333")]), "b.docx")
        ident, first = version.id, document.id
    check_now(ident)
    with as_(ANN):
        document = session.get(Document, first)
        assert (document.version, document.state, document.reason) == (2, State.REFUSED, "bsn")
        older = session.scalars(select(Version).filter_by(number=1)).one()
        assert b"".join(documents.open_version(older)) == good.pdf()


def test_a_check_of_an_older_version_says_nothing_of_the_newest(as_: As, check_now: CheckNow) -> None:
    with as_(ANN):
        document = a_kept("a.pdf", good.pdf())
        first = newest(document).id
        documents.new_version(document, blobs.keep([good.pdf()]), "b.pdf")
    check_now(first)
    with as_(ANN):
        assert session.scalars(select(Document.state)).one() == State.QUARANTINED


@pytest.mark.parametrize("person", [BOB, EVE])
def test_nobody_puts_files_with_somebody_elses_lead(as_: As, person: Person) -> None:
    with as_(ANN):
        theirs = a_lead()
        company_id, ident = theirs.company_id, theirs.id
    with as_(person), pytest.raises(Exception) as refused:  # noqa: PT011  # by wall 1, or by the key to the lead
        documents.keep(Lead(company_id=company_id, id=ident), blobs.keep([a_pdf()]), "a.pdf")
    assert "OutOfScope" in repr(refused) or "foreign key" in str(refused.value) or "policy" in str(refused.value)
    with as_(MEG):
        assert session.scalars(select(Document)).all() == []


def test_a_slow_line_holds_no_connection_to_the_database(as_: As, app: Flask) -> None:
    taken = []

    def drop_by_drop() -> Iterator[bytes]:
        for start in range(0, len(a_pdf()), 100):
            taken.append(engine_of(app).pool.checkedout())  # type: ignore[attr-defined]  # a pool of a fixed size
            yield a_pdf()[start : start + 100]

    with as_(ANN):
        lead_id = a_lead().id
        session.commit()
        lead = session.get(Lead, lead_id)
        document = documents.take(documents.Wanted(lead, "a.pdf"), drop_by_drop())
        assert document.size == len(a_pdf()) and document.lead_id == lead_id
    assert set(taken) == {0}


def test_who_loses_the_lead_meanwhile_has_added_nothing(as_: As, app: Flask) -> None:
    def meanwhile(lead_id: UUID) -> Iterator[bytes]:
        yield a_pdf()
        with viewing_as(viewer_of(MEG)):
            session.get(Lead, lead_id).owner_id = BOB.id
            session.commit()

    with as_(ANN):
        lead = a_lead()
        with pytest.raises(arriving.Gone):
            documents.take(documents.Wanted(lead, "a.pdf"), meanwhile(lead.id))
        session.rollback()
    with as_(MEG):
        assert session.scalars(select(Document)).all() == []


def test_a_move_takes_the_versions_along_and_forgets_the_person(as_: As) -> None:
    with as_(ANN):
        document, there = a_document(a_lead(), "a.pdf", a_pdf()), a_lead().id
        documents.move(document, session.get(Lead, there))
        session.flush()
        assert session.scalars(select(Version.lead_id)).one() == document.lead_id == there


def test_a_move_to_another_owner_is_refused(as_: As) -> None:
    with as_(ANN):
        ident = a_document(a_lead(), "a.pdf", a_pdf()).id
    with as_(BOB):
        bobs = a_lead().id
    with as_(MEG), pytest.raises(Invalid):
        documents.move(session.get(Document, ident), session.get(Lead, bobs))
    with as_(ANN), pytest.raises((OutOfScope, Invalid)):
        documents.move(session.get(Document, ident), Lead(company_id=ANN.company_id, id=bobs, owner_id=BOB.id))


def test_what_lay_in_the_bin_long_enough_goes_for_good(as_: As, worker_app: Flask) -> None:
    with as_(ANN):
        old, fresh = (a_document(a_lead(), name) for name in ("oud.png", "vers.png"))
        old.deleted_at, fresh.deleted_at = now() - timedelta(days=31), now() - timedelta(days=29)
    with worker_app.app_context(), viewing_as(Everything("test")):
        keeping.empty_bins()
        session.commit()
    with as_(ANN):
        assert session.scalars(select(Document.name)).all() == ["vers.png"]
        assert sorted(session.scalars(select(Blob.state))) == ["doomed", "kept"]


def test_whatever_removes_the_rows_the_files_are_doomed(as_: As, admin_url: str) -> None:
    """Undoing an import removes leads by SQL: their documents go along, and so do the bytes."""
    with as_(ANN):
        a_document(a_lead(), "a.png")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("DELETE FROM leads_lead")
        assert admin.execute("SELECT count(*) FROM documents_version").fetchone() == (0,)
        assert admin.execute("SELECT state FROM core_blob").fetchall() == [("doomed",)]


def test_uploads_that_nobody_goes_on_with_are_forgotten(
    as_: As, worker_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_(ANN):
        lead = a_lead()
        old, older, fresh = (an_upload(lead, name) for name in ("oud.pdf", "ouder.pdf", "vers.pdf"))
        old.created_at = older.created_at = now() - timedelta(days=3)
        kept = fresh.id
    monkeypatch.setattr(arriving, "FORGOTTEN_AT_ONCE", 1)
    with worker_app.app_context(), viewing_as(Everything("test")):
        assert [arriving.forget_unfinished() for _step in range(3)] == [True, True, False]
        session.commit()
    with as_(ANN):
        assert session.scalars(select(Upload.id)).all() == [kept]


def test_a_version_removed_before_its_check_is_left_alone(check_now: CheckNow) -> None:
    check_now(uuid4())


def test_a_search_is_narrowed_like_everything(as_: As) -> None:
    with as_(ANN):
        lead = a_lead()
        a_document(lead, "Loonstrook.png", a_png())
        ident = lead.id
    for person, count in ((ANN, 1), (MEG, 1), (BOB, 0), (EVE, 0)):
        with as_(person):
            assert len(session.scalars(documents.search(ident, "loon")).all()) == count, person.name
