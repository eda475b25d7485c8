"""From one agent to another: nobody's view is extended before they say yes, and no other way exists."""

from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from leadcrm.auth.models.people import User
from leadcrm.bulk.models import Result
from leadcrm.bulk.services.actions import Refused
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import OutOfScope
from leadcrm.distribution.models.claim import Claim
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.models.terms import HandoverState
from leadcrm.distribution.services import eligible, handing_over, in_bulk
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.services.leads import assign, delete
from leadcrm.notifications.models import News
from tests.distribution.conftest import As, Run
from tests.distribution.factories import a_profile, a_rule, switched_on
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, EVE, HOME, MEG, Person

WHY = "Mijn vakantie begint, en zij willen deze week nog tekenen."


def from_ann_to_bob(as_: As) -> tuple[UUID, UUID]:
    with as_(ANN) as ann:
        lead = a_lead()
        asked = handing_over.ask(lead, user(BOB), WHY, by=ann)
        session.flush()
        return lead.id, asked.id


def user(who: Person) -> User:
    found = eligible.colleague(HOME, who.id)
    assert found is not None
    return found


def seen() -> list[UUID]:
    return list(session.scalars(select(Lead.id)))


def test_until_it_is_accepted_the_lead_stays_with_the_giver(as_: As) -> None:
    lead, _asked = from_ann_to_bob(as_)
    with as_(ANN):
        assert seen() == [lead]
    with as_(BOB):
        assert seen() == []
        waiting = session.scalars(select(Handover)).one()
        assert (waiting.reason, waiting.state) == (WHY, HandoverState.WAITING)
        assert session.scalars(select(News.kind)).all() == ["distribution.asked"]
    with as_(MEG):
        assert session.scalars(select(Handover)).one().reference
        assert session.scalars(select(News.kind)).all() == ["distribution.asked"]


def test_of_a_lead_that_is_deleted_the_hand_over_lapses(as_: As) -> None:
    lead, asked = from_ann_to_bob(as_)
    with as_(MEG):
        delete(session.get(Lead, lead))
    with as_(BOB) as bob:
        waiting = session.get(Handover, asked)
        assert waiting.state == HandoverState.WITHDRAWN
        with pytest.raises(Invalid):
            handing_over.decline(waiting, "Nee", by=bob)


def test_accepting_makes_it_theirs_and_the_giver_sees_it_no_more(as_: As) -> None:
    lead, asked = from_ann_to_bob(as_)
    with as_(BOB) as bob:
        handing_over.accept(session.get(Handover, asked), by=bob)
        session.commit()
        assert seen() == [lead]
        with pytest.raises(Invalid):
            handing_over.accept(session.get(Handover, asked), by=bob)
    with as_(ANN):
        assert seen() == []
        assert session.scalars(select(News.kind)).all() == ["distribution.answered"]
    with as_(MEG):
        lines = session.scalars(select(AuditLine).order_by(AuditLine.seq)).all()
        assert {"distribution.hand_over_asked", "distribution.accepted"} <= {line.action for line in lines}
        [changed] = [line for line in lines if line.action == "changed" and line.subject == "leads_lead"]
        assert changed.actor_id == BOB.id and str(ANN.id) in changed.body and str(BOB.id) in changed.body
        claim = session.scalars(select(Claim).where(Claim.user_id == BOB.id)).one()
        assert claim.claimed_at and claim.by_id == ANN.id


def test_declining_leaves_it_where_it_was_and_says_why(as_: As) -> None:
    lead, asked = from_ann_to_bob(as_)
    with as_(BOB) as bob:
        handing_over.decline(session.get(Handover, asked), "Ik zit vol.", by=bob)
    with as_(BOB):
        assert seen() == []
    with as_(ANN) as ann:
        assert seen() == [lead]
        told = session.get(Handover, asked)
        assert (told.state, told.answer) == (HandoverState.DECLINED, "Ik zit vol.")
        handing_over.ask(session.get(Lead, lead), user(MEG), WHY, by=ann)  # somebody else, then


def test_nobody_but_the_receiver_accepts(as_: As) -> None:
    lead, asked = from_ann_to_bob(as_)
    for who in (ANN, MEG, EVE):
        with as_(who):
            assert session.scalar(select(func.distribution_answer(asked, True, None))) is None
    with as_(MEG):
        assert session.scalar(select(Lead.owner_id).where(Lead.id == lead)) == ANN.id


