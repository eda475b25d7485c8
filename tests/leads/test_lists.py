"""The list: every filter, every order, pages by key, columns of one's choice, and addresses that make no sense."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from leadcrm.core.db import database, session
from leadcrm.core.paging import paginate
from leadcrm.leads.models.terms import Goal, Stage
from leadcrm.leads.queries import lists
from leadcrm.leads.queries.lists import COLUMNS, SORTS, Filters, counted, leads_with, with_searched
from leadcrm.leads.services import leads
from leadcrm.leads.services.finding import found_by
from tests.leads.conftest import As
from tests.leads.factories import JAN, a_lead, where_from
from tests.people import ANN, BOB, IVO, MEG
from tests.people import Person as Someone
from tests.shelf import Shelf
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]
NAME = re.compile(r'class="row-name" href="/leads/[0-9a-f-]{36}">([^<]*)</a>')
WHEN = datetime(2026, 3, 10, 12, tzinfo=UTC)


def page_of(client: Browser, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return unescape(response.get_data(as_text=True))


def names_in(page: str) -> list[str]:
    return NAME.findall(page)


@pytest.fixture
def ids(as_: As, shelf: Shelf) -> dict[str, Any]:
    """Five leads of one company, each different in what can be filtered."""
    return shelf.once("five leads", lambda: make_ids(as_))


def make_ids(as_: As) -> dict[str, Any]:
    with as_(MEG) as meg:
        source, label, supplier = where_from()
        made = {
            "Aa": a_lead({"birth_name": "Aa"}, {}, owner_id=ANN.id, goal=Goal.REMORTGAGE, source_id=source.id),
            "Bos": a_lead({"birth_name": "Bos"}, owner_id=BOB.id, label_id=label.id, supplier_id=supplier.id),
            "Claus": a_lead({"birth_name": "Claus", "city": "Gouda"}),
            "Dam": a_lead({"birth_name": "Dam"}, owner_id=ANN.id),
            "Eik": a_lead(JAN | {"birth_name": "Eik", "call_name": "", "infix": "", "initials": ""}, owner_id=ANN.id),
        }
        for number, (name, lead) in enumerate(made.items()):
            lead.created_at = WHEN + timedelta(days=number)
            lead.mortgage_amount = None if name == "Claus" else (number + 1) * 100_000_00
            lead.next_action_at = WHEN if name in ("Bos", "Dam") else None
        leads.move(made["Dam"], Stage.REJECTED, meg, reason="Te duur")
        return {"source": source.id, "label": label.id, "supplier": supplier.id}


FILTERS = [
    ("", "Eik Dam Claus Bos Aa"),
    ("stage=new", "Claus"),
    ("stage=open", "Eik Claus Bos Aa"),
    ("stage=closed", "Dam"),
    ("owner=none", "Claus"),
    ("owner=me", ""),
    (f"owner={ANN.id}", "Eik Dam Aa"),
    (f"owner={ANN.id}&stage=assigned", "Eik Aa"),
    ("source={source}", "Aa"),
    ("label={label}", "Bos"),
    ("goal=remortgage", "Aa"),
    ("amount_from=200.000", "Eik Dam Bos"),
    ("amount_to=€ 400.000", "Dam Bos Aa"),
    ("amount_from=200k&amount_to=400k", "Dam Bos"),
    ("created_from=11-03-2026", "Eik Dam Claus Bos"),
    ("created_to=11-03-2026", "Bos Aa"),
    ("created_from=11-03-2026&created_to=12 mrt 2026", "Claus Bos"),
    ("q=gouda", "Claus"),
    ("q=0612345678", "Eik"),
    ("q=eik&stage=closed", ""),
    ("q=claus&owner=none&amount_from=1", ""),
]


def shown(client: Browser, addresses: Iterable[str]) -> dict[str, str]:
    return {asked: " ".join(names_in(page_of(client, f"/leads/?{asked}"))) for asked in addresses}


def test_filters(client_as: ClientAs, ids: dict[str, Any]) -> None:
    expected = {asked.format(**ids): names for asked, names in FILTERS}
    assert shown(client_as(MEG), expected) == expected


ORDERS = [
    ("created", "Aa Bos Claus Dam Eik"),
    ("-created", "Eik Dam Claus Bos Aa"),
    ("name", "Aa Bos Claus Dam Eik"),
    ("-name", "Eik Dam Claus Bos Aa"),
    ("amount", "Aa Bos Dam Eik Claus"),  # whoever has no amount comes last, whichever the direction
    ("-amount", "Eik Dam Bos Aa Claus"),
    ("nonsense", "Eik Dam Claus Bos Aa"),
]


def test_orders(client_as: ClientAs, ids: dict[str, Any]) -> None:
    expected = {f"sort={order}": names for order, names in ORDERS}
    assert shown(client_as(MEG), expected) == expected


def test_walking_through_the_pages_shows_everybody_once_both_ways(as_: As, client_as: ClientAs) -> None:
    with as_(ANN):
        for number in range(60):
            lead = a_lead({"birth_name": f"N{number % 20:02d}"} if number % 7 else {"email": f"n{number}@voorbeeld.nl"})
            lead.mortgage_amount = None if number % 3 else (number % 10) * 1_000_00
            lead.next_action_at = None if number % 4 else WHEN + timedelta(hours=number % 5)
    client = client_as(ANN)
    for sort in (sign + name for name in SORTS for sign in ("", "-")):
        walk(client, f"/leads/?size=25&sort={sort}")


def walk(client: Browser, address: str) -> None:
    pages = []
    while address:
        page = page_of(client, address)
        pages.append(re.findall(r'href="/leads/([0-9a-f-]{36})"', page))
        older = re.search(r'id="page-older" rel="next" href="([^"]+)"', page)
        address = older[1] if older else ""
    assert [len(page) for page in pages] == [25, 25, 10]
    assert len({ident for page in pages for ident in page}) == 60
    for expected in reversed(pages[:-1]):
        newer = re.search(r'id="page-newer" rel="prev" href="([^"]+)"', page)
        assert newer is not None
        page = page_of(client, newer[1])
        assert re.findall(r'href="/leads/([0-9a-f-]{36})"', page) == expected
    assert 'id="page-newer"' not in page


NONSENSE = [
    "owner=zzz",
    "source=1",
    "label=%00",
    "goal=x",
    "stage=x",
    "amount_from=veel",
    "amount_to=-1",
    "created_from=32-13-2026",
    "created_to=morgen",
    "size=7",
    "size=abc",
    "size=-1",
    "column=nonsense",
    "column=__class__",
    "sort=",
    "sort=--created",
    "sort=id;drop",
    "page=x",
    "page=%00",
    "page=W10",
    "page=eyJhIjoxfQ",
    "page=W1td",
    "q=%00",
    "q=%27",
    "owner=5c7f8a44-0f0b-4d5e-9d7e-6f7c3b1a2d91",
    "amount_from=99999999999999999999",
    "stage=%E2%80%AE",  # nothing that can be seen
    "goal=%E2%80%AE",
    "&".join(["column=ltv"] * 900),
] + [f"{name}={'9' * 3000}" for name in ("owner", "page", "q", "amount_from", "created_from")]


def test_an_address_that_makes_no_sense_still_shows_a_list(client_as: ClientAs, ids: dict[str, Any]) -> None:
    client = client_as(MEG)
    for asked in NONSENSE:
        page_of(client, f"/leads/?{asked}")


def test_a_refused_filter_says_so_and_keeps_what_was_typed(client_as: ClientAs, ids: dict[str, Any]) -> None:
    page = page_of(client_as(MEG), "/leads/?amount_from=veel&stage=new")
    assert names_in(page) == ["Claus"]
    assert 'value="veel"' in page
    assert 'id="amount_from-error"' in page
    assert "niet begrepen" in page


def test_chips_name_the_filters_and_take_one_away(client_as: ClientAs, ids: dict[str, Any]) -> None:
    page = page_of(client_as(MEG), f"/leads/?stage=new&owner={ANN.id}&sort=name&label={ids['label']}")
    chips = re.findall(r'class="chip"><span>([^<]*): <strong>([^<]*)</strong></span>\s*<a href="([^"]*)"', page)
    assert [(label, value) for label, value, _url in chips] == [
        ("Fase", "Nieuw"), ("Eigenaar", "Ann de Wit"), ("Label", "Huisvergelijker Hypotheek"),
    ]  # fmt: skip
    assert chips[0][2] == f"/leads/?owner={ANN.id}&label={ids['label']}&sort=name"


def test_every_column_can_be_shown(client_as: ClientAs, ids: dict[str, Any]) -> None:
    client = client_as(MEG)
    for column in COLUMNS:
        page = page_of(client, f"/leads/?column={column.name}")
        assert page.count("<td") - page.count('<td class="choose"') == 5, column.name


def test_sensitive_columns_are_masked(client_as: ClientAs, ids: dict[str, Any]) -> None:
    page = page_of(client_as(MEG), "/leads/?column=iban&column=birth_date")
    assert "•••• 4300" in page
    assert "ABNA" not in page
    assert "mrt 1985" not in page
    assert "14-03-1985" not in page


def test_chosen_columns_are_remembered(client_as: ClientAs, ids: dict[str, Any]) -> None:
    client = client_as(MEG)
    client.get("/leads/?column=city&column=urgency&remember=yes")
    page = page_of(client, "/leads/")
    assert 'data-label="Plaats"' in page
    assert 'data-label="Fase"' not in page


def test_the_part_that_is_swapped_is_the_list_alone(client_as: ClientAs, ids: dict[str, Any]) -> None:
    part = client_as(MEG).part("/leads/?stage=new").get_data(as_text=True)
    assert "<html" not in part
    assert part.lstrip().startswith('<div id="leads"')


def test_a_large_count_is_not_counted_out(as_: As, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadcrm.leads.views.list.paginate", lambda *all_: replace(paginate(*all_), count=1001))
    with as_(ANN):
        a_lead({"birth_name": "Bos"})
    ann = client_as(ANN)
    assert ">1.000+<" in page_of(ann, "/leads/?size=25")
    monkeypatch.undo()
    assert ">1.000+<" in page_of(ann, "/leads/?size=25")  # known for a while, see counting.py
    assert ">1</output>" in page_of(ann, "/leads/?size=25&stage=open")


def test_the_count_is_of_what_one_sees(as_: As, client_as: ClientAs) -> None:
    """Both ask the same statement, which is kept; who looks is no part of it."""
    for agent, many in ((ANN, 2), (BOB, 27)):
        with as_(agent):
            for _ in range(many):
                a_lead({"birth_name": "Bos"})
    for viewer, count in ((ANN, 2), (BOB, 27), (ANN, 2), (MEG, 29)):
        page = page_of(client_as(viewer), "/leads/?size=25")
        assert f">{count}</output>" in page and page.count("data-row") == min(count, 25)


def test_counting_ends_at_its_cap(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadcrm.core.paging.MOST_COUNTED", 3)
    with as_(ANN):
        for _ in range(6):
            a_lead({"birth_name": "Bos"})
        page = paginate(session, leads_with(Filters(), ()), SORTS["created"], None, 61, counted(Filters()))
        assert (len(page.rows), page.count) == (6, 4)


def test_rows_and_their_number_are_searched_for_once(as_: As, ids: dict[str, Any]) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    with as_(MEG) as meg:
        wanted = Filters(q=found_by(meg.company_id, "gouda"))
        event.listen(database().engine, "before_cursor_execute", note)
        listed = with_searched(leads_with(wanted, ()), wanted.q)
        page = paginate(session, listed, SORTS["created"], None, 25, counted(wanted))
        event.remove(database().engine, "before_cursor_execute", note)
    assert (len(page.rows), page.count, page.rows[0]._searched) == (1, 1, 1)
    assert sum(statement.count("leads_found(") for statement in asked) == 1, asked


@pytest.mark.parametrize(
    ("filters", "number", "is_told"),
    [("q=volkers", "3", False), ("q=volle", "4+", True), ("q=volle&goal=remortgage", "2+", True),
     ("q=volle&goal=buy_out", "0", True)],
)  # fmt: skip
def test_a_search_that_may_have_missed_some_says_so(
    as_: As, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch, filters: str, number: str, is_told: bool
) -> None:
    """Whatever else narrows the list: of what the search left out it knows nothing."""
    monkeypatch.setattr(lists, "MOST_FOUND", 4)
    with as_(MEG):
        for name, goal in [("Volkers", None)] * 3 + [("Volle", None)] * 3 + [("Volle", Goal.REMORTGAGE)] * 2:
            a_lead(JAN | {"birth_name": name}, goal=goal)
    page = page_of(client_as(MEG), f"/leads/?{filters}")
    assert f'<output class="tabular">{number}</output>' in page
    assert ("vindt hooguit 1.000 leads" in page) == is_told


def test_nothing_found_offers_a_way_back(client_as: ClientAs, ids: dict[str, Any]) -> None:
    page = page_of(client_as(MEG), "/leads/?q=zzzz")
    assert "Geen leads gevonden" in page


def test_whom_to_assign_to_is_fetched_for_the_bar(client_as: ClientAs, ids: dict[str, Any]) -> None:
    """Colleagues of one's own office that are there now."""
    meg, ann = client_as(MEG), client_as(ANN)
    assert 'hx-get="/leads/owners"' in page_of(meg, "/leads/")
    assert "/leads/owners" not in page_of(ann, "/leads/")
    offered = re.findall(r'<option value="(.*?)">(.*?)</option>', page_of(meg, "/leads/owners"))
    assert offered == [("", "Toewijzen aan…"), *((str(each.id), each.name) for each in (ANN, BOB, IVO, MEG)),
                       ("none", "Niemand")]  # fmt: skip
    assert ann.get("/leads/owners").status_code == 403
