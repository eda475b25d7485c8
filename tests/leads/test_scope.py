"""Who sees which rows of a household, in every table that belongs to a lead, through each wall alone."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from leadcrm.checklists.models.terms import Mark
from leadcrm.checklists.services import deciding, reminding
from leadcrm.checklists.services.items import wanted
from leadcrm.core.db import CrmSession, now, session
from leadcrm.core.fields.facts import facts_of
from leadcrm.core.scope import Scoped, scoped_models, viewing_as
from leadcrm.distribution.models.claim import Claim
from leadcrm.distribution.models.handover import Handover
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.call import Call
from leadcrm.followup.models.task import Task
from leadcrm.followup.models.terms import CallOutcome
from leadcrm.leads.models import of_lead
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.of_lead import OfLead
from leadcrm.leads.models.source import OfCompany, Source
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.services import bringing_back
from leadcrm.merging.models import Merge
from leadcrm.pipelines.models.move import Move
from leadcrm.tags.models import Put, Tag
from tests.checklists.factories import an_extra
from tests.collecting.factories import a_link
from tests.documents.factories import a_document, an_upload
from tests.leads.conftest import As
from tests.leads.factories import a_full_lead, where_from
from tests.people import ADA, ANN, BOB, EVE, MEG
from tests.shelf import Shelf
from tests.together import together
from tests.world import superuser, viewer_of

CHILDREN: list[Any] = sorted((model for model in scoped_models() if issubclass(model, OfLead)), key=str)
PER_HOUSEHOLD = {"leads_person": 2, "leads_loan_part": 2, "leads_entry": 7}
SEEN_BY = [(ANN, 1), (BOB, 0), (MEG, 1), (EVE, 0), (ADA, 0)]


def name_of(model: Any) -> str:
    return str(model.__tablename__)


@pytest.fixture
def household(as_: As, admin_url: str, shelf: Shelf) -> None:
    """With a row in every table of every plugin that hangs on a lead."""
    shelf.once("a household with everything", lambda: make_household(as_, admin_url))


def make_household(as_: As, admin_url: str) -> None:
    with as_(MEG):
        tag = Tag(company_id=MEG.company_id, id=uuid4(), name="Spoed", word="spoed")
        session.add(tag)
        session.flush()
        session.expunge(tag)
    with as_(ANN):
        lead = a_full_lead()
        a_document(lead)
        an_upload(lead)
        an_extra(lead)
        deciding.say(lead, wanted(lead)[0], Mark.CHECKED)
        reminding.set_for(lead, 3)
        bringing_back.write_down(lead, session.scalars(select(Asset)).first(), "asset")
        lead.custom = {"f1": "canary"}
        session.add_all(followed_up(lead, tag.id))
        arrived = [a_link(lead).id, lead.id, lead.company_id]
    superuser(admin_url).execute(
        "INSERT INTO collecting_arrival (link_id, lead_id, company_id, id, blob_id, name, size, begun_at, created_at, "
        "updated_at) VALUES (%s, %s, %s, gen_random_uuid(), gen_random_uuid(), 'x', 1, now(), now(), now())",
        arrived,
    )  # no role of the application adds one


def followed_up(lead: Lead, tag_id: UUID) -> list[Any]:
    """What the plugins of working with leads keep of one, as Ann's."""
    its, when = {"company_id": lead.company_id, "lead_id": lead.id}, {"lead_created_at": lead.created_at}
    return [
        Put(tag_id=tag_id, **its, **when),
        Merge(merged_id=lead.id, reference="T-1", by_id=ANN.id, **its),
        Claim(user_id=ANN.id, **its),
        Handover(from_id=ANN.id, to_id=MEG.id, by_id=ANN.id, reason="Vakantie", reference="T-1", **its),
        Move(from_stage=Stage.NEW, to_stage=Stage.ASSIGNED, from_since=now(), **its),
        Call(outcome=CallOutcome.REACHED, by_id=ANN.id, **its),
        Task(title="Bellen", due_at=now(), assignee_id=ANN.id, **its),
        Appointment(about="Advies", starts_at=now(), ends_at=now() + timedelta(hours=1), uid="canary", **its),
    ]


def expected(households: int) -> dict[str, int]:
    """How many rows of each table somebody sees who sees this many households."""
    return {name_of(model): households * PER_HOUSEHOLD.get(name_of(model), 1) for model in (Lead, *CHILDREN)}


def by_orm(own: Any) -> dict[str, int]:
    return {name_of(model): own.scalar(select(func.count()).select_from(model)) for model in (Lead, *CHILDREN)}


def by_text(own: Any) -> dict[str, int]:
    """SQL text passes wall 1 unseen."""
    return {name: own.scalar(text(f"SELECT count(*) FROM {name}")) for name in expected(0)}


