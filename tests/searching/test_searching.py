"""The page of results and the suggestions: who sees what, why it was found, and what was looked at last."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event

from leadcrm.core.db import database
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.leads.services import indexing, timeline
from leadcrm.searching.services.explaining import marked
from tests.leads.conftest import As
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, EVE, HOME, MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]
PAGES = ("/search/", "/search/suggestions")


@pytest.fixture
def lead(as_: As) -> UUID:
    """Jan de Vries of tests/leads/factories.py, with a note; of Ann."""
    with as_(ANN):
        made = a_lead(external_reference="EXT-9")
        timeline.write_note(made, "Wil <b>snel</b> naar Terschelling verhuizen, belt terug na vakantie van zijn broer")
        return made.id


REASONS = [
    ("vries", "<mark>Vries</mark>", ""), ("vri", "<mark>Vri</mark>es", ""), ("JAN VRIES", "<mark>Jan</mark>", ""),
    ("06 1234 5678", "", "<mark>06 12345678</mark>"), ("jan@voorbeeld.nl", "", "<mark>jan@voorbeeld.nl</mark>"),
    ("1234ab 12", "", "<mark>1234 AB 12</mark>"), ("utrecht", "", "<mark>Utrecht</mark>"),
    ("ext9", "", "<mark>EXT-9</mark>"),
    ("terschelling", "", "&lt;b&gt;snel&lt;/b&gt; naar <mark>Terschelling</mark> verhuizen"),
    ("14-3-1985", "", "Geboortedatum is gelijk"), ("NL91 ABNA 0417 1643 00", "", "IBAN is gelijk"),
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_why_it_was_found(client_as: ClientAs, lead: UUID, path: str) -> None:
    client = client_as(ANN)
    for typed, name, reason in REASONS:
        page = client.get(path, query_string={"q": typed}).text
        assert f"/leads/{lead}" in page and name in page and reason in page, typed
        shown = page.replace("NL91 ABNA 0417 1643 00", "").replace("NL91+ABNA+0417+1643+00", "")  # as typed
        assert "NL91" not in shown and "1985" not in shown.replace("14-3-1985", ""), typed


@pytest.mark.parametrize("path", PAGES)
def test_nobody_finds_what_they_may_not_see(client_as: ClientAs, lead: UUID, path: str) -> None:
    for who, sees in ((ANN, True), (MEG, True), (BOB, False), (EVE, False)):
        client = client_as(who)
        for typed in ("vries", "jan@voorbeeld.nl", "terschelling", "14-03-1985", "NL91ABNA0417164300"):
            page = client.get(path, query_string={"q": typed}).text
            assert (str(lead) in page) is sees, (who.name, typed)


def test_a_mistyped_name_is_guessed_and_said_so(client_as: ClientAs, worker_app: Flask, lead: UUID) -> None:
    with worker_app.app_context(), viewing_as(Everything("test")):
        indexing.read_names(anew=False)
    page = client_as(ANN).get("/search/?q=Vreis").text
    assert str(lead) in page and "Dit lijkt erop" in page and "<mark>Vries</mark>" in page
    assert str(lead) not in client_as(BOB).get("/search/?q=Vreis").text


def test_nothing_found_and_nothing_asked(client_as: ClientAs, lead: UUID) -> None:
    client = client_as(ANN)
    assert "Niets gevonden voor &lt;i&gt;" in client.get("/search/?q=<i>").text
    assert "Nog niets bekeken" in client.get("/search/").text
    assert client.get("/search/?q=%00").status_code == 200


def test_more_than_fit(as_: As, client_as: ClientAs) -> None:
    with as_(ANN):
        for _number in range(10):
            a_lead()
    client = client_as(ANN)
    assert client.get("/search/suggestions?q=vries").text.count('role="option"') == 9  # the last one leads to all
    assert client.get("/search/?q=vries").text.count("data-open") == 10


def test_the_list_finds_the_same(client_as: ClientAs, lead: UUID) -> None:
    client = client_as(ANN)
    for typed, _name, _reason in REASONS:
        assert str(lead) in client.get("/leads/", query_string={"q": typed}).text, typed


def test_what_was_looked_at_last(as_: As, client_as: ClientAs, query: Any) -> None:
    with as_(ANN):
        ids = [a_lead({"birth_name": f"Naam{number}"}).id for number in range(22)]
    client = client_as(ANN)
    for ident in ids:
        client.get(f"/leads/{ident}")
    page = client.get("/search/").text
    assert page.count("data-open") == 20 and page.index("Naam21") < page.index("Naam2<") and "Naam1<" not in page
    assert query("SELECT count(*) FROM searching_seen") == [(20,)]
    client.get(f"/leads/{ids[5]}")
    assert client.get("/search/recent").text.count("data-open") == 20
    assert "Naam1" not in client_as(MEG).get("/search/").text
    query("UPDATE leads_lead SET owner_id = %s WHERE id = %s", BOB.id, ids[21])
    query("UPDATE leads_lead SET deleted_at = now() WHERE id = %s", ids[20])
    page = client.get("/search/suggestions").text
    assert "Naam21" not in page and "Naam20" not in page and "Naam19" in page


def test_few_statements(app: Flask, client_as: ClientAs, lead: UUID) -> None:
    client, ran = client_as(ANN), []
    client.get("/search/?q=vries")

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        ran.append(statement)

    with app.app_context():
        engine = database().engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        client.get("/search/suggestions?q=vries")
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(ran) <= 4, ran


def test_marking_escapes() -> None:
    assert marked("<b>Jan</b> & Jansen", ("jan",)) == "&lt;b&gt;<mark>Jan</mark>&lt;/b&gt; &amp; <mark>Jan</mark>sen"


def test_the_words_of_a_company_are_its_own(client_as: ClientAs, lead: UUID, query: Any) -> None:
    words = query("SELECT unnest(tsvector_to_array(words)) FROM leads_note_words")
    assert all(word.startswith(HOME.hex[:6]) for (word,) in words)
