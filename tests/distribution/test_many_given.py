"""Many leads assigned at once: everything follows that follows from assigning one."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from leadcrm.bulk.models import Batch, State
from leadcrm.bulk.services import actions, batches, running
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import database, session
from leadcrm.core.jobs import checkpoint
from leadcrm.core.scope import signed_in_viewer
from leadcrm.distribution.models.claim import Claim
from leadcrm.leads.services import leads, many
from leadcrm.notifications.models import News
from tests.distribution.conftest import As
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, MEG
from tests.people import Person as Someone

Leads = Callable[[Someone, int], list[UUID]]


@pytest.fixture
def of(as_: As) -> Leads:
    def made(owner: Someone, number: int) -> list[UUID]:
        with as_(owner):
            return [a_lead().id for _number in range(number)]

    return made


@pytest.fixture
def given(as_: As, monkeypatch: pytest.MonkeyPatch) -> Callable[..., UUID]:
    """Meg assigns these, two in a chunk."""
    monkeypatch.setattr(batches, "CHUNK", 2)

    def assign(ids: list[UUID], to: Someone) -> UUID:
        with as_(MEG):
            batch = batches.begin(_assign(), {"owner": str(to.id)}, len(ids))
            batches.gather(batch, ((ident, f"L-{number}") for number, ident in enumerate(ids)))
            ident = batch.id
            checkpoint()
            running.run(ident, lambda _batch: iter(()))
            return ident

    return assign


def _assign() -> actions.Action:
    found = actions.known("assign")
    assert found is not None
    return found


def _undo(as_: As, ident: UUID) -> None:
    with as_(MEG):
        batches.begin_undo(session.get(Batch, ident), _assign())
        checkpoint()
        running.undo(ident)


def news_of(as_: As, who: Someone) -> list[str]:
    with as_(who):
        return [row.nl for row in session.scalars(select(News).where(News.kind == "distribution.given"))]


def claims(as_: As) -> list[tuple[UUID, UUID, UUID | None, bool]]:
    """Whose lead it is now, whom it was given, by whom, and whether that is still so."""
    with as_(MEG):
        rows = session.scalars(select(Claim).order_by(Claim.assigned_at, Claim.id)).all()
        return [(row.lead_id, row.user_id, row.by_id, row.withdrawn_at is None) for row in rows]


def audited(as_: As, subject: str) -> list[str]:
    with as_(MEG):
        lines = session.scalars(select(AuditLine).where(AuditLine.subject == subject).order_by(AuditLine.seq)).all()
        return [f"{line.action} {json.loads(line.body)['details']}" for line in lines]


def test_claims_and_audit_are_those_of_one_by_one(as_: As, of: Leads, given: Callable[..., UUID]) -> None:
    first, second = of(ANN, 2), of(ANN, 2)
    with as_(MEG):
        for ident in first:
            leads.assign([session.get(leads.Lead, ident)], session.get(leads.User, BOB.id), signed_in_viewer())
    one_by_one, lines = claims(as_), audited(as_, "distribution_claim")
    given(second, BOB)
    together = claims(as_)[2:]
    assert {row[0] for row in together} == set(second)
    assert {row[1:] for row in together} == {row[1:] for row in one_by_one} == {(BOB.id, MEG.id, True)}
    more = audited(as_, "distribution_claim")[2:]
    assert sorted(more) == sorted(lines) and len(more) == 2


def test_who_gets_many_is_told_once(as_: As, of: Leads, given: Callable[..., UUID]) -> None:
    given(of(ANN, 5), BOB)
    assert news_of(as_, BOB) == ["5 leads zijn aan u gegeven."]
    with as_(BOB):
        assert session.scalars(select(News.times).where(News.kind == "distribution.given")).all() == [1]
    assert news_of(as_, ANN) == [] and news_of(as_, MEG) == []


def test_nobody_is_told_of_what_they_had_or_gave_themselves(as_: As, of: Leads, given: Callable[..., UUID]) -> None:
    mine = of(ANN, 2)
    given(mine, ANN)
    given(of(BOB, 2), MEG)
    assert news_of(as_, ANN) == [] and news_of(as_, MEG) == [] and claims(as_) == []


def test_undone_it_is_the_former_owners_again(as_: As, of: Leads, given: Callable[..., UUID]) -> None:
    anns, megs = of(ANN, 3), of(MEG, 1)
    ident = given([*anns, *megs], BOB)
    assert sum(still for *_claim, still in claims(as_)) == 4
    _undo(as_, ident)
    still = [(lead, who) for lead, who, _by, stands in claims(as_) if stands]
    assert sorted(still) == sorted((lead, ANN.id) for lead in anns)
    assert news_of(as_, ANN) == ["3 leads zijn aan u gegeven."]
    with as_(MEG):
        assert session.get(Batch, ident).state == State.UNDONE


def test_a_claim_under_way_lapses_when_the_lead_goes_on(as_: As, of: Leads, given: Callable[..., UUID]) -> None:
    ids = of(ANN, 3)
    given(ids, BOB)
    given(ids, ANN)
    assert [stands for *_claim, stands in claims(as_)] == [False] * 3 + [True] * 3
    lapsed = [line for line in audited(as_, "distribution_claim") if line.startswith("changed")]
    assert len(lapsed) == 3 and all("withdrawn_at" in line for line in lapsed)


def test_a_stopped_assignment_tells_what_was_given(as_: As, of: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    ids = of(ANN, 4)
    with as_(MEG):
        batch = batches.begin(_assign(), {"owner": str(BOB.id)}, len(ids))
        batches.gather(batch, ((ident, f"L-{number}") for number, ident in enumerate(ids)))
        batch.state = State.RUNNING
        session.flush()
        running._next(batch.id, _assign())
        batches.stop(batch)
    assert news_of(as_, BOB) == ["2 leads zijn aan u gegeven."]


def test_the_number_of_statements_does_not_grow_with_the_leads(as_: As, of: Leads) -> None:
    few, several = of(ANN, 2), of(ANN, 22)
    asked: list[int] = []
    for ids in (few, several):
        with as_(MEG):
            seen: list[str] = []
            engine = database().engine
            event.listen(engine, "before_cursor_execute", listening := lambda *told, seen=seen: seen.append(told[2]))
            many.assign(ids, BOB.id, ids[0], signed_in_viewer())
            session.flush()
            event.remove(engine, "before_cursor_execute", listening)
            assert session.scalar(select(func.count()).select_from(Claim).where(Claim.lead_id.in_(ids))) == len(ids)
        asked.append(len(seen))
    assert asked[0] == asked[1], asked
