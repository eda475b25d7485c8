"""The pages of follow-up through the browser: whose day it is, notes that are mended, calls, plans, the feed."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from uuid import UUID

import psycopg
import pytest
from icalendar import Calendar
from sqlalchemy import event, select

from leadcrm.core.db import database, now, session
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.feed import Feed
from leadcrm.followup.models.terms import AppointmentOutcome
from leadcrm.followup.services.feeds import hash_of
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.services.timeline import write_note
from tests.followup.conftest import As
from tests.followup.factories import a_task, an_appointment
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, EVE, MEG
from tests.people import Person as Someone
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]
PART = {"HX-Request": "true", "HX-Request-Type": "partial", "Origin": "https://localhost"}


def text_of(response: object) -> str:
    return unescape(response.get_data(as_text=True))  # type: ignore[attr-defined]


def in_part(client: Browser, path: str, **typed: str) -> str:
    answer = client.post(path, data=typed | {"csrf_token": client.csrf_token()}, headers=PART)
    assert answer.status_code == 200, answer.status
    return text_of(answer)


@pytest.fixture
def day_of_ann(as_: As) -> None:
    """Something of every sort for Ann, and a little for Bob."""
    moment = now()
    with as_(ANN):
        late = a_lead({"birth_name": "Laatman"}, next_action="Terugbellen", next_action_at=moment - timedelta(days=2))
        a_task(late, title="Taak van gisteren", due_at=moment - timedelta(days=1))
        a_lead({"birth_name": "Nieuwkomer", "phone": "+31612345678"})
        an_appointment(late, starts_at=moment + timedelta(seconds=1), about="Adviesgesprek vandaag")
    with as_(BOB):
        a_lead({"birth_name": "Bobsma", "phone": "+31612345679"})


def test_today_is_of_who_looks_and_managers_see_the_team(client_as: ClientAs, day_of_ann: None) -> None:
    page = text_of(client_as(ANN).get("/today"))
    for shown in ("Laatman", "Terugbellen", "Taak van gisteren", "Nieuwkomer", "Adviesgesprek vandaag", "tel:+316"):
        assert shown in page, shown
    assert "Bobsma" not in page and "Laatman" not in text_of(client_as(BOB).get("/today"))
    team = text_of(client_as(MEG).get("/today"))
    assert "Bobsma" in team and "Laatman" in team
    only = text_of(client_as(MEG).get(f"/today?agent={BOB.id}"))
    assert "Bobsma" in only and "Laatman" not in only
    assert "Bobsma" not in text_of(client_as(EVE).get(f"/today?agent={BOB.id}"))


def test_an_agent_cannot_look_at_a_colleagues_day(client_as: ClientAs, day_of_ann: None) -> None:
    assert "Nieuwkomer" in text_of(client_as(ANN).get(f"/today?agent={BOB.id}"))


def test_today_is_the_first_page(client_as: ClientAs) -> None:
    assert client_as(ANN).get("/").location == "/today"


@pytest.mark.parametrize("path", ["/today", "/calendar", "/calendar?view=month", "/leads/{lead_id}/timeline"])
@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
def test_a_page_makes_at_most_twelve_statements(
    client_as: ClientAs, day_of_ann: None, lead_id: UUID, who: Someone, path: str
) -> None:
    client, seen = client_as(who), []
    with client.application.app_context():
        engine = database().engine
    event.listen(engine, "before_cursor_execute", listening := lambda *given: seen.append(given[2]))
    try:
        assert client.get(path.format(lead_id=lead_id)).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", listening)
    assert len(seen) <= 12, seen


def test_the_call_button_says_why_not_and_takes_a_reason(as_: As, client_as: ClientAs) -> None:
    with as_(ANN):
        lead_id = a_lead(utm_source="google").id
    client = client_as(ANN)
    for path in (f"/leads/{lead_id}", "/today"):
        page = text_of(client.get(path))
        assert "Er is geen toestemming voor telefoon" in page and "tel:" not in page, path
    form = text_of(client.get(f"/followup/{lead_id}/call"))
    person = re.search(r'name="person_id" value="([0-9a-f-]+)"', form)
    assert person and "tel:" not in form and "+31612345678" not in form
    assert client.send(f"/followup/{lead_id}/call", {"outcome": "reached", "person_id": person[1]}).status_code == 422
    reason = f"/followup/{lead_id}/call/reason"
    assert client.send(reason, {"person_id": person[1], "reason-text": ""}).status_code == 422
    assert client.send(reason, {"person_id": person[1], "reason-text": "BSN 111222333"}).status_code == 422
    shown = client.send(reason, {"person_id": person[1], "reason-text": "Vroeg er zelf om"})
    assert "tel:+31612345678" in shown.text
    assert client.send(f"/followup/{lead_id}/call", {"outcome": "reached", "person_id": person[1]}).status_code == 303
    page = text_of(client.get(f"/leads/{lead_id}"))
    assert "Toch benaderd: Telefoon" in page and "Vroeg er zelf om" in page and "Gebeld: Gesproken" in page


def test_a_call_asks_for_the_next_action_at_once(client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    typed = {"outcome": "no_answer", "text": "Niemand thuis", "person_id": _person(client, lead_id)}
    page = in_part(client, f"/followup/{lead_id}/call", **typed)
    assert 'value="Opnieuw bellen"' in page and "Niemand thuis" in page and "Contactpogingen: 1." in page
    assert client.send(f"/followup/{lead_id}/call", typed | {"outcome": "call_back"}).status_code == 422
    kept = client.send(f"/followup/{lead_id}/call", typed | {"outcome": "", "text": "Getypt"})
    assert kept.status_code == 422 and "Getypt" in kept.text


def _person(client: Browser, lead_id: UUID) -> str:
    found = re.search(r'name="person_id" value="([0-9a-f-]+)"', client.get(f"/followup/{lead_id}/call").text)
    assert found
    return found[1]


def test_finishing_the_next_action_asks_for_the_next_and_can_be_undone(client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    typed = {"next_action": "Stukken opvragen", "next_action_at": "01-12-2026 10:00"}
    assert client.send(f"/leads/{lead_id}/next", typed).status_code == 303
    assert 'data-shortcut="a"' in client.get(f"/leads/{lead_id}").text
    page = in_part(client, f"/leads/{lead_id}/next/done")
    assert 'name="next_action"' in page and "Afgerond: Stukken opvragen" in page
    undo = re.search(r'action="(/leads/[^"]+/undo)"', page)
    assert undo and "<strong>Stukken opvragen" not in client.get(f"/leads/{lead_id}").text
    assert client_as(MEG).send(undo[1]).status_code == 404
    assert client.send(undo[1]).status_code == 303
    assert "<strong>Stukken opvragen" in client.get(f"/leads/{lead_id}").text
    assert client.send(undo[1]).status_code == 404
    assert client.send(f"/leads/{lead_id}/next", {"next_action": "BSN 111222333"}).status_code == 422
    assert client.send(f"/leads/{lead_id}/next", {"next_action_at": "01-12-2026"}).status_code == 422


def test_own_notes_are_mended_for_a_while_and_their_history_is_kept(
    as_: As, client_as: ClientAs, lead_id: UUID
) -> None:
    client = client_as(ANN)
    in_part(client, f"/leads/{lead_id}/notes", text="Wil 300.000")
    with as_(ANN):
        note = session.scalars(select(Entry.id)).one()
    path = f"/leads/{lead_id}/notes/{note}"
    assert client.send(f"{path}/edit", {"text": "BSN 111222333"}).status_code == 422
    page = in_part(client, f"{path}/edit", text="Wil 350.000")
    assert "Wil 350.000" in page and "Eerdere versies" in page and "Wil 300.000" in page
    for other in (MEG, BOB):
        assert client_as(other).get(f"{path}/edit").status_code == 404, other.name
        assert client_as(other).send(f"{path}/remove").status_code == 404, other.name
    gone = in_part(client, f"{path}/remove")
    assert "Deze notitie is verwijderd." in gone and "Wil 350.000" not in gone and f"{path}/restore" in gone
    assert "Wil 350.000" in in_part(client, f"{path}/restore")
    with as_(ANN):
        assert len(session.scalars(select(Entry).where(Entry.amends_id == note)).all()) == 3


def test_an_older_note_stays_as_it_is(as_: As, client_as: ClientAs, lead_id: UUID, admin_url: str) -> None:
    with as_(ANN):
        note = write_note(session.get(Lead, lead_id), "Lang geleden")
        session.flush()
        path = f"/leads/{lead_id}/notes/{note.id}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE leads_entry SET at = now() - interval '16 minutes'")
    assert client_as(ANN).get(f"{path}/edit").status_code == 404
    assert client_as(ANN).send(f"{path}/remove").status_code == 404


def test_the_timeline_is_filtered_and_read_on(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        for number in range(45):
            write_note(lead, f"Notitie {number:02d}.")
        lead.next_action = "Iets"
    client, seen = client_as(ANN), []
    address = f"/leads/{lead_id}/timeline?kind=notes"
    while address:
        page = text_of(client.part(address))
        seen += re.findall(r"Notitie (\d\d)\.", page)
        older = re.search(r'hx-get="([^"]+cursor=[^"]+)"', page)
        address = older[1] if older else ""
    assert sorted(seen) == [f"{number:02d}" for number in range(45)]
    assert "Notitie" not in text_of(client.part(f"/leads/{lead_id}/timeline?kind=calls")).partition("<ol")[2]


def test_a_conflict_is_warned_of_and_then_allowed(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    client, path = client_as(ANN), f"/followup/{lead_id}/appointments/new"
    typed = {"about": "Advies", "starts_at": "01-12-2026 10:00", "place": "office", "agent_id": str(ANN.id)}
    assert client.send(path, typed | {"ends_at": "01-12-2026 09:00"}).status_code == 422
    assert client.send(path, typed).status_code == 303
    warned = client.send(path, typed | {"about": "Nog een"})
    assert warned.status_code == 422 and "Toch plannen" in warned.text and 'value="Nog een"' in warned.text
    assert client.send(path, typed | {"about": "Nog een", "anyway": "yes"}).status_code == 303
    assert client.send(path, typed | {"agent_id": str(BOB.id), "anyway": "yes"}).status_code == 422  # he sees it not
    for view in ("week", "month"):
        page = text_of(client.get(f"/calendar?view={view}&day=2026-12-01"))
        assert page.count("<strong>Jan de Vries") == 2
        assert "Jan de Vries" not in text_of(client_as(BOB).get("/calendar"))
    assert "cal-lane-2-2" in client.get("/calendar?day=2026-12-01").text
    assert "Week 49" in client.get("/calendar?day=2026-12-01").text


def test_moving_cancelling_and_each_way_back(as_: As, client_as: ClientAs, lead_id: UUID) -> None:
    with as_(ANN):
        made = an_appointment(session.get(Lead, lead_id))
        ident, start = made.id, made.starts_at
    client, path = client_as(ANN), f"/followup/{lead_id}/appointments"
    typed = {"about": "Kennismaken", "place": "video", "agent_id": str(ANN.id)}
    moved = in_part(client, f"{path}/{ident}", starts_at="05-12-2026 14:00", ends_at="05-12-2026 15:00", **typed)
    back = re.search(r'action="(/followup/[^"]+/move-back)"', moved)
    assert back and client.send(f"{path}/{ident}/cancel").status_code == 404  # the successor is the one
    assert client.send(back[1]).status_code == 303
    with as_(ANN):
        planned = select(Appointment).where(Appointment.outcome == AppointmentOutcome.PLANNED)
        now_planned = session.scalars(planned).one()
        assert (now_planned.starts_at, now_planned.sequence) == (start, 2)
        ident = now_planned.id
    assert f"{path}/{ident}/again" in in_part(client, f"{path}/{ident}/cancel")
    assert client.send(f"{path}/{ident}/again").status_code == 303
    assert client.send(f"{path}/{ident}/again").status_code == 404


@pytest.fixture
def feed(client_as: ClientAs) -> str:
    page = client_as(ANN).send("/calendar/feed").text
    found = re.search(r"https?://[^/]+(/agenda/[\w-]+\.ics)", page)
    assert found
    return found[1]


def test_the_feed_tells_reference_and_place_and_no_more(
    as_: As, client_as: ClientAs, stranger: Browser, lead_id: UUID, feed: str
) -> None:
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        an_appointment(lead, location="Dorpsstraat 1", note="Let op")
        reference = lead.reference
    answer = stranger.get(feed)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (f"Afspraak {reference}", "Op kantoor")
    for secret in ("Jan", "Vries", "Dorpsstraat", "Kennismaken", "Let op", "voorbeeld", "ATTENDEE"):
        assert secret not in answer.text, secret
    token = feed.removeprefix("/agenda/").removesuffix(".ics")
    assert token not in client_as(ANN).get("/calendar").text
    with as_(ANN):
        assert session.scalars(select(Feed.token_hash)).one() == hash_of(token)
    with as_(MEG):
        assert session.scalars(select(Feed)).all() == []


def test_a_feed_shows_what_its_owner_sees_now(
    as_: As, stranger: Browser, lead_id: UUID, feed: str, admin_url: str
) -> None:
    with as_(ANN):
        an_appointment(session.get(Lead, lead_id))
    assert "VEVENT" in stranger.get(feed).text
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE leads_lead SET owner_id = %s", [BOB.id])
        assert "VEVENT" not in stranger.get(feed).text
        admin.execute("UPDATE auth_user SET active = false WHERE id = %s", [ANN.id])
    assert stranger.get(feed).status_code == 404


def test_a_feed_is_revoked_and_made_anew(client_as: ClientAs, stranger: Browser, feed: str) -> None:
    client = client_as(ANN)
    newer = re.search(r"(/agenda/[\w-]+\.ics)", client.send("/calendar/feed").text)
    assert newer and stranger.get(feed).status_code == 404
    assert stranger.get(newer[1]).status_code == 200
    assert client.send("/calendar/feed/revoke").status_code == 303
    gone, never = stranger.get(newer[1]), stranger.get(f"/agenda/{'x' * 43}.ics")
    assert (gone.status_code, gone.data) == (never.status_code, never.data) == (404, b"")


def test_a_feed_is_read_only_from_where_its_owner_may_come_in(
    stranger: Browser, feed: str, admin_url: str
) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO addresses_range (company_id, id, network, label, created_at, updated_at) "
            "VALUES (%s, gen_random_uuid(), '192.0.2.0/24', 'kantoor', now(), now())", [ANN.company_id],
        )  # fmt: skip
    assert stranger.get(feed).status_code == 404


def test_guessing_feeds_and_reading_one_too_often_has_an_end(stranger: Browser, feed: str) -> None:
    statuses = [stranger.get(f"/agenda/{number:043d}.ics").status_code for number in range(31)]
    assert statuses == [404] * 30 + [429]


def test_a_feed_is_not_read_all_day(stranger: Browser, feed: str) -> None:
    statuses = [stranger.get(feed).status_code for _turn in range(61)]
    assert statuses == [200] * 60 + [429]


def test_planning_begins_with_the_client(client_as: ClientAs, lead_id: UUID) -> None:
    client = client_as(ANN)
    found = client.get("/calendar/plan?q=Vries&at=2026-12-01 10:30")
    assert found.status_code == 303 and f"/followup/{lead_id}/appointments/new" in found.location
    assert 'value="01-12-2026 10:30"' in client.get(found.location).text
    assert "Niemand gevonden" in client_as(BOB).get("/calendar/plan?q=Vries").text
