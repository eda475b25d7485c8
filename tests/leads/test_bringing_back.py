"""A removed row comes back as it was, a person with all that was theirs; after a month nothing of it is left."""

import re
from typing import Any

from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.reveal import peek
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.removed import Removed
from leadcrm.leads.models.terms import ConsentChannel, ConsentPurpose, Employment
from leadcrm.leads.services import bringing_back, consents, sections
from tests.auth.conftest import Query, query  # noqa: F401  (a fixture)
from tests.checklists.conftest import As, as_, as_worker  # noqa: F401  (fixtures)
from tests.documents.factories import a_document
from tests.leads.factories import ELS, JAN, a_lead, persons_of
from tests.people import ANN, BOB

PENSION = {"employment": Employment.PENSION, "gross_year": 21_000_00}


def a_household() -> Lead:
    lead = a_lead(JAN, ELS)
    els = persons_of(lead)[1]
    sections.add(lead, Income, "income", PENSION, person_id=els.id)
    consents.give(lead, els.id, {"channel": ConsentChannel.PHONE, "purpose": ConsentPurpose.ADVICE})
    a_document(lead).person_id = els.id
    session.flush()
    return lead


def state(lead: Lead) -> Any:
    session.flush()
    session.expire_all()
    els = persons_of(lead)[1]
    income = session.scalars(select(Income).where(Income.lead_id == lead.id)).one()
    consent = session.scalars(select(Consent).where(Consent.lead_id == lead.id)).one()
    return (
        els.id, els.call_name, peek(els, "birth_date"), els.birth_key, income.id, income.person_id,
        peek(income, "gross_year"), consent.id, consent.given_at, lead.household_name,
    )  # fmt: skip


def test_a_person_comes_back_with_all_that_was_theirs(as_: As, query: Query) -> None:  # noqa: F811
    with as_(ANN):
        lead = a_household()
        before, els = state(lead), persons_of(lead)[1]
        removed = sections.remove(lead, els, "person")
        session.flush()
        assert len(persons_of(lead)) == 1 and session.scalars(select(Income)).all() == []
        session.expire_all()
        bringing_back.bring_back(lead, removed)
        assert state(lead) == before
    assert query("SELECT count(*) FROM documents_document WHERE person_id IS NOT NULL") == [(1,)]
    assert query("SELECT count(*) FROM leads_removed") == [(0,)]


def test_what_is_kept_cannot_be_read_in_the_database(as_: As, query: Query) -> None:  # noqa: F811
    with as_(ANN):
        lead = a_lead(JAN, ELS)
        sections.remove(lead, persons_of(lead)[1], "person")
    (content,) = query("SELECT content FROM leads_removed")[0]
    assert b"Bakker" not in bytes(content)


def test_removing_on_the_page_offers_to_undo_it(as_: As, client_as: Any) -> None:  # noqa: F811
    with as_(ANN):
        lead = a_household()
        lead_id, income = lead.id, session.scalars(select(Income.id)).one()
    browser, stranger = client_as(ANN), client_as(BOB)
    assert browser.send(f"/leads/{lead_id}/income/{income}/remove").status_code == 303
    undo = re.search(rf"/leads/{lead_id}/removed/[0-9a-f-]{{36}}/restore", browser.get(f"/leads/{lead_id}").text)
    assert undo and stranger.send(undo[0]).status_code == 404
    assert browser.send(undo[0]).status_code == 303
    with as_(ANN):
        assert session.scalars(select(Income.id)).one() == income
    assert browser.send(undo[0]).status_code == 404


def test_a_place_that_was_taken_meanwhile(as_: As, client_as: Any) -> None:  # noqa: F811
    with as_(ANN):
        lead = a_lead(JAN, ELS)
        lead_id, removed = lead.id, sections.remove(lead, persons_of(lead)[1], "person").id
        sections.add(lead, type(persons_of(lead)[0]), "person", {"birth_name": "Smit"}, position=2)
    browser = client_as(ANN)
    assert browser.send(f"/leads/{lead_id}/removed/{removed}/restore").status_code == 303
    assert "al een andere mede-aanvrager" in browser.get(f"/leads/{lead_id}").text
    with as_(ANN):
        assert session.get(Removed, removed) is not None


def test_after_a_month_it_is_gone(as_: As, as_worker: None, query: Query) -> None:  # noqa: F811
    assert bringing_back.forget_old() == 0
    with as_(ANN):
        for _time in range(2):
            lead = a_lead(JAN, ELS)
            sections.remove(lead, persons_of(lead)[1], "person")
    query("UPDATE leads_removed SET at = at - interval '31 days' WHERE id = (SELECT id FROM leads_removed LIMIT 1)")
    assert bringing_back.forget_old() == 1
    session.commit()
    assert query("SELECT count(*) FROM leads_removed") == [(1,)]
