"""Demo data in the database: complete, sealed, findable, made once, and never beside real data."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import pairwise

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select, update

from leadcrm.auth.services import passwords
from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.jobs import maintenance
from leadcrm.core.migrate import as_owner
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.reveal import peek
from leadcrm.core.scope import Scope, Viewer, viewing_as
from leadcrm.demo.services import opening
from leadcrm.demo.services.offices import ANN_HAS_AT_MOST, Account, Office
from leadcrm.demo.services.records import Record
from leadcrm.demo.services.seeding import Batch, SeedingFailed, seed
from leadcrm.leads.models.found_by import Indexed
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person
from leadcrm.leads.services import indexing
from tests.together import together
from tests.world import Browser

pytestmark = pytest.mark.usefixtures("no_demo_left")
LEADS = 60


@pytest.fixture(scope="module")
def hashed_once() -> Callable[[str], str]:
    """The same twenty people settle before every test: their passwords are hashed before the first."""
    return cache(passwords.hashed)


@pytest.fixture
def settled(
    worker_app: Flask, record: Record, hashed_once: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Record]:
    """The companies and their people, and no leads yet."""
    monkeypatch.setattr(passwords, "hashed", hashed_once)
    with worker_app.app_context():
        opening.settle(record)
        yield record


def looking(account: Account, scope: Scope) -> Viewer:
    return Viewer(scope, account.company_id, account.id)


def manager_of(office: Office) -> Viewer:
    return looking(office.accounts[-1], Scope.COMPANY)


def count(viewer: Viewer) -> int:
    with viewing_as(viewer):
        many = session.scalar(select(func.count()).select_from(Lead)) or 0
        session.rollback()
    return many


def test_every_office_gets_its_share_and_every_agent_sees_their_own(settled: Record) -> None:
    assert sum(seed(settled.world(), LEADS)) == LEADS
    assert [count(manager_of(office)) for office in settled.offices[:2]] == [18, 27]
    mine = [count(looking(agent, Scope.OWN)) for agent in settled.offices[0].agents]
    assert 0 < sum(mine) <= 18
    assert max(mine) <= ANN_HAS_AT_MOST


def test_leads_are_found_by_name_and_their_secrets_open(settled: Record) -> None:
    for _written in seed(settled.world(), LEADS):
        pass
    with viewing_as(manager_of(settled.offices[0])):
        lead = session.scalars(select(Lead).order_by(Lead.reference)).first()
        assert lead is not None
        person = session.scalars(select(Person).where(Person.lead_id == lead.id, Person.position == 1)).one()
        assert (person.birth_name or "") in lead.household_name or person.correspondence_name
        assert peek(person, "birth_date").year < 2010
        assert person.birth_key is not None
        income = session.scalars(select(Income).where(Income.lead_id == lead.id)).first()
        assert peek(income, "gross_year") > 0
        found = session.execute(
            select(func.leads_search(f"'{lead.company_id.hex[:6]}{lead.reference.lower()}'", 5))
        ).all()
        assert len(found) <= 1
        session.rollback()


def test_what_it_makes_has_the_words_of_today_and_nobody_looks_for_older_ones(settled: Record) -> None:
    list(seed(settled.world(), LEADS))
    with maintenance("tests"):
        for office in settled.offices:
            indexed = session.scalars(select(Indexed).where(Indexed.id == office.id)).one()
            assert (indexed.version, indexed.reached) == (indexing.VERSION, None)
        words = select(Lead.id, Lead.search).order_by(Lead.id)
        made = session.execute(words).all()
        session.execute(update(Indexed).values(version=0))
        while indexing.index_some():
            pass
        assert session.execute(words).all() == made
        session.rollback()


def test_references_count_on_and_say_the_year(settled: Record) -> None:
    list(seed(settled.world(), LEADS))
    with viewing_as(manager_of(settled.offices[1])):
        rows = session.execute(select(Lead.reference, Lead.created_at).order_by(Lead.reference)).all()
        session.rollback()
    days = [created_at.astimezone(OFFICE).date() for _reference, created_at in rows]
    # Before eight in the morning what came in "today" is made up around midnight: a day may be off, never more.
    for (reference, _created_at), day in zip(rows, days, strict=True):
        assert int(reference[2:6]) in {day.year, (day + timedelta(days=1)).year}
    assert all(after >= before - timedelta(days=1) for before, after in pairwise(days))


def test_a_batch_leaves_one_line_in_the_audit_trail(settled: Record) -> None:
    list(seed(settled.world(), LEADS))
    with maintenance("tests"):
        bulk = select(audit.AuditLine.company_id).where(audit.AuditLine.action == "created in bulk")
        companies = session.scalars(bulk).all()
    assert sorted(companies) == sorted(office.id for office in settled.offices)


def test_what_is_there_is_not_made_again(settled: Record) -> None:
    list(seed(settled.world(), LEADS))
    assert list(seed(settled.world(), LEADS)) == [LEADS]


def test_seeding_that_was_cut_short_goes_on(settled: Record) -> None:
    cut = seed(settled.world(), LEADS)
    assert [next(cut), next(cut)] == [0, 18]
    cut.close()
    assert next(seed(settled.world(), LEADS)) == 18
    assert sum(seed(settled.world(), LEADS)) == LEADS
    assert [count(manager_of(office)) for office in settled.offices[:2]] == [18, 27]


def test_a_process_that_fails_says_why(settled: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Batch.write

    def fails(batch: Batch) -> int:
        if batch.office.slug == "demo-zuidwest":
            raise OSError("the disk is full")
        return right(batch)

    monkeypatch.setattr(Batch, "write", fails)
    with pytest.raises(SeedingFailed, match="the disk is full"):
        list(seed(settled.world(), LEADS))


def test_an_instance_with_other_companies_is_refused(app: Flask, urls: Urls, record: Record) -> None:
    """The world of the tests is real data to the demonstration."""
    with as_owner(urls.migrator) as owner:
        with pytest.raises(opening.RealData, match="De Hypotheekhoek"):
            opening.is_founded(None, owner)
        with pytest.raises(opening.RealData, match="does not belong"):
            opening.is_founded(record, owner)


def test_its_own_instance_is_known_again(settled: Record, urls: Urls) -> None:
    with as_owner(urls.migrator) as owner:
        assert opening.is_founded(settled, owner)
        with pytest.raises(opening.RealData):
            opening.is_founded(replace(settled, seed="another"), owner)


def test_the_first_accounts_sign_in(settled: Record, app: Flask) -> None:
    with together() as case:
        for account in settled.accounts[:3]:
            with case(account.email):
                known = settled.known[account.email]
                browser = Browser(app)
                browser.get("/auth/sign-in")
                answer = browser.send("/auth/sign-in", {"email": account.email, "password": known.password})
                assert answer.status_code == 303
                assert answer.location.endswith("/auth/second-factor")
                answer = browser.send("/auth/second-factor", {"code": pyotp.TOTP(known.totp_secret).now()})
                assert answer.status_code == 303
                assert "/auth/" not in answer.location
