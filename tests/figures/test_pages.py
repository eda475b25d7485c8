"""The pages of figures: numbers lead to the leads that they count, what is kept is forgotten in time."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event

from leadcrm.core.db import now, session
from leadcrm.figures.models import Kept
from leadcrm.figures.queries.list_filters import READERS
from leadcrm.figures.services import keeping
from leadcrm.figures.services.periods import today
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Supplier
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.services import leads
from tests.figures import histories
from tests.figures.histories import Past
from tests.figures.test_figures import office  # noqa: F401  (a fixture)
from tests.leads.conftest import As
from tests.people import ANN, BOB, EVE, IVO, MEG, Person
from tests.world import Browser

PAGES = ("/figures/", "/figures/origin", "/figures/agents", "/figures/suppliers")
OF_AGENTS = PAGES[:2]
# Whatever day it is: in January there is little in "this year".
YEAR = f"?span=own&from={today() - timedelta(days=360):%d-%m-%Y}&until={today() + timedelta(days=1):%d-%m-%Y}"
LINK = re.compile(r'<a [^>]*href="(/leads/\?[^"]+)"[^>]*>([^<]*)</a>')
AsClient = Callable[[Person], Browser]


def numbers_behind(page: str) -> Iterator[tuple[str, int]]:
    """Addresses of lists with the whole number that is said to be in them."""
    for url, text in LINK.findall(page):
        if re.fullmatch(r"[\d.]+", text.strip()):
            yield unescape(url), int(text.strip().replace(".", ""))


def count_of(browser: Browser, url: str) -> int:
    found = re.search(r"<output[^>]*>\s*([\d.]+)", browser.get(url).text)
    return int(found[1].replace(".", "")) if found else 0


@pytest.mark.parametrize("who", [MEG, ANN], ids=["company", "own"])
def test_behind_every_number_stands_a_list_of_as_many_leads(office: Any, client_as: AsClient, who: Person) -> None:  # noqa: F811
    browser = client_as(who)
    names: set[str] = set()
    for path in PAGES if who == MEG else OF_AGENTS:
        found = dict(numbers_behind(browser.get(path + YEAR).text))
        assert found, path
        for url, number in some_of(found):
            assert count_of(browser, url) == number, url
            names |= parse_qs(urlsplit(url).query).keys()
    managers = {"figures_reason", "figures_return", "figures_missed"}  # on the pages that compare
    assert names >= (READERS.keys() if who == MEG else READERS.keys() - managers)


def some_of(found: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Of each sort of address a few, those with the most leads."""
    seen: Counter[frozenset[str]] = Counter()
    for url, number in sorted(found.items(), key=lambda each: (-each[1], each[0])):
        sort = frozenset(parse_qs(urlsplit(url).query))
        seen[sort] += 1
        if seen[sort] <= 4:
            yield url, number


def test_figures_of_one_agent_lead_to_their_leads(office: Any, client_as: AsClient) -> None:  # noqa: F811
    browser = client_as(MEG)
    page = browser.get(f"/figures/{YEAR}&agent={BOB.id}").text
    assert BOB.name in page
    found = dict(numbers_behind(page))
    assert found and all(f"owner={BOB.id}" in url for url in found)
    for url, number in some_of(found):
        assert count_of(browser, url) == number, url


def test_an_agent_elsewhere_is_not_found(client_as: AsClient) -> None:
    for agent in (EVE.id, uuid4(), "nonsense"):
        assert client_as(MEG).get(f"/figures/?agent={agent}").status_code == 404


def test_an_agent_cannot_ask_for_a_colleague(office: Any, client_as: AsClient) -> None:  # noqa: F811
    ann = client_as(ANN)
    assert dict(numbers_behind(ann.get(f"/figures/{YEAR}&agent={BOB.id}").text)) == dict(
        numbers_behind(ann.get(f"/figures/{YEAR}").text)
    )
    for path in PAGES[2:] + ("/figures/comparison/agents", "/figures/chances"):
        assert ann.get(path).status_code == 403, path
    assert client_as(IVO).get("/figures/").status_code == 403


def test_own_dates_are_checked_beside_their_fields(client_as: AsClient) -> None:
    browser = client_as(ANN)
    for typed, message in (
        ("from=gisteren&until=1-2-2026", "Dit is geen datum"),
        ("from=2-2-2026&until=1-2-2026", "Wissel ze om"),
        ("from=1-1-2020&until=1-1-2026", "hoogstens drie jaar"),
        ("from=1-1-2020", "Vul dit veld in"),
    ):
        answer = browser.get(f"/figures/?span=own&{typed}")
        assert answer.status_code == 422
        assert message in answer.text
        assert f'value="{typed[5:].partition("&")[0]}"' in answer.text
    assert browser.get("/figures/?span=own&from=1-1-2026&until=31-1-2026").status_code == 200
    assert browser.get("/figures/?span=nonsense").status_code == 200