def test_who_may_only_look_accepts_nothing(as_: As, admin_url: str) -> None:
    lead, asked = from_ann_to_bob(as_)
    with psycopg.connect(admin_url) as admin:
        admin.execute("SELECT set_config('app.company', %s, true), set_config('app.user', %s, true), "
                      "set_config('app.read_only', 'on', true)", [str(HOME), str(BOB.id)])  # fmt: skip
        assert admin.execute("SELECT distribution_answer(%s, true, NULL)", [asked]).fetchone() == (None,)
        admin.execute("SELECT set_config('app.read_only', '', true)")
        assert admin.execute("SELECT distribution_answer(%s, true, NULL)", [asked]).fetchone() == (lead,)
        admin.rollback()


def test_a_hand_over_of_a_colleagues_lead_cannot_be_made_up(as_: As) -> None:
    """It would give whoever makes it up a lead that is not theirs."""
    with as_(ANN):
        lead = a_lead()
        ident, reference = lead.id, lead.reference
    forged = {"company_id": HOME, "lead_id": ident, "to_id": BOB.id, "by_id": BOB.id, "reason": "x",
              "reference": reference}  # fmt: skip
    for giver in (ANN.id, BOB.id):
        with as_(BOB):
            session.add(Handover(from_id=giver, **forged))
            with pytest.raises((OutOfScope, ProgrammingError)):
                session.flush()
            session.rollback()


def test_what_was_assigned_to_somebody_else_meanwhile_is_withdrawn(as_: As) -> None:
    lead, asked = from_ann_to_bob(as_)
    with as_(MEG) as meg:
        assign([session.get(Lead, lead)], user(MEG), by=meg)
    with as_(BOB) as bob:
        handover = session.get(Handover, asked)
        assert handover.state == HandoverState.WITHDRAWN
        with pytest.raises(Invalid):
            handing_over.accept(handover, by=bob)
        session.rollback()


def test_one_at_a_time_and_not_to_who_has_it(as_: As) -> None:
    lead, asked = from_ann_to_bob(as_)
    with as_(ANN) as ann:
        for to in (BOB, ANN):
            with pytest.raises(Invalid):
                handing_over.ask(session.get(Lead, lead), user(to), WHY, by=ann)
        handing_over.withdraw(session.get(Handover, asked))
        with pytest.raises(Invalid):
            handing_over.withdraw(session.get(Handover, asked))
        handing_over.ask(session.get(Lead, lead), user(BOB), WHY, by=ann)


def test_a_manager_hands_over_what_nobody_has(as_: As) -> None:
    with as_(MEG) as meg:
        asked = handing_over.ask(a_lead(), user(BOB), WHY, by=meg).id
    with as_(BOB) as bob:
        lead = handing_over.accept(session.get(Handover, asked), by=bob)
        assert (lead.owner_id, lead.stage) == (BOB.id, Stage.ASSIGNED)


def test_colleagues_are_of_the_company_in_use_and_able(as_: As, admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE auth_user SET active = false WHERE id = %s", [BOB.id])
    with as_(ANN):
        assert [name for _ident, name in eligible.colleagues(HOME, but=[ANN.id])] == [MEG.name]
        assert eligible.colleague(HOME, EVE.id) is None


def test_many_at_once_and_taken_back(as_: As) -> None:
    with as_(ANN):
        ids = [a_lead().id for _ in range(3)]
        arguments = in_bulk.read({"to": str(BOB.id), "reason": WHY})
        done = in_bulk.hand_over(ids[:2], arguments, ids[0])
        assert {each.result for each in done} == {Result.DONE}
        again = {each.lead_id: each.result for each in in_bulk.hand_over(ids, arguments, ids[0])}
        assert again == {ids[0]: Result.SKIPPED, ids[1]: Result.SKIPPED, ids[2]: Result.DONE}
        for wrong in ({"to": str(EVE.id)}, {"reason": ""}, {"reason": "BSN 111222333"}):
            with pytest.raises(Refused):
                in_bulk.read({"to": str(BOB.id), "reason": WHY} | wrong)
    with as_(BOB):
        assert len(session.scalars(select(Handover)).all()) == 3 and seen() == []
    with as_(ANN):
        assert len(in_bulk.withdraw({each.lead_id: each.was for each in done}, arguments, ids[0])) == 2


def test_many_left_to_the_rules(as_: As, run: Run) -> None:
    with as_(MEG):
        ids = [a_lead().id, a_lead(owner_id=BOB.id).id]
        assert {each.result for each in in_bulk.leave_to_rules(ids, {}, ids[0])} == {Result.SKIPPED}
        switched_on(), a_rule(), a_profile(ANN)
        assert [each.result for each in in_bulk.leave_to_rules(ids[:1], {}, ids[0])] == [Result.DONE]
        assert [each.result for each in in_bulk.leave_to_rules(ids[1:], {}, ids[0])] == [Result.SKIPPED]
    run("hand_out", HOME)
    with as_(ANN):
        assert seen() == ids[:1]
