"""The pages of documents: what they show, to whom, in how many statements, and what can be done from them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from uuid import UUID

from flask import Flask
from sqlalchemy import event, select

from leadcrm.core.blobs import Blob
from leadcrm.core.db import engine_of, session
from leadcrm.documents.models.document import Document, Version
from leadcrm.documents.services.finding import PAGE
from leadcrm.leads.models.lead import Lead
from tests.documents.conftest import As
from tests.documents.factories import a_document, a_pdf, a_png
from tests.people import ANN, BOB, EVE, MEG, Person
from tests.world import Browser

Browsers = Callable[[Person], Browser]
LeadOf = Callable[[Person], UUID]


def put(as_: As, lead_id: UUID, *names: str, person: Person = ANN, **about: object) -> list[UUID]:
    with as_(person):
        lead = session.scalars(select(Lead).filter_by(id=lead_id)).one()
        return [a_document(lead, name, **about).id for name in names]


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    event.listen(engine_of(app), "before_cursor_execute", hear)
    yield said
    event.remove(engine_of(app), "before_cursor_execute", hear)


def test_files_from_a_plain_form_are_kept(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    files = [(BytesIO(a_png()), "loonstrook oktober.png"), (BytesIO(a_pdf(2)), "koopovereenkomst.pdf")]
    answer = ann.send(f"/documents/lead/{lead_id}", {"file": files}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    page = ann.get(answer.location).text
    assert "loonstrook oktober.png" in page and "koopovereenkomst.pdf" in page and "Loonstrook" in page
    assert "2 documenten zijn toegevoegd." in page
    with as_(ANN):
        kept = {row.name: row for row in session.scalars(select(Document))}
        assert {row.state for row in kept.values()} == {"quarantined"}
        assert kept["koopovereenkomst.pdf"].size == len(a_pdf(2))


def test_the_lead_shows_its_documents_as_a_panel(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    put(as_, lead_id, "taxatie.png")
    assert f'hx-get="/documents/lead/{lead_id}"' in ann.get(f"/leads/{lead_id}").text
    panel = ann.part(f"/documents/lead/{lead_id}").text
    assert "taxatie.png" in panel and "<html" not in panel


def test_five_hundred_documents_cost_as_many_statements_as_five(
    app: Flask, as_: As, lead_of: LeadOf, client_as: Browsers
) -> None:
    ann, few, many = client_as(ANN), lead_of(ANN), lead_of(ANN)
    put(as_, few, *(f"{number}.png" for number in range(5)))
    with as_(ANN):
        lead = session.scalars(select(Lead).filter_by(id=many)).one()
        _copies(a_document(lead, "0.png"), 499)
    costs = []
    for lead_id in (few, many):
        ann.part(f"/documents/lead/{lead_id}")
        with counted(app) as said:
            page = ann.part(f"/documents/lead/{lead_id}").text
        costs.append((len(said), page.count('class="docs-row"')))
    assert costs[0][0] == costs[1][0] <= 7, costs
    assert costs[1][1] == PAGE and "500 documenten" in page


def _copies(document: Document, count: int) -> None:
    """Rows only: what lies behind them is the same file."""
    version = session.scalars(select(Version).filter_by(document_id=document.id)).one()
    same = {name: getattr(document, name) for name in ("company_id", "lead_id", "name", "kind", "state", "version",
                                                       "size", "media_type", "arrived_through")}  # fmt: skip
    twins = [Document(**same) for _number in range(count)]
    session.add_all(twins)
    session.flush()
    session.add_all(
        Version(company_id=twin.company_id, lead_id=twin.lead_id, document_id=twin.id, number=1, name=twin.name, size=1,
                blob_id=version.blob_id, media_type=twin.media_type, digest=b"", state=version.state)
        for twin in twins
    )  # fmt: skip


def test_every_page_of_the_list_is_reached_once(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    with as_(ANN):
        lead = session.scalars(select(Lead).filter_by(id=lead_id)).one()
        _copies(a_document(lead, "0.png"), 59)
    seen, where = [], f"/documents/lead/{lead_id}/rows"
    while where:
        page = ann.part(where).text
        seen += re.findall(r'id="document-([0-9a-f-]{36})"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        where = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 60


SEARCHES = [
    ("q=LOON", {"Loonstrook 1.png", "loonstrook 2.png"}), ("q=strook+2", {"loonstrook 2.png"}), ("q=%25", set()),
    ("kind=valuation", {"taxatie.png"}), ("q=loon&kind=valuation", set()), ("kind=nonsense&q=taxa", {"taxatie.png"}),
]  # fmt: skip


def test_search_by_name_and_kind(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    names = ["Loonstrook 1.png", "loonstrook 2.png", "taxatie.png"]
    ids = put(as_, lead_id, *names)
    with as_(ANN):
        session.get(Document, ids[2]).kind = "valuation"
    for query, found in SEARCHES:
        page = ann.part(f"/documents/lead/{lead_id}/rows?{query}").text
        assert {name for name in names if f">{name}</a>" in page} == found, query


def test_removed_brought_back_and_removed_for_good(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    (ident,) = put(as_, lead_id, "weg.png")
    page = ann.send(f"/documents/{ident}/remove", follow_redirects=True).text
    assert "weg.png ligt in de prullenbak." in page and f"/documents/{ident}/bring-back" in page
    assert ann.get(f"/documents/{ident}").status_code == 404
    assert ann.get(f"/documents/{ident}/file/1").status_code == 404
    assert "weg.png" in ann.get(f"/documents/lead/{lead_id}/bin").text
    assert ann.send(f"/documents/{ident}/bring-back").status_code == 303
    assert ann.get(f"/documents/{ident}").status_code == 200
    assert ann.send(f"/documents/{ident}/purge").status_code == 404  # not while it is in no bin
    ann.send(f"/documents/{ident}/remove")
    assert ann.send(f"/documents/{ident}/purge").status_code == 303
    with as_(ANN):
        assert session.scalars(select(Document)).all() == []
        assert set(session.scalars(select(Blob.state))) == {"doomed"}


def test_the_whole_bin_is_emptied_and_nothing_else(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id, other = client_as(ANN), lead_of(ANN), lead_of(ANN)
    gone = put(as_, lead_id, "a.png", "b.png")
    kept = put(as_, lead_id, "c.png") + put(as_, other, "d.png")
    for ident in [*gone, kept[1]]:
        ann.send(f"/documents/{ident}/remove")
    assert ann.send(f"/documents/lead/{lead_id}/bin/empty").status_code == 303
    with as_(ANN):
        assert set(session.scalars(select(Document.id))) == set(kept)


def test_named_described_and_dated(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    (ident,) = put(as_, lead_id, "scan0001.png")
    typed = {
        "name": "Paspoort Jan.png", "kind": "identity", "dated_on": "1-2-2020", "expires_on": "01-02-2021",
        "note": "Kopie zonder <b>foto</b>",
    }  # fmt: skip
    assert ann.send(f"/documents/{ident}", typed).status_code == 303
    page = ann.get(f"/documents/{ident}").text
    for text in ("Paspoort Jan.png", "1 feb 2020", "1 feb 2021", "Verlopen", "Kopie zonder &lt;b&gt;foto"):
        assert text in page, text
    assert "Verlopen" in ann.part(f"/documents/lead/{lead_id}").text


WRONG = [
    {"name": ""}, {"name": "a/b"}, {"name": ".."}, {"name": "BSN 111222333"}, {"kind": "x"}, {"note": "BSN 111222333"},
    {"expires_on": "morgen"}, {"person_id": "6f1f4a3e-0000-4000-8000-000000000000"}, {"person_id": "x"},
]  # fmt: skip


def test_what_cannot_be_said_of_a_document(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann = client_as(ANN)
    (ident,) = put(as_, lead_of(ANN), "scan.png")
    for wrong in WRONG:
        assert ann.send(f"/documents/{ident}", {"name": "scan.png", "kind": "other"} | wrong).status_code == 422, wrong
    assert ann.send(f"/documents/{ident}", {"name": "scan.png", "kind": "other"}).status_code == 303


def test_moves_between_leads_of_the_same_owner_only(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    """A manager sees them all and still cannot put Ann's paper with Bob's client."""
    meg, here, there, bobs = client_as(MEG), lead_of(ANN), lead_of(ANN), lead_of(BOB)
    (ident,) = put(as_, here, "a.png")
    page = meg.get(f"/documents/{ident}/move").text
    assert str(there) in page and str(bobs) not in page
    for wrong in (str(bobs), str(lead_of(EVE)), "x", ""):
        assert meg.send(f"/documents/{ident}/move", {"lead": wrong}).status_code in (404, 422), wrong
    assert meg.send(f"/documents/{ident}/move", {"lead": str(there)}).status_code == 303
    with as_(ANN):
        assert session.scalars(select(Document.lead_id)).one() == there
        assert session.scalars(select(Version.lead_id)).one() == there
    assert client_as(ANN).get(f"/documents/{ident}/file/1").status_code == 200


def test_what_a_file_is_called_is_only_ever_text(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    (ident,) = put(as_, lead_id, "x.png")
    with as_(ANN):
        session.get(Document, ident).name = '"><script>alert(1)</script>.png'
    for path in (f"/documents/lead/{lead_id}", f"/documents/{ident}", f"/documents/{ident}/move"):
        assert "<script>alert" not in ann.get(path).text


def test_of_a_removed_lead_nothing_is_left_to_read(as_: As, lead_of: LeadOf, client_as: Browsers) -> None:
    ann, lead_id = client_as(ANN), lead_of(ANN)
    (ident,) = put(as_, lead_id, "a.png")
    client_as(MEG).send(f"/leads/{lead_id}/delete")
    for path in (f"lead/{lead_id}", f"lead/{lead_id}/all", str(ident), f"{ident}/file/1", f"{ident}/thumbnail/1"):
        assert ann.get(f"/documents/{path}").status_code == 404, path
