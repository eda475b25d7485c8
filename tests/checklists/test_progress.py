"""The figure in the list of leads follows whatever changes it, and costs nothing when nobody looks."""

from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, select

from leadcrm.checklists import jobs
from leadcrm.checklists.models.terms import Mark
from leadcrm.checklists.services import deciding, progress
from leadcrm.checklists.services.items import wanted
from leadcrm.core.db import database, session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import Employment
from leadcrm.leads.services import sections
from tests.checklists.conftest import As
from tests.checklists.factories import a_document
from tests.leads.factories import a_lead
from tests.people import ANN, BOB, MEG


def figures(lead_id: Any) -> Any:
    return session.execute(select(Lead.papers_have, Lead.papers_need).where(Lead.id == lead_id)).one()


def waiting(admin_url: str) -> int:
    with psycopg.connect(admin_url) as admin:
        row = admin.execute(
            "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE task_name = 'checklists.jobs.refresh'"
        ).fetchone()
        return int(row[0]) if row else 0


def forget_jobs(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET search_path = procrastinate")
        admin.execute("DELETE FROM procrastinate_jobs")


def test_the_job_keeps_the_figure_and_touches_nothing_else(as_: As, worker_app: Flask) -> None:
    with as_(ANN):
        lead = a_lead()
        a_document(lead, DocumentKind.IDENTITY)
        session.flush()
        ident, stamp = lead.id, lead.updated_at
    with worker_app.app_context(), viewing_as(Everything("as the job")):
        jobs.refresh(str(ident))
        session.commit()
    with as_(ANN):
        assert tuple(figures(ident)) == (1, 4)
        assert session.scalar(select(Lead.updated_at).where(Lead.id == ident)) == stamp


def test_many_leads_cost_as_many_statements_as_one(as_: As) -> None:
    with as_(ANN):
        ids = [a_lead().id for _each in range(6)]
        session.commit()
        asked: list[str] = []
        listening = database().engine
        event.listen(listening, "before_cursor_execute", lambda *args: asked.append(args[2]))
        progress.keep(ids[:1])
        one = len([each for each in asked if "FROM" in each])
        asked.clear()
        progress.keep(ids[1:])
        many = len([each for each in asked if "FROM" in each])
    assert one == many <= 14


def test_what_decides_defers_a_refresh_and_nothing_else_does(as_: As, admin_url: str) -> None:
    with as_(ANN):
        lead = a_lead().id
        jan = session.scalars(select(Person.id).where(Person.lead_id == lead)).one()
    assert waiting(admin_url) == 1  # a new household
    forget_jobs(admin_url)
    with as_(ANN):
        person = session.get(Person, jan)
        person.phone, person.city = "+31612345678", "Zwolle"
    assert waiting(admin_url) == 0
    changes = (
        lambda row: sections.add(row, Income, "income", {"employment": Employment.PERMANENT}, person_id=jan),
        lambda row: setattr(row, "goal", "remortgage"),
        lambda row: a_document(row, DocumentKind.IDENTITY),
        lambda row: deciding.say(row, wanted(row)[0], Mark.CHECKED),
        lambda row: setattr(session.get(Person, jan), "marital_status", "divorced"),
    )
    for change in changes:
        with as_(ANN):
            change(session.get(Lead, lead))
        assert waiting(admin_url) == 1
        forget_jobs(admin_url)


def test_a_rollback_forgets_that_it_was_noted(as_: As, admin_url: str) -> None:
    with as_(ANN):
        lead = a_lead().id
    forget_jobs(admin_url)
    with as_(ANN):
        a_document(session.get(Lead, lead), DocumentKind.IDENTITY)
        session.rollback()
        assert waiting(admin_url) == 0
        a_document(session.get(Lead, lead), DocumentKind.IDENTITY)
    assert waiting(admin_url) == 1


def test_a_night_looks_after_imported_leads(as_: As, worker_app: Flask) -> None:
    with as_(ANN):
        lead = a_lead().id
        assert tuple(figures(lead)) == (None, None)
    with worker_app.app_context(), viewing_as(Everything("as the job")):
        jobs.refresh_at_night()
        session.commit()
    with as_(ANN):
        assert tuple(figures(lead)) == (0, 4)


@pytest.mark.parametrize("column", ["papers", "stage"])
def test_the_list_asks_no_statement_more(as_: As, client_as: Any, column: str) -> None:
    with as_(ANN):
        lead = a_lead()
        progress.keep([lead.id])
    browser = client_as(ANN)
    browser.get("/leads/")
    asked: list[str] = []
    with browser.application.app_context():
        listening = database().engine
    event.listen(listening, "before_cursor_execute", lambda *args: asked.append(args[2]))
    usual = browser.get("/leads/")
    without = len(asked)
    asked.clear()
    page = browser.get(f"/leads/?column=goal&column={column}")
    assert len(asked) == without and usual.status_code == page.status_code == 200
    assert ("0/4" in page.text) == (column == "papers")
    assert any("papers_have" in each for each in asked) == (column == "papers")


def test_only_ones_own(as_: As) -> None:
    with as_(ANN):
        lead = a_lead().id
    with as_(BOB):
        assert progress.keep([lead]) == 0
    with as_(MEG):
        assert progress.keep([lead]) == 1
