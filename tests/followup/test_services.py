"""Calls that count, the consent ledger, tasks with reminders, appointments that calendars understand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import select

from leadcrm.auth.models.people import User
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.outbox import OutboxMail, _message
from leadcrm.followup.events import appointment_held, appointment_planned, called, task_done
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.call import Call
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import AppointmentOutcome, CallOutcome, RemindBefore
from leadcrm.followup.queries import work
from leadcrm.followup.services import appointments, calls, days, tasks
from leadcrm.followup.services.reaching import NeedsReason
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import ConsentChannel, ConsentPurpose, Stage
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.services import consents, leads
from leadcrm.notifications.models import News
from tests.followup.conftest import As
from tests.followup.factories import a_task, an_appointment
from tests.leads.factories import a_lead, persons_of
from tests.people import ANN, BOB, MEG

PHONE = {"channel": ConsentChannel.PHONE, "purpose": ConsentPurpose.ADVICE}


@pytest.mark.parametrize("outcome", [each for each in CallOutcome if each != CallOutcome.CALL_BACK])
def test_every_call_is_an_attempt(as_: As, lead_id: UUID, outcome: CallOutcome) -> None:
    heard = []
    with as_(ANN), called.connected_to(lambda call, lead, by: heard.append(call.outcome)):
        lead = session.get(Lead, lead_id)
        calls.log(lead, outcome, note="Vrouw nam op")
        first = lead.first_contact_at
        calls.log(lead, outcome)
        assert (lead.contact_attempts, lead.stage, heard) == (2, Stage.CONTACT_SOUGHT, [outcome, outcome])
        assert first == lead.first_contact_at <= lead.last_contact_at
        session.flush()
        told = session.scalars(select(Entry).where(Entry.kind == EntryKind.CALL).order_by(Entry.at)).all()
        assert [(each.subject, each.text) for each in told] == [(outcome, "Vrouw nam op"), (outcome, None)]


def test_calling_back_needs_a_moment_and_becomes_the_next_action(as_: As, lead_id: UUID) -> None:
    at = now() + timedelta(hours=3)
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        with pytest.raises(Invalid):
            calls.log(lead, CallOutcome.CALL_BACK)
        assert lead.contact_attempts == 0
        calls.log(lead, CallOutcome.CALL_BACK, call_back_at=at)
        assert lead.next_action_at == at


def bought() -> Lead:
    return a_lead(utm_source="google", utm_medium="cpc")


def test_who_came_by_marketing_is_called_with_consent_or_a_reason(as_: As) -> None:
    with as_(ANN):
        lead = bought()
        jan = persons_of(lead)[0]
        with pytest.raises(NeedsReason) as held:
            calls.log(lead, CallOutcome.REACHED, person_id=jan.id)
        assert held.value.obstacle.withdrawn_at is None
        assert (lead.contact_attempts, session.scalars(select(Call)).all()) == (0, [])
        calls.log(lead, CallOutcome.REACHED, person_id=jan.id, reason="Vroeg er zelf om")
        session.flush()
        calls.log(lead, CallOutcome.REACHED, person_id=jan.id)  # the reason of today holds
        assert [call.despite for call in session.scalars(select(Call).order_by(Call.at))] == [True, False]


def test_what_was_given_allows_and_what_was_withdrawn_forbids(as_: As) -> None:
    with as_(ANN):
        lead = bought()
        jan = persons_of(lead)[0]
        given = consents.give(lead, jan.id, PHONE)
        session.flush()
        calls.log(lead, CallOutcome.REACHED, person_id=jan.id)
        consents.withdraw(lead, given)
        session.flush()
        with pytest.raises(NeedsReason) as held:
            calls.log(lead, CallOutcome.REACHED, person_id=jan.id)
        assert held.value.obstacle.withdrawn_at is not None


def test_withdrawing_holds_for_who_was_not_bought_too(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        jan = persons_of(lead)[0]
        calls.log(lead, CallOutcome.REACHED, person_id=jan.id)
        consents.withdraw(lead, consents.give(lead, jan.id, PHONE))
        session.flush()
        with pytest.raises(NeedsReason):
            calls.log(lead, CallOutcome.REACHED, person_id=jan.id)


def test_a_task_goes_to_who_sees_the_lead(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        assert a_task(lead).assignee_id == ANN.id
        values = {"title": "Mee kijken", "due_at": now()}
        tasks.add(lead, values, MEG.id)
        with pytest.raises(Invalid):
            tasks.add(lead, values, BOB.id)
        session.expunge_all()


def test_a_task_is_finished_removed_and_back(as_: As, lead_id: UUID) -> None:
    heard = []
    with as_(ANN), task_done.connected_to(lambda task, lead, by: heard.append(task.title)):
        lead = session.get(Lead, lead_id)
        task = a_task(lead)
        for settle in (lambda: tasks.finish(task, lead), lambda: tasks.remove(task)):
            settle()
            session.flush()
            assert work.of_lead(lead_id)[0] == []
            tasks.reopen(task)
            session.flush()
            assert len(work.of_lead(lead_id)[0]) == 1
        assert heard == [task.title]


def test_a_reminder_comes_once_and_only_to_who_still_sees_the_lead(as_: As, as_worker: None, lead_id: UUID) -> None:
    with as_(MEG):
        lead = session.get(Lead, lead_id)
        due = {"due_at": now() + timedelta(minutes=10), "remind_before": RemindBefore.QUARTER}
        mine = tasks.add(lead, {"title": "Van Ann"} | due, ANN.id)
        later = tasks.add(lead, {"title": "Later"} | due | {"due_at": now() + timedelta(days=3)}, ANN.id)
        session.flush()
        ident, other = mine.id, later.id
    assert (tasks.remind(), tasks.remind()) == (1, 0)
    told = session.scalars(select(News).where(News.kind == tasks.NEWS_DUE)).all()
    assert [(each.user_id, each.url) for each in told] == [(ANN.id, f"/leads/{lead_id}")]
    session.rollback()
    with as_(MEG) as meg:
        task, lead = session.get(Task, other), session.get(Lead, lead_id)
        assert session.get(Task, ident).reminded_at is not None
        task.remind_at = now() - timedelta(minutes=1)
        leads.assign([lead], session.get(User, BOB.id), by=meg)
        session.flush()
        session.refresh(task)
        task.assignee_id = ANN.id  # a row that nobody handed over
    assert tasks.remind() == 0


def test_open_work_goes_along_to_a_new_owner(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        open_task, made = a_task(lead), an_appointment(lead)
        done_task = a_task(lead)
        tasks.finish(done_task, lead)
        ids = (open_task.id, done_task.id, made.id)
    with as_(MEG) as meg:
        leads.assign([session.get(Lead, lead_id)], session.get(User, BOB.id), by=meg)
        session.flush()
        session.expire_all()
        assert [session.get(Task, ids[0]).assignee_id, session.get(Task, ids[1]).assignee_id] == [BOB.id, ANN.id]
        assert session.get(Appointment, ids[2]).agent_id == BOB.id


def test_the_stage_follows_what_happened_and_never_goes_back(as_: As, lead_id: UUID) -> None:
    heard: list[Any] = []
    with (
        as_(ANN),
        appointment_planned.connected_to(lambda made, lead, by: heard.append("planned")),
        appointment_held.connected_to(lambda made, lead, by: heard.append("held")),
    ):
        lead = session.get(Lead, lead_id)
        made = an_appointment(lead)
        assert lead.stage == Stage.APPOINTMENT_PLANNED
        appointments.miss(made, lead)
        assert (lead.stage, made.outcome) == (Stage.NO_SHOW, AppointmentOutcome.NO_SHOW)
        again = an_appointment(lead, starts_at=now() + timedelta(days=4))
        appointments.hold(again, lead)
        assert lead.stage == Stage.APPOINTMENT_HELD and lead.first_contact_at is not None
        an_appointment(lead, starts_at=now() + timedelta(days=8))
        assert (lead.stage, heard) == (Stage.APPOINTMENT_HELD, ["planned", "planned", "held", "planned"])


def invitations() -> list[Any]:
    mails = session.scalars(select(OutboxMail).where(OutboxMail.calendar.is_not(None)).order_by(OutboxMail.created_at))
    return [Calendar.from_ical(mail.calendar or "") for mail in mails]


def test_calendars_hear_of_each_change_in_order(as_: As, lead_id: UUID) -> None:
    """REQUEST, REQUEST with a higher sequence, CANCEL; one UID throughout (RFC 5546)."""
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        jan = persons_of(lead)[0]
        made = an_appointment(lead, jan, invite=True)
        start = made.starts_at + timedelta(days=2)
        moved = appointments.move(made, lead, {"starts_at": start, "ends_at": start + timedelta(hours=1)})
        session.flush()
        assert (made.outcome, moved.outcome) == (AppointmentOutcome.MOVED, AppointmentOutcome.PLANNED)
        appointments.cancel(moved, lead)
        session.flush()
        appointments.plan_again(moved, lead)
        session.flush()
        sent = invitations()
        events = [each.walk("VEVENT")[0] for each in sent]
        assert [str(each["METHOD"]) for each in sent] == ["REQUEST", "REQUEST", "CANCEL", "REQUEST"]
        assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2, 3]
        assert len({str(event["UID"]) for event in events}) == 1
        assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED"]
        assert events[1].decoded("DTSTART") == start.replace(microsecond=0)
        assert str(events[0]["ATTENDEE"]) == "mailto:jan@voorbeeld.nl"
        mail = session.scalars(select(OutboxMail).order_by(OutboxMail.created_at)).first()
        message = _message(mail, "office@example.org")
        parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
        assert [part.get_param("method") for part in parts] == ["REQUEST", "REQUEST"]


def test_nobody_is_mailed_who_was_not_to_be(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        appointments.cancel(an_appointment(lead, persons_of(lead)[0]), lead)
        session.flush()
        assert invitations() == []


def test_conflicts_are_those_of_the_same_colleague(as_: As, lead_id: UUID) -> None:
    with as_(ANN):
        lead = session.get(Lead, lead_id)
        made = an_appointment(lead)
        start, end = made.starts_at, made.ends_at
        quarter = timedelta(minutes=15)
        assert appointments.conflicts(ANN.id, start + quarter, end + quarter) == [made]
        assert appointments.conflicts(ANN.id, start + quarter, end, made.id) == []
        assert appointments.conflicts(ANN.id, end, end + quarter) == []
        assert appointments.conflicts(MEG.id, start, end) == []
        appointments.cancel(made, lead)
        session.flush()
        assert appointments.conflicts(ANN.id, start, end) == []


def test_weeks_and_months_of_the_calendar() -> None:
    week = days.week_of(date(2026, 1, 1))
    assert (week.first, week.first.isocalendar().week) == (date(2025, 12, 29), 1)
    month = days.month_of(date(2026, 11, 21))
    assert (month.first, month.weeks, days.step(month, 1), days.step(month, -11)) == (
        date(2026, 10, 26), 6, date(2026, 12, 1), date(2025, 12, 1),
    )  # fmt: skip


@pytest.mark.parametrize(("sunday", "hours"), [(date(2026, 3, 29), 167), (date(2026, 10, 25), 169)])
def test_a_week_in_which_the_clock_changes(sunday: date, hours: int) -> None:
    week = days.week_of(sunday)
    assert (week.until.astimezone(UTC) - week.since.astimezone(UTC)).total_seconds() == hours * 3600
    ten = datetime(sunday.year, sunday.month, sunday.day, 10, tzinfo=days.OFFICE)
    block = days.block_of(None, ten.astimezone(UTC), ten.astimezone(UTC) + timedelta(hours=1), 8)
    assert (block.row, block.rows) == (9, 4)


def test_what_overlaps_stands_side_by_side() -> None:
    blocks = [days.Block("a", 1, 8), days.Block("b", 5, 8), days.Block("c", 9, 4), days.Block("d", 20, 4)]
    days.side_by_side(blocks)
    assert [(each.lane, each.lanes) for each in blocks] == [(1, 2), (2, 2), (1, 2), (1, 1)]


def test_a_task_of_a_day_is_late_the_day_after() -> None:
    midnight = days.start_of(days.today())
    task = Task(due_at=midnight)
    assert not tasks.is_late(task, midnight + timedelta(hours=20))
    assert tasks.is_late(task, midnight + timedelta(hours=30))
    assert tasks.is_late(Task(due_at=midnight + timedelta(hours=9)), midnight + timedelta(hours=10))
