"""Files of a client: they arrive once, in quarantine, told to the adviser; nothing else comes in or out."""

from io import BytesIO
from typing import Any

import psycopg
import pytest
from flask import Flask
from limits import parse_many
from sqlalchemy import select

from leadcrm.collecting import jobs
from leadcrm.collecting.models.link import Arrival, Ask, Link
from leadcrm.collecting.services import arriving, delivering
from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, spool
from leadcrm.core.db import session
from leadcrm.core.outbox import OutboxMail
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.documents.models.document import Document
from leadcrm.documents.models.terms import DocumentKind, State, Through
from leadcrm.leads.models.timeline import Entry
from tests.checklists.conftest import As
from tests.collecting.conftest import PDF, Make, Sent, begin, come_in, go_on, headers, upload
from tests.people import ANN
from tests.world import Browser


def arrivals(as_: As) -> list[Any]:
    with as_(ANN):
        found = session.scalars(select(Arrival).where(Arrival.arrived_at.is_not(None)).order_by(Arrival.arrived_at))
        return [(row.id, row.name, row.size, row.ask_id, row.blob_id) for row in found]


def take_in(worker_app: Flask, arrival_id: Any) -> None:
    with worker_app.app_context(), viewing_as(Everything("as the job")):
        jobs.take_in(str(arrival_id))
        session.commit()


def ask_named(as_: As, name: str) -> str:
    with as_(ANN):
        return str(session.scalars(select(Ask.id).where(Ask.name == name)).one())


def test_a_file_becomes_a_document_in_quarantine(
    as_: As, worker_app: Flask, inside: Browser, sent: Sent
) -> None:
    answer = upload(inside, sent.page, name="Mijn ID.pdf", ask=ask_named(as_, "Identiteitsbewijs"))
    assert answer.status_code == 204 and answer.headers["Upload-Offset"] == str(len(PDF))
    ((arrival, name, size, _ask, _blob),) = arrivals(as_)
    assert (name, size) == ("Mijn ID.pdf", len(PDF))
    take_in(worker_app, arrival)
    take_in(worker_app, arrival)  # a job that runs twice makes one document
    with as_(ANN):
        document = session.scalars(select(Document)).one()
        assert (document.kind, document.state) == (DocumentKind.IDENTITY, State.QUARANTINED)
        assert (document.arrived_through, document.added_by) == (Through.CLIENT_LINK, None)
        blob = session.scalars(select(Blob)).one()
        assert b"".join(blobs.read(blob)) == PDF and document.lead_id == sent.lead_id


def test_what_is_not_asked_for_is_something_else(as_: As, worker_app: Flask, inside: Browser, sent: Sent) -> None:
    upload(inside, sent.page, name="foto.jpg", body=b"\xff\xd8\xff\xe0" + b"\0" * 600)
    take_in(worker_app, arrivals(as_)[0][0])
    with as_(ANN):
        assert session.scalars(select(Document.kind)).one() == DocumentKind.OTHER


def test_pieces_go_on_where_they_broke_off(as_: As, inside: Browser, sent: Sent) -> None:
    begun = begin(inside, sent.page, len(PDF))
    assert go_on(inside, begun.location, 0, PDF[:200]).headers["Upload-Offset"] == "200"
    asked = inside.head(begun.location, headers={"Tus-Resumable": "1.0.0"})
    assert asked.headers["Upload-Offset"] == "200" and asked.headers["Upload-Length"] == str(len(PDF))
    assert go_on(inside, begun.location, 0, PDF[:200]).status_code == 409
    assert go_on(inside, begun.location, 200, PDF[200:]).status_code == 204
    assert len(arrivals(as_)) == 1


def test_the_last_piece_sent_again_changes_nothing(as_: As, inside: Browser, sent: Sent) -> None:
    begun = begin(inside, sent.page, len(PDF))
    for _again in range(3):
        assert go_on(inside, begun.location, 0, PDF).status_code == 204
    assert inside.head(begun.location, headers={"Tus-Resumable": "1.0.0"}).headers["Upload-Offset"] == str(len(PDF))
    assert len(arrivals(as_)) == 1


