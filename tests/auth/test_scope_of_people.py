"""Who sees and changes companies, users, grants and failed logins: through both walls."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from leadcrm.auth.models.failures import FailedLogin, Reason
from leadcrm.auth.models.people import Company, Grant, Preference, User
from leadcrm.auth.permissions import Role
from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.scope import OutOfScope, viewing_as
from tests.auth.conftest import Query
from tests.people import ADA, ANN, BOB, ELSEWHERE, EVE, HOME, IVO, MEG, PEOPLE, Person
from tests.world import nobody_of, viewer_of

ALL = set(PEOPLE)
OFFICE = {ANN, BOB, MEG, IVO}


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def ids(statement: Any) -> set[UUID]:
    return set(session.scalars(statement))


SEES = {ANN: OFFICE, MEG: OFFICE, EVE: {EVE}, ADA: ALL, IVO: OFFICE}


@pytest.mark.parametrize("who", SEES, ids=lambda who: who.name)
@pytest.mark.usefixtures("context")
def test_who_sees_which_users_and_companies(who: Person) -> None:
    with viewing_as(viewer_of(who)):
        assert ids(select(User.id)) == {person.id for person in SEES[who]}
        assert ids(select(Company.id)) == {person.company_id for person in SEES[who]}


@pytest.mark.usefixtures("context")
def test_scope_none_of_another_company_is_no_platform() -> None:
    with viewing_as(nobody_of(ELSEWHERE)):
        assert ids(select(User.id)) == {EVE.id}
        assert ids(select(Company.id)) == {ELSEWHERE}
        assert ids(select(FailedLogin.id)) == set()


@pytest.mark.parametrize(
    ("who", "changes"), [(ANN, set()), (EVE, set()), (MEG, OFFICE), (ADA, ALL)],
    ids=lambda value: getattr(value, "name", ""),
)  # fmt: skip
@pytest.mark.usefixtures("context")
def test_who_changes_which_users(query: Query, who: Person, changes: set[Person]) -> None:
    for person in SEES[who]:
        with viewing_as(viewer_of(who)):
            user = session.get(User, person.id)
            user.invited_at = user.created_at
            if person in changes:
                session.commit()
            else:
                with pytest.raises((OutOfScope, Exception), match="User|auth_user|matched"):
                    session.commit()
            session.rollback()
    changed = {ident for (ident,) in query("SELECT id FROM auth_user WHERE invited_at IS NOT NULL")}
    query("UPDATE auth_user SET invited_at = NULL")
    assert changed == {person.id for person in changes}


def new_user(company_id: UUID, role: Role) -> User:
    days = IVO.days if role == Role.AUDITOR else {}
    return User(company_id=company_id, name="Nieuw", email=f"{uuid4()}@example.org", role=role, **days)


@pytest.mark.parametrize("who", [ANN, MEG, EVE], ids=lambda who: who.name)
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("company_id", [HOME, ELSEWHERE, PLATFORM_ID])
@pytest.mark.usefixtures("context")
def test_who_adds_which_users(query: Query, who: Person, role: Role, company_id: UUID) -> None:
    may = who is MEG and company_id == HOME and role != Role.ADMIN
    with viewing_as(viewer_of(who)):
        session.add(new_user(company_id, role))
        if may:
            session.commit()
        else:
            with pytest.raises(Exception, match="User|policy|admins_are_platform|privilege"):
                session.commit()
        session.rollback()
    assert len(query("DELETE FROM auth_user WHERE name = 'Nieuw' RETURNING id")) == may


@pytest.mark.usefixtures("context")
def test_only_the_platform_changes_companies(query: Query) -> None:
    for who, may in ((ANN, False), (MEG, False), (ADA, True)):
        with viewing_as(viewer_of(who)):
            company = session.get(Company, HOME)
            company.totp_required = False
            if may:
                session.commit()
            else:
                with pytest.raises(Exception, match="Company|auth_company|matched"):
                    session.commit()
            session.rollback()
    query("UPDATE auth_company SET totp_required = true")
    actions = query("SELECT body FROM core_audit_line WHERE subject = 'auth_company'")
    assert len(actions) == 1
    assert "totp_required" in actions[0][0]


def grant(person: Person) -> Grant:
    return Grant(company_id=person.company_id, user_id=person.id, permission="admin.users")


@pytest.mark.parametrize(
    ("who", "to", "may"),
    [(ANN, ANN, False), (ANN, BOB, False), (MEG, ANN, True), (MEG, EVE, False), (MEG, ADA, False), (ADA, EVE, True)],
    ids=lambda value: getattr(value, "name", None),
)
@pytest.mark.usefixtures("context")
def test_who_grants_to_whom(query: Query, who: Person, to: Person, may: bool) -> None:
    with viewing_as(viewer_of(who)):
        session.add(grant(to))
        if may:
            session.commit()
        else:
            with pytest.raises(Exception, match="Grant|policy|auth_grant"):
                session.commit()
        session.rollback()
    assert len(query("SELECT 1 FROM auth_grant")) == may


@pytest.mark.usefixtures("context")
def test_a_grant_needs_a_user_of_that_company() -> None:
    with viewing_as(viewer_of(MEG)):
        session.add(Grant(company_id=HOME, user_id=EVE.id, permission="admin.users"))
        with pytest.raises(Exception, match="fk_auth_grant"):
            session.commit()


@pytest.mark.usefixtures("context")
def test_everybody_has_preferences_of_their_own_alone() -> None:
    with viewing_as(viewer_of(ANN)):
        session.add(Preference(company_id=HOME, id=ANN.id, columns={"leads": ["name"]}))
        session.commit()
    for who, sees in ((ANN, 1), (BOB, 0), (MEG, 0), (ADA, 0)):
        with viewing_as(viewer_of(who)):
            assert len(ids(select(Preference.id))) == sees
    with viewing_as(viewer_of(MEG)):
        session.add(Preference(company_id=HOME, id=BOB.id))
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.commit()


def failed(company_id: UUID) -> FailedLogin:
    return FailedLogin(
        company_id=company_id,
        reason=Reason.WRONG_PASSWORD,
        account="x",
        fingerprint=1,
        address="127.0.0.1",
        user_agent="",
        prefix="",
    )


@pytest.mark.usefixtures("context")
def test_failed_logins_are_added_by_anybody_and_changed_by_nobody() -> None:
    with viewing_as(None):
        session.add_all([failed(HOME), failed(ELSEWHERE), failed(PLATFORM_ID)])
        session.commit()
    for who, sees in ((ANN, 0), (EVE, 0), (MEG, 1), (IVO, 1), (ADA, 3)):
        with viewing_as(viewer_of(who)):
            assert len(ids(select(FailedLogin.id))) == sees
    for who in (MEG, ADA):
        with viewing_as(viewer_of(who)):
            for row in session.scalars(select(FailedLogin)).all():
                row.account = "somebody else"
            with pytest.raises(ProgrammingError, match="permission denied"):
                session.flush()
            session.rollback()
            session.delete(session.scalars(select(FailedLogin)).first())
            with pytest.raises(ProgrammingError, match="permission denied"):
                session.flush()
            session.rollback()
