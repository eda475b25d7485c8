"""The row scope must hold for every shape of query, in the ORM (wall 1) and in the database (wall 2).

SQLAlchemy before 2.1 lets some of these through.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, exists, func, insert, inspect, literal, select, text, union_all, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import (
    aliased,
    foreign,
    joinedload,
    make_transient_to_detached,
    relationship,
    selectinload,
    subqueryload,
)
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from leadcrm.auth.models.people import User
from leadcrm.core.db import CrmSession
from leadcrm.core.scope import Everything, NoViewer, OutOfScope, Scope, Viewer, viewing_as
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person as Applicant
from tests.people import ADA, ANN, BOB, EVE, IVO, MEG, PEOPLE
from tests.shelf import Shelf
from tests.world import viewer_of

OWNERS = (ANN, BOB, EVE)
# The models load their rows by query; a relationship that somebody adds one day must be narrowed too.
inspect(Applicant).add_property("lead_of_test", relationship(Lead, viewonly=True))
inspect(User).add_property(
    "leads_of_test", relationship(Lead, primaryjoin=User.id == foreign(Lead.owner_id), viewonly=True)
)
AliasedLead = aliased(Lead)
lead_rows = select(Lead.household_name).subquery()

# each must find what belongs to the one who looks, among leads of ann, bob and eve
QUERIES = {
    "entity": select(Lead.household_name),
    "alias": select(AliasedLead.household_name),
    "subquery": select(lead_rows.c.household_name),
    "union": union_all(select(Lead.household_name), select(Lead.household_name).where(Lead.reference == "none")),
    "join": select(Lead.household_name).select_from(User).join(Lead, Lead.owner_id == User.id),
    "EXISTS": select(literal("lead of ") + User.name).where(exists().where(Lead.owner_id == User.id)),
    "EXISTS select": select(literal("lead of ") + User.name).where(
        select(Lead.id).where(Lead.owner_id == User.id).exists()
    ),
    "IN": select(literal("lead of ") + User.name).where(User.id.in_(select(Lead.owner_id))),
    "through a person": select(Lead.household_name).join(Applicant, Applicant.lead_id == Lead.id),
    "window": select(Lead.household_name).where(
        Lead.id.in_(select(func.first_value(Lead.id).over(partition_by=Lead.id)))
    ),
}
SEEN_BY = [(ANN, [ANN]), (BOB, [BOB]), (EVE, [EVE]), (MEG, [ANN, BOB]), (ADA, []), (IVO, [])]


@pytest.fixture
def leads(worker_app: Flask, shelf: Shelf) -> dict[str, UUID]:
    """One lead with one applicant of each agent."""
    return shelf.once("a lead of each", lambda: make_leads(worker_app))


def make_leads(worker_app: Flask) -> dict[str, UUID]:
    made = {}
    with viewing_as(Everything("test data")), CrmSession(worker_app.extensions["database"].engine) as session:
        for number, who in enumerate(OWNERS):
            lead = Lead(
                company_id=who.company_id,
                reference=f"T-{number}",
                household_name=f"lead of {who.name}",
                owner_id=who.id,
            )
            session.add(lead)
            session.flush()
            session.add(Applicant(company_id=who.company_id, lead_id=lead.id, position=1, birth_name=who.name))
            made[who.name] = lead.id
        session.commit()
    return made


@pytest.fixture
def session(app: Flask, leads: Any) -> Iterator[CrmSession]:
    with CrmSession(app.extensions["database"].engine) as session:
        yield session


@pytest.fixture
def ann(session: CrmSession) -> Iterator[Viewer]:
    with viewing_as(viewer_of(ANN)) as ann:
        yield ann  # type: ignore[misc]  # a Viewer went in


@pytest.mark.parametrize(("who", "owners"), SEEN_BY, ids=[who.name for who, _ in SEEN_BY])
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_finds_only_what_they_may_see(session: CrmSession, query: Any, who: Any, owners: Any) -> None:
    with viewing_as(viewer_of(who)):
        assert sorted(session.scalars(query)) == sorted(f"lead of {owner.name}" for owner in owners)


@pytest.mark.parametrize(("who", "owners"), SEEN_BY, ids=[who.name for who, _ in SEEN_BY])
def test_wall_two_alone_narrows_just_as_much(session: CrmSession, who: Any, owners: Any) -> None:
    """SQL text passes wall 1 unseen: the policies of the database must say the same."""
    with viewing_as(viewer_of(who)):
        names = session.scalars(text("SELECT household_name FROM leads_lead"))
        assert sorted(names) == sorted(f"lead of {owner.name}" for owner in owners)
        people = session.scalars(text("SELECT birth_name FROM leads_person"))
        assert sorted(people) == sorted(owner.name for owner in owners)


@pytest.mark.parametrize(("who", "owners"), SEEN_BY, ids=[who.name for who, _ in SEEN_BY])
def test_wall_one_alone_narrows_just_as_much(worker_app: Flask, leads: Any, who: Any, owners: Any) -> None:
    """The worker's login told the database that everything may be seen: the ORM must still say the same."""
    with CrmSession(worker_app.extensions["database"].engine) as session:
        viewer = viewer_of(who)
        with viewing_as(viewer):
            session.begin()
            session.execute(text("SELECT set_config('role', 'leadcrm_all', true)"))
            assert session.scalar(text("SELECT count(*) FROM leads_lead")) == len(OWNERS)
            names = session.scalars(select(Lead.household_name))
            assert sorted(names) == sorted(f"lead of {owner.name}" for owner in owners)
            people = session.scalars(select(Applicant.birth_name))
            assert sorted(people) == sorted(owner.name for owner in owners)


