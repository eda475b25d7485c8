"""Taking a lead up in time, or not: who is told, who is next, and what is left of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.distribution.models.claim import Claim, Decision, Waiting
from leadcrm.distribution.services import claiming
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.services.leads import move
from leadcrm.notifications.models import News
from tests.distribution.conftest import As, Run
from tests.distribution.factories import a_profile, a_rule, switched_on
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, HOME, MEG


def to_ann(as_: As, run: Run, minutes: int = 30, **setting: Any) -> UUID:
    """A lead that is Ann's by the rules; Bob is next."""
    with as_(MEG):
        switched_on(minutes, **setting), a_rule(), a_profile(ANN)
        ident = a_lead().id
    run("hand_out", HOME)
    with as_(MEG):
        a_profile(BOB)
    return ident


def time_is_up(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE distribution_claim SET due_at = now() - interval '1 minute'")


def claims() -> Sequence[Claim]:
    return session.scalars(select(Claim).order_by(Claim.assigned_at)).all()


def owner(ident: UUID) -> UUID | None:
    found: UUID | None = session.scalar(select(Lead.owner_id).where(Lead.id == ident))
    return found


def test_who_does_not_take_it_up_loses_it_to_the_next(as_: As, run: Run, admin_url: str) -> None:
    lead = to_ann(as_, run)
    run("every_minute")
    with as_(MEG):
        assert owner(lead) == ANN.id  # there is time still
    time_is_up(admin_url)
    run("every_minute")
    with as_(MEG):
        assert owner(lead) == BOB.id
        late, given = claims()
        assert late.user_id == ANN.id and late.handed_back_at and not late.claimed_at
        assert given.user_id == BOB.id and given.due_at == given.assigned_at + timedelta(minutes=30)
        assert len(session.scalars(select(News).where(News.kind == "distribution.handed_back")).all()) == 1
        steps: Any = session.scalars(select(Decision.steps).order_by(Decision.at.desc())).first()
        assert steps[0]["fell_off"] == {str(ANN.id): ["had_it"]}
    with as_(ANN):
        assert claims() == [] and owner(lead) is None
        assert len(session.scalars(select(News).where(News.kind == "distribution.handed_back")).all()) == 1


def test_whoever_takes_it_up_keeps_it(as_: As, run: Run, admin_url: str) -> None:
    lead = to_ann(as_, run)
    with as_(ANN):
        assert claiming.take_up_if_theirs(lead, ANN.id)
        assert not claiming.take_up_if_theirs(lead, ANN.id)
    time_is_up(admin_url)
    run("every_minute")
    with as_(MEG):
        assert owner(lead) == ANN.id


def test_moving_it_on_is_taking_it_up_but_only_by_who_has_it(as_: As, run: Run) -> None:
    lead = to_ann(as_, run)
    with as_(MEG) as meg:
        move(session.get(Lead, lead), Stage.CONTACT_SOUGHT, by=meg)
        assert claims()[0].claimed_at is None
    with as_(ANN) as ann:
        move(session.get(Lead, lead), Stage.APPOINTMENT_PLANNED, by=ann)
        assert claims()[0].claimed_at


def test_after_so_many_agents_it_waits_for_a_person(as_: As, run: Run, admin_url: str) -> None:
    lead = to_ann(as_, run, most_offers=1)
    time_is_up(admin_url)
    run("every_minute")
    run("every_minute")
    with as_(MEG):
        assert owner(lead) is None
        waiting = session.scalars(select(Waiting)).one()
        assert waiting.retry_at is None and waiting.told_at
        assert len(session.scalars(select(News).where(News.kind == "distribution.nobody_fits")).all()) == 1


def test_giving_it_back_with_a_reason(as_: As, run: Run) -> None:
    lead = to_ann(as_, run)
    with as_(ANN):
        claim = claiming.decline(lead, ANN.id, "Ik ken deze mensen.").id
        with pytest.raises(Invalid):
            claiming.decline(lead, ANN.id, "Nog eens")
    run("take_back", HOME, claim)
    with as_(MEG):
        assert owner(lead) == BOB.id
        assert claims()[0].decline_reason == "Ik ken deze mensen."
    run("take_back", HOME, claim)  # a job that runs twice
    with as_(MEG):
        assert owner(lead) == BOB.id
    with as_(BOB):
        assert [each.decline_reason for each in claims()] == [None]  # what a colleague said of it is not theirs


def test_what_a_colleague_gave_is_not_given_back_to_the_rules(as_: As) -> None:
    with as_(MEG):
        lead = a_lead(owner_id=ANN.id).id
    with as_(ANN), pytest.raises(Invalid):
        claiming.decline(lead, ANN.id, "Liever niet")


def test_what_a_manager_gave_to_another_is_not_taken_back(as_: As, run: Run, admin_url: str) -> None:
    lead = to_ann(as_, run)
    with psycopg.connect(admin_url, autocommit=True) as admin:  # by a way that tells nobody
        admin.execute("UPDATE leads_lead SET owner_id = %s WHERE id = %s", [MEG.id, lead])
    time_is_up(admin_url)
    run("every_minute")
    with as_(MEG):
        assert owner(lead) == MEG.id
        assert claims()[0].withdrawn_at