def test_without_leads_a_page_says_what_will_be_here(client_as: AsClient) -> None:
    page = client_as(ANN).get("/figures/").text
    assert "Geen leads in deze periode" in page
    assert "/leads/new" in page


def rows_of(browser: Browser, path: str) -> list[list[str]]:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_every_figure_is_a_file_and_no_formula(office: Any, as_: As, client_as: AsClient) -> None:  # noqa: F811
    with as_(MEG):
        evil = Supplier(company_id=MEG.company_id, name="=cmd|' /C calc'!A0")
        session.add(evil)
        session.flush()
        histories.write(MEG.company_id, [Past(ANN.id, now(), cost=10_00, supplier=evil.id)])
    browser = client_as(MEG)
    files = {
        url
        for path in PAGES
        for url in re.findall(r'href="(/figures/(?:file|comparison)/[^"]+)"', browser.get(path + YEAR).text)
    }
    assert len(files) >= 9
    for url in files:
        rows = rows_of(browser, unescape(url))
        assert len(rows) > 1, url
        assert len({len(row) for row in rows}) == 1, url
    lines = rows_of(browser, "/figures/file/suppliers")
    assert [row[0] for row in lines if "calc" in row[0]] == ["'=cmd|' /C calc'!A0"]
    assert browser.get("/figures/file/nonsense").status_code == 404
    assert browser.get("/figures/file/agents").status_code == 404, "comparing needs its own right"


def a_lead(as_: As, who: Person) -> None:
    with as_(who):
        histories.write(who.company_id, [Past(ANN.id, now())])


def leads_on(browser: Browser) -> str:
    found = re.search(r'figures-value">(?:<a[^>]*>)?([^<]*)', browser.get("/figures/").text)
    return found[1] if found else "0"


def test_what_is_kept_is_shown_until_it_is_refreshed_or_old(as_: As, client_as: AsClient, monkeypatch: Any) -> None:
    ann, meg = client_as(ANN), client_as(MEG)
    a_lead(as_, MEG)
    assert (leads_on(ann), leads_on(meg)) == ("1", "1")
    a_lead(as_, MEG)  # behind the back of figures, as set-based statements are
    assert (leads_on(ann), leads_on(meg)) == ("1", "1")
    answer = ann.send("/figures/refresh/overview", {"span": "month"})
    assert answer.headers["Location"] == "/figures/?span=month"
    assert (leads_on(ann), leads_on(meg)) == ("2", "1"), "each scope is kept apart"
    monkeypatch.setattr(keeping, "LASTS", keeping.LASTS * 0)
    assert leads_on(meg) == "2"
    assert ann.send("/figures/refresh/nonsense").status_code == 404


def test_what_somebody_does_they_see_at_once(as_: As, client_as: AsClient) -> None:
    ann, bob, meg = client_as(ANN), client_as(BOB), client_as(MEG)
    assert (leads_on(ann), leads_on(bob), leads_on(meg)) == ("0", "0", "0")
    with as_(ANN) as viewer:
        lead = leads.create_lead({"stage": Stage.NEW}, [{"birth_name": "Vries"}])
        leads.move(lead, Stage.CONTACT_SOUGHT, viewer)
    assert (leads_on(ann), leads_on(meg)) == ("1", "0"), "the company's follow within minutes"
    with as_(MEG) as viewer:
        leads.assign(list(session.query(Lead)), None, viewer)
    assert (leads_on(ann), leads_on(meg)) == ("0", "1"), "she no longer has it, and her figures know"


def test_nobody_reads_what_is_kept_for_another(as_: As, client_as: AsClient) -> None:
    for who in (ANN, BOB, MEG):
        client_as(who).get("/figures/")
    with as_(ANN):
        assert [kept.user_id for kept in session.query(Kept)] == [ANN.id]
    with as_(EVE):
        assert session.query(Kept).count() == 0


def test_chances_that_make_no_sense_are_told_and_kept(client_as: AsClient) -> None:
    meg = client_as(MEG)
    answer = meg.send("/figures/chances", {f"{stage}-{name}": "9" for stage in Stage for name in ("chance", "days")}
                      | {"new-chance": "150", "advice-days": "veel"})  # fmt: skip
    assert answer.status_code == 422
    assert 'value="150"' in answer.text
    assert 'value="veel"' in answer.text
    assert 'value="9"' in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_a_bounded_number_of_statements(office: Any, app: Flask, client_as: AsClient, path: str) -> None:  # noqa: F811
    asked: list[str] = []
    engine, browser = app.extensions["database"].engine, client_as(MEG)

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", keep)
    try:
        browser.get(path)
        cold = len(asked)
        asked.clear()
        browser.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    assert len(asked) <= 5, asked
    assert cold <= 12
