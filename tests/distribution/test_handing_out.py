"""Leads handed out by the rules of a company: to whom, to whom never, and what is written down of it."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.auth.models.people import Grant, User
from leadcrm.core import jobs as core_jobs
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import session
from leadcrm.core.jobs import run_worker
from leadcrm.core.postgres.urls import Urls
from leadcrm.distribution.models.claim import Claim, Decision, Waiting
from leadcrm.distribution.models.rule import Rule, Turn
from leadcrm.distribution.models.terms import Method
from leadcrm.distribution.services import eligible, handing_out, setting_up
from leadcrm.distribution.services.confined import confined_to
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.services.leads import assign
from leadcrm.notifications.models import News
from tests.distribution.conftest import As, Run
from tests.distribution.factories import a_profile, a_rule, switched_on
from tests.leads.factories import JAN, a_lead
from tests.people import ANN, BOB, ELSEWHERE, EVE, HOME, MEG, Person


def owners() -> list[Any]:
    return list(session.scalars(select(Lead.owner_id).order_by(Lead.reference)))


def test_a_new_lead_goes_to_an_agent_by_the_queue(as_: As, worker_app: Flask, urls: Urls) -> None:
    with as_(MEG):
        switched_on(minutes=60), a_rule(), a_profile(ANN), a_profile(BOB)
        ids = [a_lead().id for _ in range(4)]
    run_worker(worker_app, urls.worker, wait=False)
    with as_(MEG):
        assert sorted(map(str, owners())) == sorted(map(str, [ANN.id, BOB.id] * 2))
        assert set(session.scalars(select(Lead.stage))) == {Stage.ASSIGNED}
        claims = session.scalars(select(Claim)).all()
        assert {claim.lead_id for claim in claims} == set(ids) and all(claim.due_at for claim in claims)
        assert session.scalars(select(Waiting)).all() == []
        assert sorted(turn.number for turn in session.scalars(select(Turn))) == [3, 4]
        actions = list(session.scalars(select(AuditLine.action)))
        assert actions.count("distribution.assigned") == 4
    with as_(ANN):
        assert len(owners()) == 2
        assert len(session.scalars(select(Claim)).all()) == 2  # a colleague's are not theirs
        news = session.scalars(select(News).where(News.kind == "distribution.assigned")).all()
        assert len(news) == 2 and "Pak hem op" in news[0].nl


def test_why_is_kept_for_the_manager_and_for_nobody_else(as_: As, run: Run) -> None:
    with as_(MEG):
        switched_on(), a_rule("Regio", traits=["region"])
        a_profile(ANN, regions="1000-1999"), a_profile(BOB, regions="9000-9999")
        lead = a_lead(JAN).id
    run("hand_out", HOME)
    with as_(MEG):
        decision = session.scalars(select(Decision)).one()
        assert (decision.lead_id, decision.user_id, decision.among) == (lead, ANN.id, [ANN.id])
        [step] = decision.steps
        assert step["name"] == "Regio" and step["fell_off"] == {str(BOB.id): ["other_region"]}
        a_lead({"birth_name": "Zonder", "postcode": "5000 AA"})
    run("hand_out", HOME)
    with as_(ANN):
        assert session.scalars(select(Decision)).all() == []
    with as_(MEG):
        nobody = session.scalars(select(Decision).where(Decision.user_id.is_(None))).one()
        assert nobody.steps[0]["fell_off"].keys() == {str(ANN.id), str(BOB.id)}


def test_a_lead_with_an_owner_or_without_rules_is_left_alone(as_: As, run: Run) -> None:
    with as_(MEG):
        a_profile(ANN), a_rule()
        a_lead(), a_lead(owner_id=BOB.id)
        assert session.scalars(select(Waiting)).all() == []
    run("hand_out", HOME)
    with as_(MEG):
        assert owners() == [None, BOB.id]
        switched_on()
    run("every_minute")
    with as_(MEG):
        assert owners() == [None, BOB.id]  # what was there before is not swept up


@pytest.mark.parametrize("fate", ["inactive", "not joined", "ended", "auditor", "elsewhere", "no profile"])
def test_nobody_gets_a_lead_who_may_not_have_one(as_: As, run: Run, admin_url: str, fate: str) -> None:
    with as_(MEG):
        switched_on(), a_rule()
        if fate != "no profile":
            a_profile(BOB)
        a_lead()
    statement = {
        "inactive": "UPDATE auth_user SET active = false WHERE id = %(bob)s",
        "not joined": "UPDATE auth_user SET joined_at = NULL WHERE id = %(bob)s",
        "ended": "UPDATE auth_user SET ends_on = current_date - 1 WHERE id = %(bob)s",
        "auditor": "UPDATE auth_user SET role = 'auditor', starts_on = current_date, ends_on = current_date + 9 "
        "WHERE id = %(bob)s",
        "elsewhere": "UPDATE distribution_rule SET agent_ids = ARRAY[%(eve)s::uuid]",
        "no profile": "SELECT 1",
    }[fate]
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(statement, {"bob": BOB.id, "eve": EVE.id})
    run("hand_out", HOME)
    with as_(MEG):
        assert owners() == [None]


def test_a_manager_gets_leads_only_with_a_profile_and_an_agent_with_a_grant_for_now(as_: As, run: Run) -> None:
    with as_(MEG):
        switched_on(), a_rule(), a_profile(MEG)
        a_lead()
    run("hand_out", HOME)
    with as_(MEG):
        assert owners() == [MEG.id]


def test_the_job_is_confined_to_one_company(as_: As, worker_app: Flask) -> None:
    with as_(EVE):
        a_lead()
    with worker_app.app_context(), confined_to(HOME) as viewer:
        assert session.scalars(select(Lead)).all() == []
        assert session.execute(select(Grant)).all() == []
        assert not viewer.permissions and viewer.user_id is None
    with worker_app.app_context(), confined_to(ELSEWHERE):
        assert len(session.scalars(select(Lead)).all()) == 1


def test_rules_of_one_company_never_touch_another(as_: As, run: Run) -> None:
    with as_(MEG):
        switched_on(), a_rule(), a_profile(ANN)
        a_lead()
    run("hand_out", ELSEWHERE)
    with as_(MEG):
        assert owners() == [None]


def test_capacity_of_a_day_and_of_open_leads(as_: As, run: Run) -> None:
    with as_(MEG):
        switched_on(), a_rule(), a_profile(ANN, per_day=2), a_profile(BOB, open_most=1)
        for _ in range(5):
            a_lead()
    run("hand_out", HOME)
    with as_(MEG):
        assert sorted(str(each) for each in owners()) == sorted(map(str, [ANN.id, ANN.id, BOB.id, None, None]))
        waiting = session.scalars(select(Waiting)).all()
        assert len(waiting) == 2 and all(each.retry_at for each in waiting)
        told = session.scalars(select(News)).all()
        assert [each.nl for each in told] == ["Voor 2 leads past niemand. Ze wachten op u."]
        setting_up.save_profile(setting_up.profile_of(_user(BOB)), {"open_most": None})
    run("hand_out", HOME)
    with as_(MEG):
        assert None not in owners()  # somebody fits now, so the rules looked again


def _user(who: Person) -> Any:
    return session.get(User, who.id)


def test_least_busy_counts_open_leads_only(as_: As, run: Run) -> None:
    with as_(MEG):
        switched_on(), a_rule(how=Method.LEAST_BUSY), a_profile(ANN), a_profile(BOB)
        a_lead(owner_id=ANN.id)
        for _ in range(3):
            a_lead(owner_id=BOB.id, stage=Stage.PAID_OUT)
        ident = a_lead().id
    run("hand_out", HOME)
    with as_(MEG):
        assert session.get(Lead, ident).owner_id == BOB.id


def test_what_an_import_brought_is_found_within_the_minute(as_: As, run: Run) -> None:
    with as_(MEG):
        switched_on(), a_rule(), a_profile(ANN)
        session.add(Lead(company_id=HOME, reference="2026-90001", household_name="Uit een bestand"))
    run("every_minute")
    with as_(MEG):
        assert owners() == [ANN.id]


def test_what_a_manager_assigns_meanwhile_stays_theirs(as_: As, run: Run) -> None:
    with as_(MEG) as meg:
        switched_on(), a_rule(), a_profile(ANN)
        assign([a_lead()], _user(BOB), by=meg)
    run("hand_out", HOME)
    with as_(MEG):
        assert owners() == [BOB.id] and session.scalars(select(Decision)).all() == []
        claim = session.scalars(select(Claim)).one()
        assert (claim.user_id, claim.by_id, claim.rule_id, claim.due_at) == (BOB.id, MEG.id, None, None)


def test_workers_at_once_share_fairly_and_give_nothing_twice(
    as_: As, worker_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the lock they read the same turns: then one of the two gets more, or a turn is numbered twice."""
    monkeypatch.setattr(handing_out, "CHUNK", 2)
    with as_(MEG):
        switched_on(), a_rule(), a_profile(ANN), a_profile(BOB)
        for _ in range(24):
            a_lead()
    job = next(each for each in core_jobs.declared() if each.name == "distribution.jobs.hand_out")
    barrier, problems = Barrier(3), []

    def work() -> None:
        barrier.wait()
        try:
            core_jobs.run(worker_app, job, None, None, [str(HOME)])
        except Exception as problem:  # of a thread: told below
            problems.append(problem)

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with as_(MEG):
        given = owners()
        assert given.count(ANN.id) == given.count(BOB.id) == 12
        turns = {turn.user_id: (turn.number, turn.served) for turn in session.scalars(select(Turn))}
        assert sorted(turns.values()) == [(23, 12), (24, 12)]
        assert len(session.scalars(select(Claim)).all()) == 24


