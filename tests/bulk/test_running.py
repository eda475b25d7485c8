"""A batch at work: chunk by chunk, never twice, stopped, taken back, as far as it is still theirs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import ProgrammingError

from leadcrm.bulk import jobs
from leadcrm.bulk.models import Batch, Chunk, Item, Result, State
from leadcrm.bulk.services import actions, batches, running
from leadcrm.bulk.services.actions import Action, Arguments, Outcome
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import database, now, session
from leadcrm.core.jobs import checkpoint, run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.scope import Everything, OutOfScope, signed_in_viewer, viewing_as
from leadcrm.leads.events import leads_assigned
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.permissions import Leads as Rights
from leadcrm.leads.services import many
from tests.attempts import attempts, disabled, no_answer
from tests.bulk.conftest import As, Leads, Work
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, MEG


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)


def begun(ids: list[UUID], action: str = "assign", **arguments: Any) -> UUID:
    known = actions.known(action)
    assert known is not None
    batch = batches.begin(known, arguments or {"owner": str(BOB.id)}, len(ids))
    batches.gather(batch, many.references(ids).items())
    ident = batch.id
    checkpoint()
    return ident


def nothing_listed(_batch: Batch) -> Iterator[Any]:
    return iter(())


def the(ident: UUID) -> Batch:
    batch = session.get(Batch, ident)
    assert isinstance(batch, Batch)
    return batch


def owners() -> dict[UUID, UUID | None]:
    return dict(session.execute(select(Lead.id, Lead.owner_id)).all())  # type: ignore[arg-type]  # pairs


class Killed(BaseException):
    """Nothing catches this, as nothing catches kill -9."""


@pytest.fixture
def killing() -> Iterator[Any]:
    """An action that dies once, after it did its work and before the chunk was kept."""
    left = [2]

    def apply(ids: list[UUID], arguments: Arguments, batch: UUID) -> list[Outcome]:
        done = [Outcome(each.lead_id) for each in many.assign(ids, BOB.id, batch, signed_in_viewer())]
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return done

    actions.register(Action("kill", "Kill", Rights.VIEW, apply, lambda *_: "", lambda *_: ""))
    yield
    del actions._actions["kill"]


def test_a_worker_that_is_killed_loses_nothing_and_repeats_nothing(
    as_: As, some_leads: Leads, killing: None
) -> None:
    ids = some_leads(ANN, 6)
    with as_(MEG):
        ident = begun(ids, "kill")
        with pytest.raises(Killed):
            running.run(ident, nothing_listed)
        session.rollback()
        assert batches.figures_of(the(ident)).done == 2
        assert list(owners().values()).count(BOB.id) == 2
    with as_(MEG):
        running.run(ident, nothing_listed)
        checkpoint()
        each = select(Entry.lead_id, func.count()).where(Entry.batch_id == ident)
        told = session.execute(each.group_by(Entry.lead_id))
        assert {row[0]: row[1] for row in told} == dict.fromkeys(ids, 1)
        assert the(ident).state == State.DONE
        assert sorted(session.scalars(select(Item.number))) == list(range(6))


@pytest.mark.parametrize("how", ["run", "undo"])
def test_a_database_that_never_answers_is_told_in_the_end(
    as_: As, some_leads: Leads, worker_app: Flask, urls: Urls, admin_url: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    ids = some_leads(ANN, 2)
    monkeypatch.setattr(running, how, no_answer)
    with as_(MEG):
        ident = begun(ids)
        the(ident).state = State.RUNNING if how == "run" else State.UNDOING
        {"run": jobs.defer_run, "undo": jobs.defer_undo}[how](the(ident))
    assert attempts(worker_app, urls, admin_url) == 4
    with as_(MEG):
        assert the(ident).state == State.FAILED and "vastgelegd" in (the(ident).problem or "")


@pytest.mark.parametrize("how", ["run", "undo"])
def test_it_ends_when_whoever_began_it_was_disabled(
    as_: As, some_leads: Leads, worker_app: Flask, urls: Urls, admin_url: str, how: str
) -> None:
    ids = some_leads(ANN, 2)
    with as_(ANN):
        ident = begun(ids, "stage", stage="contact_sought", stage_reason=None, return_reason=None)
        the(ident).state = State.RUNNING if how == "run" else State.UNDOING
        {"run": jobs.defer_run, "undo": jobs.defer_undo}[how](the(ident))
    with disabled(ANN, admin_url):
        run_worker(worker_app, urls.worker, wait=False)
    with as_(MEG):
        assert the(ident).state == State.FAILED and "kan niet meer inloggen" in (the(ident).problem or "")


def test_leads_that_are_gone_by_then_are_told_and_left_alone(as_: As, some_leads: Leads) -> None:
    ids = some_leads(ANN, 3)
    with as_(ANN):
        ident = begun(ids, "stage", stage="contact_sought", stage_reason=None, return_reason=None)
    with as_(MEG):
        many.assign([ids[0]], BOB.id, ident, signed_in_viewer())
        session.get(Lead, ids[1]).deleted_at = now()
    with as_(ANN):
        running.run(ident, nothing_listed)
        checkpoint()
        results = dict(session.execute(select(Item.lead_id, Item.result)).all())  # type: ignore[arg-type]  # pairs
        assert results == {ids[0]: Result.GONE, ids[1]: Result.GONE, ids[2]: Result.DONE}
        assert all(session.scalars(select(Item.reference)))
    with as_(MEG):
        stages = dict(session.execute(select(Lead.id, Lead.stage)).all())  # type: ignore[arg-type]  # pairs
        assert stages[ids[0]] == Stage.ASSIGNED


def test_one_that_is_stopped_goes_no_further_and_can_go_on(as_: As, some_leads: Leads) -> None:
    ids = some_leads(ANN, 6)
    with as_(MEG):
        ident = begun(ids)
        the(ident).state = State.RUNNING
        running._next(ident, actions._actions["assign"])
        batches.stop(the(ident))
        checkpoint()
        running.run(ident, nothing_listed)
        assert batches.figures_of(the(ident)).done == 2 and the(ident).state == State.CANCELLED
        batches.go_on(the(ident))
        running.run(ident, nothing_listed)
        assert batches.figures_of(the(ident)).done == 6 and the(ident).state == State.DONE


def test_a_chunk_that_is_done_is_not_done_again(as_: As, some_leads: Leads) -> None:
    ids = some_leads(ANN, 6)
    with as_(MEG):
        ident = begun(ids)
        the(ident).state = State.RUNNING
        went_on = [running._next(ident, actions._actions["assign"]) for _turn in range(4)]
        assert went_on == [True, True, True, False] and batches.figures_of(the(ident)).done == 6


def test_undoing_leaves_what_somebody_worked_on(as_: As, some_leads: Leads) -> None:
    ids = some_leads(ANN, 4)
    with as_(MEG):
        ident = begun(ids)
        running.run(ident, nothing_listed)
        many.assign([ids[0]], None, ident, signed_in_viewer())
        checkpoint()
        batches.begin_undo(the(ident), actions.known("assign"))
        running.undo(ident)
        checkpoint()
        assert owners() == {ids[0]: None} | dict.fromkeys(ids[1:], ANN.id)
        figures = batches.figures_of(the(ident))
        assert (figures.of(Result.UNDONE), figures.of(Result.KEPT), figures.of(Result.DONE)) == (3, 1, 0)
        assert session.scalars(select(Item.reason).where(Item.result == Result.KEPT)).one()


def test_new_leads_begin_and_go_back_to_new(as_: As) -> None:
    with as_(MEG) as meg:
        ids = [a_lead().id for _number in range(3)]
        ident = begun(ids)
        running.run(ident, nothing_listed)
        assert set(session.scalars(select(Lead.stage))) == {Stage.ASSIGNED}
        batches.begin_undo(the(ident), actions.known("assign"))
        running.undo(ident)
        assert set(session.execute(select(Lead.stage, Lead.owner_id)).all()) == {(Stage.NEW, None)}
        assert meg


def test_a_stage_goes_back_with_all_that_belongs_to_it(as_: As, some_leads: Leads) -> None:
    ids = some_leads(ANN, 2)
    with as_(ANN):
        before = session.execute(select(Lead.stage, Lead.stage_since, Lead.contact_attempts).order_by(Lead.id)).all()
        ident = begun(ids, "stage", stage="contact_sought", stage_reason=None, return_reason=None)
        running.run(ident, nothing_listed)
        assert set(session.scalars(select(Lead.contact_attempts))) == {1}
        batches.begin_undo(the(ident), actions.known("stage"))
        running.undo(ident)
        after = session.execute(select(Lead.stage, Lead.stage_since, Lead.contact_attempts).order_by(Lead.id)).all()
        assert after == before


def test_what_was_removed_comes_back_and_what_was_removed_again_does_not(as_: As, some_leads: Leads) -> None:
    ids = some_leads(ANN, 3)
    with as_(MEG):
        ident = begun(ids, "delete", none=None)
        running.run(ident, nothing_listed)
        assert many.references(ids) == {}
        session.get(Lead, ids[0]).deleted_at = now()
        checkpoint()
        batches.begin_undo(the(ident), actions.known("delete"))
        running.undo(ident)
        assert set(many.references(ids)) == set(ids[1:])


def test_listeners_hear_of_many_at_once(as_: As, some_leads: Leads) -> None:
    ids, heard = some_leads(ANN, 4), []
    with as_(MEG) as meg, leads_assigned.connected_to(lambda _batch, moves, by: heard.append((len(moves), by))):
        ident = begun(ids)
        running.run(ident, nothing_listed)
        assert heard == [(2, meg), (2, meg)]


def test_who_lost_the_right_since_does_nothing(as_: As, some_leads: Leads, work: Work) -> None:
    ids = some_leads(ANN, 2)
    with as_(ANN):
        ident = begun(ids)  # as if she had the right when she asked
        jobs.defer_run(the(ident))
    work()
    with as_(ANN):
        batch = the(ident)
        assert batch.state == State.FAILED and "mag dit niet meer" in (batch.problem or "")
        assert set(owners().values()) == {ANN.id}


def test_many_leads_stay_within_reach(as_: As, some_leads: Leads) -> None:
    """What the flush refuses for one lead is refused for many: giving away what one will not see any more."""
    ids = some_leads(ANN, 2)
    with as_(ANN), pytest.raises((OutOfScope, ProgrammingError)):
        many.assign(ids, BOB.id, ids[0], signed_in_viewer())
    with as_(MEG):
        assert set(owners().values()) == {ANN.id}


def test_old_batches_are_forgotten(as_: As, some_leads: Leads, worker_app: Flask) -> None:
    ids = some_leads(ANN, 2)
    with as_(MEG):
        begun(ids)
        session.execute(update(Batch).values(created_at=now() - timedelta(days=jobs.KEPT_DAYS + 1)))
    with worker_app.app_context(), viewing_as(Everything("a test")):
        while jobs.forget_old():
            session.commit()
    with as_(MEG):
        assert [session.scalar(select(func.count()).select_from(each)) for each in (Batch, Chunk)] == [0, 0]


def test_ten_times_as_many_take_few_more_statements(as_: As, some_leads: Leads, monkeypatch: Any) -> None:
    """Set by set: what is asked of the database grows with the chunks, not with the leads."""
    monkeypatch.setattr(batches, "CHUNK", 500)
    asked = [_statements(as_, some_leads(ANN, number)) for number in (2, 20)]
    assert asked[1] <= asked[0] + 2, asked


def _statements(as_: As, ids: list[UUID]) -> int:
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        said.append(text)

    with as_(MEG):
        ident = begun(ids)
        event.listen(database().engine, "before_cursor_execute", listen)
        running.run(ident, nothing_listed)
        event.remove(database().engine, "before_cursor_execute", listen)
    return len(said)


def test_every_lead_has_its_line(as_: As, some_leads: Leads) -> None:
    ids = some_leads(ANN, 3)
    with as_(MEG):
        running.run(begun(ids), nothing_listed)
        changed = AuditLine.subject == "leads_lead", AuditLine.action == "changed"
        found = session.execute(select(AuditLine.row_id, AuditLine.body).where(*changed)).all()
        assert {line.row_id for line in found} == set(ids)
        assert all(str(ANN.id) in line.body and str(BOB.id) in line.body for line in found)
