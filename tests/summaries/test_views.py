"""A lead on paper: what was asked for, hidden values only for who may see them, and it is written down."""

from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from flask import Flask

from leadcrm.core.plugin import permissions_of
from leadcrm.leads.permissions import Leads
from tests.auth.conftest import Query
from tests.checklists.conftest import As
from tests.leads.factories import a_full_lead
from tests.people import ANN, BOB


@pytest.fixture
def path(as_: As) -> str:
    with as_(ANN):
        return f"/summaries/{a_full_lead().id}"


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def printed(browser: Any, path: str, **asked: Any) -> str:
    answer = browser.send(path, asked)
    assert answer.status_code == 200 and answer.content_type == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    return text_of(answer.data)


def test_what_was_asked_for_stands_in_it(client_as: Any, path: str) -> None:
    browser = client_as(ANN)
    assert "Wat erin moet staan" in browser.get(path).text
    shown = printed(browser, path, part=["person", "wish"])
    assert "Jan de Vries" in shown and "Els Bakker" in shown and "360.000" in shown
    assert "Voorbeeldbank" not in shown
    assert "Voorbeeldbank" in printed(browser, path, part=["existing"])


def test_hidden_values_stay_hidden_unless_asked_for(client_as: Any, path: str, query: Query) -> None:
    browser = client_as(ANN)
    assert "ABNA" not in printed(browser, path, part=["person"])
    shown = printed(browser, path, part=["person", "income"], hidden="yes")
    assert "NL91 ABNA" in shown and "54.000" in shown
    lines = query("SELECT action, count(*) FROM core_audit_line GROUP BY 1")
    assert (dict(lines)["revealed"], dict(lines)["summaries.printed"]) == (3, 2)


def test_who_may_not_see_them_gets_masks(
    app: Flask, client_as: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        usual = permissions_of("agent")
    monkeypatch.setitem(app.extensions["permissions of roles"], "agent", usual - {Leads.REVEAL})
    browser = client_as(ANN)
    assert "voluit" not in browser.get(path).text
    assert "ABNA" not in printed(browser, path, part=["person"], hidden="yes")


def test_a_lead_of_somebody_else_is_not_printed(client_as: Any, path: str) -> None:
    browser = client_as(BOB)
    assert browser.get(path).status_code == 404 and browser.send(path, {"part": "person"}).status_code == 404