@pytest.mark.parametrize("option", [joinedload, selectinload])
def test_relationships_loaded_ahead(session: CrmSession, ann: Viewer, option: Any) -> None:
    persons = session.scalars(select(Applicant).options(option(Applicant.lead_of_test))).unique().all()  # type: ignore[attr-defined]
    assert [person.lead_of_test.household_name for person in persons] == [f"lead of {ANN.name}"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("option", [joinedload, selectinload, subqueryload])
def test_wall_one_alone_narrows_what_is_loaded_ahead(worker_app: Flask, leads: Any, option: Any) -> None:
    """Ann sees her colleagues, and not their leads."""
    with CrmSession(worker_app.extensions["database"].engine) as session, viewing_as(viewer_of(ANN)):
        everything_shown(session)
        users = session.scalars(select(User).options(option(User.leads_of_test))).unique().all()  # type: ignore[attr-defined]
        assert {ANN.id, BOB.id} <= {user.id for user in users}
        found = [lead.household_name for user in users for lead in user.leads_of_test]  # type: ignore[attr-defined]
        assert found == [f"lead of {ANN.name}"]


def everything_shown(session: CrmSession) -> None:
    """The database lets everything through; what is narrowed now is narrowed by the ORM."""
    session.begin()
    session.execute(text("SELECT set_config('role', 'leadcrm_all', true)"))


def test_wall_one_alone_refuses_to_remove_what_she_may_not_see(worker_app: Flask, leads: Any) -> None:
    with CrmSession(worker_app.extensions["database"].engine) as session, viewing_as(viewer_of(ANN)):
        everything_shown(session)
        theirs = session.scalar(text("SELECT id FROM leads_person WHERE birth_name = :name"), {"name": BOB.name})
        person = Applicant(company_id=BOB.company_id, id=theirs, lead_id=leads[BOB.name])
        make_transient_to_detached(person)
        session.add(person)
        session.delete(person)
        with pytest.raises(OutOfScope):
            session.flush()


def test_counts(session: CrmSession, ann: Viewer) -> None:
    assert session.scalar(select(func.count()).select_from(Lead)) == 1
    assert session.scalar(select(func.count(Applicant.id))) == 1


def test_bulk_changes_reach_only_her_own(session: CrmSession, ann: Viewer) -> None:
    assert session.execute(update(Lead).values(next_action="x")).rowcount == 1  # type: ignore[attr-defined]
    assert session.execute(delete(Applicant)).rowcount == 1  # type: ignore[attr-defined]


def test_a_statement_made_for_one_viewer_runs_as_the_next(session: CrmSession) -> None:
    """The criteria are made once a scope: what is cached must never hold a person."""
    statement = select(Lead.household_name)
    for who in (ANN, BOB, EVE, ANN):
        with viewing_as(viewer_of(who)):
            assert session.scalars(statement).all() == [f"lead of {who.name}"]
            session.rollback()


def test_a_viewer_who_changes_within_a_transaction_is_told_to_the_database(session: CrmSession) -> None:
    with viewing_as(viewer_of(ANN)):
        assert session.scalars(text("SELECT household_name FROM leads_lead")).all() == [f"lead of {ANN.name}"]
    with viewing_as(viewer_of(EVE)):
        assert session.scalars(text("SELECT household_name FROM leads_lead")).all() == [f"lead of {EVE.name}"]
    with viewing_as(None):
        assert session.scalars(text("SELECT household_name FROM leads_lead")).all() == []


def test_rows_loaded_earlier_do_not_leak(worker_app: Flask, leads: dict[str, UUID]) -> None:
    with CrmSession(worker_app.extensions["database"].engine) as session:
        with viewing_as(Everything("a job")):
            everything = session.scalars(select(Lead)).all()
        with viewing_as(viewer_of(ANN)):
            seen = {lead.owner_id for lead in everything if session.get(Lead, lead.id) is not None}
        assert seen == {ANN.id}


@pytest.mark.parametrize(
    "forged",
    [
        lambda leads: Lead(company_id=ANN.company_id, reference="X", owner_id=BOB.id),
        lambda leads: Lead(company_id=EVE.company_id, reference="X", owner_id=EVE.id),
        lambda leads: Lead(company_id=ANN.company_id, reference="X", owner_id=None),
        lambda leads: Applicant(company_id=ANN.company_id, lead_id=leads[BOB.name], position=2),
        lambda leads: Applicant(company_id=EVE.company_id, lead_id=leads[EVE.name], position=2),
    ],
    ids=["colleague's", "other company's", "nobody's", "person of a colleague's", "person of another company's"],
)
def test_cannot_write_what_she_may_not_see(session: CrmSession, ann: Viewer, leads: Any, forged: Any) -> None:
    session.add(forged(leads))
    with pytest.raises((OutOfScope, ProgrammingError)):
        session.flush()


@pytest.mark.parametrize(
    "forged",
    [
        lambda leads: Lead(company_id=ANN.company_id, reference="X", owner_id=BOB.id),
        lambda leads: Applicant(company_id=ANN.company_id, lead_id=leads[BOB.name], position=2),
    ],
    ids=["lead", "person"],
)
def test_wall_one_alone_refuses_what_she_may_not_see(worker_app: Flask, leads: Any, forged: Any) -> None:
    with CrmSession(worker_app.extensions["database"].engine) as session, viewing_as(viewer_of(ANN)):
        session.begin()
        session.execute(text("SELECT set_config('role', 'leadcrm_all', true)"))
        session.add(forged(leads))
        with pytest.raises(OutOfScope):
            session.flush()


def test_wall_two_alone_refuses_what_she_may_not_see(session: CrmSession, ann: Viewer) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(
            text(
                "INSERT INTO leads_lead SELECT (l).* FROM "
                "(SELECT jsonb_populate_record(l, :forged) AS l FROM leads_lead l) l"
            ),
            {"forged": f'{{"owner_id": "{BOB.id}", "id": "{EVE.id}", "reference": "X"}}'},
        )


def _changed_and_written(session: CrmSession, lead: Lead, change: Any) -> None:
    change(session, lead)
    session.flush()


WAYS_ROUND: dict[str, Any] = {
    "bulk update by key": lambda session, lead: session.execute(
        update(Lead), [{"id": lead, "company_id": BOB.company_id, "stage": "x"}]
    ),
    "bulk insert": lambda session, lead: session.execute(insert(Applicant), [{"lead_id": lead, "position": 2}]),
    "insert from select": lambda session, lead: session.execute(
        insert(Applicant).from_select(["birth_name", "lead_id"], select(Lead.reference, Lead.id))
    ),
    "SQL text into objects": lambda session, lead: session.scalars(
        select(Lead).from_statement(text("SELECT * FROM leads_lead"))
    ),
    "legacy bulk": lambda session, lead: session.bulk_update_mappings(Lead, [{"id": lead}]),
}


@pytest.mark.parametrize("way", WAYS_ROUND.values(), ids=WAYS_ROUND)
def test_refuses_ways_round(session: CrmSession, ann: Viewer, leads: dict[str, UUID], way: Any) -> None:
    with pytest.raises((OutOfScope, NotImplementedError)):
        way(session, leads[BOB.name])


@pytest.mark.parametrize(
    "change",
    [lambda session, lead: session.delete(lead), lambda session, lead: setattr(lead, "stage_reason", "x")],
    ids=["delete", "change"],
)
def test_refuses_a_row_made_up_from_its_id(
    session: CrmSession, ann: Viewer, leads: dict[str, UUID], change: Any
) -> None:
    lead = Lead(id=leads[BOB.name], company_id=BOB.company_id)
    make_transient_to_detached(lead)
    session.add(lead)
    with pytest.raises((OutOfScope, StaleDataError, ObjectDeletedError)):
        _changed_and_written(session, lead, change)


def test_without_a_viewer_it_raises(session: CrmSession) -> None:
    with pytest.raises(NoViewer):
        session.scalars(select(Lead)).all()


def test_without_a_viewer_the_database_shows_nothing(session: CrmSession) -> None:
    assert session.scalar(text("SELECT count(*) FROM leads_lead")) == 0


def test_a_web_process_cannot_see_everything(session: CrmSession) -> None:
    """leadcrm_app is no member of leadcrm_all: what a job may say, a request may not."""
    with viewing_as(Everything("a forged request")), pytest.raises(ProgrammingError, match="permission denied"):
        session.scalars(select(Lead)).all()


def test_settings_do_not_linger_on_a_pooled_connection(app: Flask, leads: Any) -> None:
    engine = app.extensions["database"].engine
    with CrmSession(engine) as session, viewing_as(viewer_of(MEG)):
        assert session.scalar(text("SELECT count(*) FROM leads_lead")) == 2
    with CrmSession(engine) as session, viewing_as(viewer_of(ADA)):
        assert session.scalar(text("SELECT count(*) FROM leads_lead")) == 0
        assert session.scalar(text("SELECT current_setting('role')")) == f"leadcrm_{Scope.NONE}"


def test_everybody_is_in_the_table_above() -> None:
    assert {who for who, _ in SEEN_BY} == set(PEOPLE)