def test_what_was_whole_but_not_finished_arrives_when_asked_for(
    as_: As, inside: Browser, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the last piece and the end: a client that hears it is all there sends no more."""
    begun = begin(inside, sent.page, len(PDF))

    def died(*_arguments: Any) -> None:
        raise spool.Busy(begun.location)

    with monkeypatch.context() as patch:
        patch.setattr(spool, "finish", died)
        assert go_on(inside, begun.location, 0, PDF).status_code == 423
    assert arrivals(as_) == []
    asked = inside.head(begun.location, headers={"Tus-Resumable": "1.0.0"})
    assert asked.headers["Upload-Offset"] == str(len(PDF)) and len(arrivals(as_)) == 1


def test_an_upload_belongs_to_its_link(app: Flask, as_: As, make_link: Make, inside: Browser, sent: Sent) -> None:
    begun = begin(inside, sent.page, len(PDF))
    upload_id = begun.location.rpartition("/")[2]
    other = make_link()
    thief = come_in(Browser(app), other)
    for page in (other.page, sent.page):
        address = f"{page}/uploads/{upload_id}"
        assert go_on(thief, address, 0, PDF).status_code == 404
        assert thief.head(address, headers={"Tus-Resumable": "1.0.0"}).status_code == 404
        assert thief.delete(address, headers=headers(thief)).status_code == 404
    assert arrivals(as_) == []


def test_nobody_sends_without_the_code(stranger: Browser, as_: As, sent: Sent) -> None:
    assert begin(stranger, sent.page, 10).status_code == 404
    form = {"csrf_token": stranger.csrf_token(), "file": (BytesIO(PDF), "a.pdf")}
    told = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}
    assert stranger.post(f"{sent.page}/files", data=form, headers=told).status_code == 404
    assert arrivals(as_) == []


def test_nothing_that_was_sent_comes_out_again(inside: Browser, sent: Sent) -> None:
    """Neither a name nor a count: the next visit looks as the first one did."""
    before = inside.get(sent.page).text
    begun = begin(inside, sent.page, len(PDF), "heel-geheim.pdf")
    go_on(inside, begun.location, 0, PDF)
    after = inside.get(sent.page).text
    assert "heel-geheim" not in after and len(before.splitlines()) == len(after.splitlines())
    assert inside.get(begun.location, headers={"Tus-Resumable": "1.0.0"}).data == b""


def test_a_form_without_scripts(as_: As, inside: Browser, sent: Sent) -> None:
    form = {
        "csrf_token": inside.csrf_token(), "ask": ask_named(as_, "Koopovereenkomst"),
        "file": [(BytesIO(PDF), "een.pdf"), (BytesIO(PDF + b"x"), "twee.pdf")],
    }
    told = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = inside.post(f"{sent.page}/files", data=form, headers=told)
    assert answer.status_code == 303
    assert "2 bestanden zijn verstuurd" in inside.get(answer.location).text
    assert [name for _id, name, *_rest in arrivals(as_)] == ["een.pdf", "twee.pdf"]


@pytest.mark.parametrize(
    ("length", "name", "status"),
    [("0", "a.pdf", 422), ("-1", "a.pdf", 400), ("x", "a.pdf", 400), ("9" * 20, "a.pdf", 400),
     (str(51 * 1024**2), "a.pdf", 413), ("10", "virus.exe", 422), ("10", "page.svg", 422), ("10", "", 422)],
)  # fmt: skip
def test_what_is_refused_at_once(as_: As, inside: Browser, sent: Sent, length: str, name: str, status: int) -> None:
    assert begin(inside, sent.page, length, name).status_code == status  # type: ignore[arg-type]
    with as_(ANN):
        assert session.scalars(select(Arrival)).all() == []


def test_what_it_does_not_say_it_is_is_refused(as_: As, inside: Browser, sent: Sent) -> None:
    script = b"<html><script>alert(1)</script>" + b" " * 600
    assert upload(inside, sent.page, script, "loonstrook.pdf").status_code == 422
    assert arrivals(as_) == []


def test_so_many_and_no_more(as_: As, inside: Browser, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "MOST_FILES", 2)
    assert [begin(inside, sent.page, 10).status_code for _each in range(3)] == [201, 201, 403]


def test_so_much_and_no_more(inside: Browser, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "MOST_BYTES", 1_000)
    assert [begin(inside, sent.page, 600).status_code for _each in range(2)] == [201, 403]


@pytest.mark.parametrize("limit", ["BEGUN_LINK", "BEGUN_NETWORK"])
def test_not_too_often(inside: Browser, sent: Sent, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(delivering, limit, parse_many("3 per 5 minutes"))
    answers = [begin(inside, sent.page, 10) for _each in range(4)]
    assert [each.status_code for each in answers] == [201] * 3 + [429] and int(answers[-1].headers["Retry-After"]) > 0


def test_what_never_became_a_document_is_doomed_with_its_lead(
    inside: Browser, sent: Sent, admin_url: str
) -> None:
    upload(inside, sent.page)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("DELETE FROM leads_lead WHERE id = %s", [sent.lead_id])
        assert admin.execute("SELECT state FROM core_blob").fetchall() == [("doomed",)]


def test_the_adviser_hears_of_it_once(as_: As, worker_app: Flask, inside: Browser, sent: Sent) -> None:
    for number in range(3):
        upload(inside, sent.page, name=f"{number}.pdf")
    with worker_app.app_context(), viewing_as(Everything("as the job")):
        assert arriving.tell_adviser(sent.link_id)
        session.commit()
        assert not arriving.tell_adviser(sent.link_id)
    with as_(ANN):
        mail = session.scalars(select(OutboxMail).where(OutboxMail.recipient == ANN.email)).one()
        whole = f"{mail.subject} {mail.body}"
        assert "3 bestanden aangeleverd" in whole and f"/leads/{sent.lead_id}" in whole
        assert "Jan" not in whole and "Vries" not in whole
        lines = select(Entry.text).where(Entry.lead_id == sent.lead_id).order_by(Entry.at.desc())
        told = session.scalars(lines).first()
        assert told == "Jan de Vries leverde 3 bestanden aan via de persoonlijke link."
        link: Any = session.get(Link, sent.link_id)
        assert link.files == 3


def test_a_cancelled_upload_is_forgotten(as_: As, inside: Browser, sent: Sent) -> None:
    begun = begin(inside, sent.page, len(PDF))
    assert inside.delete(begun.location, headers=headers(inside)).status_code == 204
    assert go_on(inside, begun.location, 0, PDF).status_code == 404
    assert arrivals(as_) == []


def test_an_ask_of_another_link_counts_for_nothing(
    app: Flask, as_: As, make_link: Make, inside: Browser, sent: Sent
) -> None:
    other = make_link()
    with as_(ANN):
        foreign = session.scalars(select(Ask.id).where(Ask.link_id == other.link_id).limit(1)).one()
    upload(inside, sent.page, ask=str(foreign))
    assert arrivals(as_)[0][3] is None


def test_forgetting_what_nobody_went_on_with(
    worker_app: Flask, inside: Browser, sent: Sent, admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    begin(inside, sent.page, 10)
    upload(inside, sent.page)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE collecting_arrival SET begun_at = now() - interval '3 days'")
        admin.execute("UPDATE collecting_visit SET expires_at = now() - interval '1 minute'")
    with worker_app.app_context(), viewing_as(Everything("as the job")):
        assert [jobs.forget() for _step in range(2)] == [True, False]
        session.commit()
        assert len(session.scalars(select(Arrival)).all()) == 1
    with psycopg.connect(admin_url) as admin:
        assert admin.execute("SELECT count(*) FROM collecting_visit").fetchone() == (0,)
