"""What today's page cannot show stands behind it: counted, and on a list that is read on page by page."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from leadcrm.core.db import now
from leadcrm.followup.queries import groups, work
from leadcrm.followup.services import days
from leadcrm.followup.views import lists
from tests.followup.conftest import As
from tests.followup.factories import a_task, an_appointment
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, MEG
from tests.people import Person as Someone
from tests.shelf import Shelf
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]
MANY = 6


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of each group on the page, three on a page of a list."""
    for module, name, most in ((work, "MOST_SHOWN", 2), (work, "MOST_NEW", 2), (lists, "ROWS", 3)):
        monkeypatch.setattr(module, name, most)


@pytest.fixture
def busy(as_: As, shelf: Shelf) -> None:
    """More of everything than the page has room for, and some of Bob's."""
    shelf.once("a busy day", lambda: make_busy(as_))


def make_busy(as_: As) -> None:
    moment, midnight = now(), days.start_of(days.today())
    past = {"next_action": "Bellen", "next_action_at": moment - timedelta(days=2)}
    with as_(ANN):
        for number in range(MANY):
            late = a_lead({"birth_name": f"Laat{number}"}, **past)
            a_task(late, title=f"Oude taak {number}", due_at=moment - timedelta(days=1, hours=number))
            a_task(late, title=f"Dagtaak {number}", due_at=midnight)
            a_task(late, title=f"Verre taak {number}", due_at=moment + timedelta(days=9))
            an_appointment(late, starts_at=midnight + timedelta(hours=9, minutes=number), about=f"Gesprek {number}")
        for number in range(MANY):
            a_lead({"birth_name": f"Vers{number}"})
    with as_(BOB):
        other = a_lead({"birth_name": "Bobsma"}, **past)
        a_task(other, title="Taak van Bob", due_at=moment - timedelta(days=1))


def page_of(client: Browser, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.get_data(as_text=True))


def read_through(client: Browser, path: str, pattern: str) -> list[str]:
    """What stands on this page and on all that follow."""
    found: list[str] = []
    for _page in range(20):
        page = page_of(client, path)
        found += re.findall(pattern, page)
        older = re.search(r'id="page-older"[^>]* href="([^"]+)"', page)
        if not older:
            break
        path = older[1]
    return found


def link(page: str, words: str) -> str:
    found = re.search(rf'<a href="([^"]+)">{words}</a>', page)
    assert found, words
    return found[1]


def test_every_group_counts_all_and_leads_to_all(client_as: ClientAs, busy: None) -> None:
    client = client_as(ANN)
    today = page_of(client, "/today")
    assert len(re.findall(r"<strong>Oude taak \d", today)) == 2
    assert ">12</span>" in today  # six next actions and six tasks are overdue
    tasks = link(today, "6 taken")
    assert tasks == "/tasks?due=late" and link(today, "6 nieuwe leads") and link(today, "6 afspraken vandaag")
    assert sorted(read_through(client, tasks, r"Oude taak (\d)</a>")) == list("012345")
    late = page_of(client, link(today, "6 leads met een volgende actie"))
    assert re.findall(r"Volgende actie te laat", late)
    assert {f"Laat{number}" for number in range(MANY)} <= set(re.findall(r"Laat\d", late)) and "Vers" not in late
    fresh = page_of(client, link(today, "6 nieuwe leads"))
    assert len(set(re.findall(r"Vers\d", fresh))) == MANY and "Laat0" not in fresh  # an appointment was made with them
    day = read_through(client, link(today, "6 afspraken vandaag"), r"Gesprek (\d)</a>")
    assert day == list("012345")


def test_a_day_task_is_due_today_and_overdue_tomorrow(
    client_as: ClientAs, busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as(ANN)
    due = read_through(client, "/tasks?due=today", r">([\w ]+) \d</a>")
    assert due == ["Dagtaak"] * MANY
    assert not read_through(client, "/tasks?due=late", r"Dagtaak \d</a>")
    assert read_through(client, "/tasks?due=later", r">([\w ]+) \d</a>") == ["Verre taak"] * MANY
    assert len(read_through(client, "/tasks", r"taak \d</a>")) == 3 * MANY
    monkeypatch.setattr(groups, "now", lambda: now() + timedelta(days=1))
    monkeypatch.setattr(days, "now", lambda: now() + timedelta(days=1))
    assert len(read_through(client, "/tasks?due=late", r"Dagtaak \d</a>")) == MANY


def test_a_manager_counts_the_team_or_one_colleague(client_as: ClientAs, busy: None) -> None:
    meg, ann = client_as(MEG), client_as(ANN)
    assert link(page_of(meg, "/today"), "7 taken") == "/tasks?due=late"
    assert "Taak van Bob" in read_through(meg, "/tasks?due=late", r">(Taak van Bob)<")
    one = page_of(meg, f"/today?agent={BOB.id}")
    assert link(one, "1 taak") == f"/tasks?due=late&agent={BOB.id}"
    listed = page_of(meg, link(one, "1 lead met een volgende actie"))
    assert "Bobsma" in listed and not re.findall(r"Laat\d", listed)
    assert "Taak van Bob" not in page_of(ann, f"/tasks?agent={BOB.id}")  # she sees her own, whatever she asks
    assert not read_through(meg, f"/calendar/day?agent={BOB.id}", "Gesprek")


def test_finishing_a_task_of_the_list_leads_back_to_it(client_as: ClientAs, busy: None) -> None:
    client = client_as(ANN)
    form = re.search(r'action="(/followup/[^"]+/done)"', page_of(client, "/tasks?due=late"))
    assert form and client.send(form[1], {"back": "tasks-late"}).location == "/tasks?due=late"
    assert len(read_through(client, "/tasks?due=late", r"Oude taak \d</a>")) == MANY - 1


def test_a_group_counts_no_further_than_lists_do(
    client_as: ClientAs, busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadcrm.followup.views.parts.MOST_COUNTED", 5)
    assert link(page_of(client_as(ANN), "/today"), r"1\.000\+ taken") == "/tasks?due=late"


def test_nonsense_in_the_address_is_the_usual_list(client_as: ClientAs, busy: None) -> None:
    client = client_as(ANN)
    for path in ("/tasks?due=ooit&agent=x&page=zz", "/calendar/day?day=gisteren&page=1", "/leads/?work=ooit"):
        assert client.get(path).status_code == 200, path


def test_the_calendar_says_when_it_leaves_some_out(
    client_as: ClientAs, busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Hier staan alleen" not in page_of(client_as(ANN), "/calendar")
    monkeypatch.setattr(work, "MOST_IN_CALENDAR", 3)
    monkeypatch.setattr(work.appointments, "__defaults__", (3,))
    assert "Hier staan alleen de eerste 3 afspraken" in page_of(client_as(ANN), "/calendar")