def test_a_second_claim_of_one_lead_cannot_be(as_: As) -> None:
    with as_(MEG):
        lead = a_lead(owner_id=ANN.id)
        session.add(Claim(company_id=HOME, lead_id=lead.id, user_id=ANN.id))
        session.flush()
        session.add(Claim(company_id=HOME, lead_id=lead.id, user_id=BOB.id))
        with pytest.raises(Exception, match="uq_distribution_claim_under_way"):
            session.flush()
        session.rollback()


def test_removed_and_switched_off_rules_decide_nothing(as_: As, run: Run) -> None:
    with as_(MEG):
        switched_on(), a_profile(ANN)
        rule = a_rule("Weg")
        ident = rule.id
        a_rule("Uit", active=False)
        setting_up.remove_rule(rule)
        a_lead()
    run("hand_out", HOME)
    with as_(MEG):
        assert owners() == [None]
        setting_up.put_back_rule(session.get(Rule, ident))
        assert [each.name for each in setting_up.all_rules(HOME)] == ["Uit", "Weg"]
    run("hand_out", HOME)
    with as_(MEG):
        assert owners() == [ANN.id]




def test_without_the_right_nobody_gets_a_lead(as_: As, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The role gives it; somebody of a role that does not needs a grant, for as long as that lasts."""
    monkeypatch.setattr(eligible, "permissions_of", lambda _role: frozenset())
    with as_(MEG):
        switched_on(), a_rule(), a_profile(ANN), a_profile(BOB)
        a_lead()
        ended = {"ends_on": date.today() - timedelta(days=1)}
        session.add(Grant(company_id=HOME, user_id=BOB.id, permission="distribution.receive", **ended))
    run("hand_out", HOME)
    with as_(MEG):
        assert owners() == [None]
        session.add(Grant(company_id=HOME, user_id=ANN.id, permission="distribution.receive"))
        setting_up.look_again(HOME)
    run("hand_out", HOME)
    with as_(MEG):
        assert owners() == [ANN.id]