def test_these_are_all_the_children() -> None:
    assert len(CHILDREN) == 29


def test_both_walls(app: Flask, household: None) -> None:
    with together() as case:
        for who, households in SEEN_BY:
            with case(who.name), app.app_context(), viewing_as(viewer_of(who)):
                assert by_orm(session) == expected(households)


def test_wall_two_alone(app: Flask, household: None) -> None:
    with together() as case:
        for who, households in SEEN_BY:
            with case(who.name), viewing_as(viewer_of(who)), CrmSession(app.extensions["database"].engine) as own:
                assert by_text(own) == expected(households)


def test_wall_one_alone(worker_app: Flask, household: None) -> None:
    """The worker's login told the database that everything may be seen: the ORM must still say the same."""
    engine = worker_app.extensions["database"].engine
    with together() as case:
        for who, households in SEEN_BY:
            with case(who.name), viewing_as(viewer_of(who)), CrmSession(engine) as own:
                own.begin()
                own.execute(text("SELECT set_config('role', 'leadcrm_all', true)"))
                assert by_text(own) == expected(1)
                assert by_orm(own) == expected(households)


def test_a_child_asks_for_its_lead_row_by_row() -> None:
    """EXISTS, not IN: a hashed sub-plan would read the whole company for one row."""
    with together() as case:
        for model in CHILDREN:
            with case(name_of(model)):
                rule_of = model.changeable_by if model is Handover else model.visible_to  # a receiver reads beforehand
                rule = str(rule_of(viewer_of(ANN)))
                assert "EXISTS" in rule
                assert " IN (" not in rule


def test_nobody_puts_a_row_into_somebody_elses_household(household: None, app: Flask) -> None:
    """Foreign keys go round the policies: without the rule on inserts a colleague could add to any lead."""
    with together() as case:
        for model in CHILDREN:
            with case(name_of(model)):
                refused_to_bob(app, model)


def refused_to_bob(app: Flask, model: Any) -> None:
    """What Ann has, put there once more by Bob."""
    with app.app_context(), viewing_as(viewer_of(ANN)):
        row = session.scalars(select(model)).first()
        values = {attribute: getattr(row, attribute) for attribute in facts_of(model)}
    sealed = {name for name, value in values.items() if type(value).__name__ == "Sealed"}
    stolen = model(**{name: value for name, value in values.items() if name not in sealed | {"id"}})
    with viewing_as(viewer_of(BOB)), CrmSession(app.extensions["database"].engine) as own:
        own.add(stolen)
        with pytest.raises(ProgrammingError, match="row-level security|permission denied"):
            own.flush()


def test_the_search_function_repeats_the_scope(as_: As, household: None) -> None:
    """It looks behind the policies, so it must say whose leads it finds by itself."""
    query = select(func.count()).select_from(func.leads_search(f"'{ANN.company_id.hex[:6]}vries'", 10).alias("found"))
    for who, found in ((ANN, 1), (BOB, 0), (MEG, 1), (EVE, 0), (ADA, 0)):
        with as_(who):
            assert session.scalar(query) == found, who.name


def test_sources_are_seen_by_all_and_changed_by_managers(as_: As) -> None:
    with as_(MEG):
        where_from()
    for who, seen in ((ANN, 1), (MEG, 1), (EVE, 0), (ADA, 0)):
        with as_(who):
            assert len(session.scalars(select(Source)).all()) == seen
    with as_(ANN):
        session.scalars(select(Source)).one().name = "Anders"
        with pytest.raises(Exception, match=r"UPDATE statement on table 'leads_source' expected|row-level security"):
            session.flush()


def test_models_of_leads_have_one_of_two_rules() -> None:
    plain = {"leads_lead", "leads_norm", "leads_name_word", "leads_indexed"}  # the last two: nobody sees a row
    for model in scoped_models():
        if model.__module__.startswith("leadcrm.leads"):
            assert issubclass(model, OfLead | OfCompany) or name_of(model) in plain
            assert issubclass(model, Scoped)


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("app", "impatient")
def test_threads_that_begin_together_narrow_alike() -> None:
    """They share the alias of the lead in the condition, and one of them is the first to use it."""
    ready = Barrier(6)

    def condition(together: bool = True) -> str:
        if together:
            ready.wait()
        return str(Asset.visible_to(viewer_of(ANN)).compile())

    alone = condition(together=False)
    with ThreadPoolExecutor(ready.parties) as pool:
        for _time in range(60):
            of_lead._lead.cache_clear()
            assert {each.result() for each in [pool.submit(condition) for _ in range(ready.parties)]} == {alone}
