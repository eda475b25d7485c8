"""Two leads become one with everything that belongs to them, and one becomes two again with nothing lost."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.exc import ProgrammingError

from leadcrm.core.db import session
from leadcrm.core.reveal import peek
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart, Wish
from leadcrm.leads.models.terms import Employment, Goal, Stage
from leadcrm.leads.queries.household import Household, household
from leadcrm.leads.services import sections
from leadcrm.leads.services.timeline import write_note
from leadcrm.merging.models import Merge
from leadcrm.merging.services.comparing import compared, paired, too_many
from leadcrm.merging.services.merging import merge, undo
from tests.checklists.factories import a_document, an_extra
from tests.collecting.factories import a_link
from tests.leads.factories import ELS, JAN, a_full_lead, a_lead, persons_of
from tests.merging.conftest import As
from tests.merging.factories import a_merge
from tests.people import ANN, BOB, MEG

TWICE = {
    "call_name": "Jan",
    "birth_name": "Vries",
    "infix": "de",
    "phone": "+31687654321",
    "iban": "NL02RABO0123456789",
}

ROWS = "SELECT lead_id, id, to_jsonb(t) - 'updated_at' FROM {} t ORDER BY 1, 2"
REFERRING = """
  SELECT c.relname::text, bool_or(a.attname = 'id') FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
   WHERE k.contype = 'f' AND k.confrelid = 'leads_lead'::regclass GROUP BY 1
"""
NESTED = """
  SELECT DISTINCT c.relname || ' ' || f.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_class f ON f.oid = k.confrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey)
   WHERE k.contype = 'f' AND k.confupdtype <> 'c' AND a.attname = 'lead_id'
     AND f.relname NOT IN ('leads_lead', 'leads_person')
"""


def house(lead_id: UUID) -> Household:
    found = household(lead_id)
    assert found is not None
    return found


def everything(admin_url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that belongs to a lead, but for what is only ever added and what a job follows."""
    with psycopg.connect(admin_url) as admin:
        tables = [name for (name,) in admin.execute("SELECT name FROM merging_tables()") if name != "leads_entry"]
        return {
            name: admin.execute(
                sql.SQL(ROWS).format(sql.Identifier(name))
            ).fetchall()
            for name in tables
        }  # fmt: skip


def test_every_table_of_a_lead_goes_along(app: Any, admin_url: str) -> None:
    """Of tables that are not written yet too: whatever refers to a lead has this form, or is named here."""
    with psycopg.connect(admin_url) as admin:
        known = {name for (name,) in admin.execute("SELECT name FROM merging_tables()")}
        referring = admin.execute(REFERRING).fetchall()
        nested = admin.execute(NESTED).fetchall()
    assert {name for name, has_id in referring if has_id} - known <= {"merging_merge"}
    assert nested == [], "what names its lead and another row of that lead must follow that row: onupdate"


def test_all_that_belongs_to_it_goes_along(as_: As) -> None:
    with as_(ANN):
        kept, other = a_lead(JAN), a_full_lead()
        a_document(other, "payslip"), an_extra(other), a_link(other), write_note(other, "Belt morgen terug.")
        session.flush()
        a_merge(kept, other)
        found = house(kept.id)
        assert [len(rows) for rows in (found.persons, found.incomes, found.obligations, found.assets, found.parts)] == [
            2,
            1,
            1,
            1,
            2,
        ]
        assert found.wish and found.home and len(found.existing) == 1 and len(found.consents) == 1
        assert found.incomes[0].person_id == found.persons[0].id and peek(found.incomes[0], "gross_year") == 54_000_00
        assert (found.lead.mortgage_amount, found.lead.property_value) == (360_000_00, 410_000_00)
        assert "Els" in found.lead.household_name
        assert other.deleted_at is not None and household(other.id) is None


def test_undone_everything_is_as_it_was(as_: As, admin_url: str) -> None:
    with as_(ANN):
        kept, other = a_full_lead(), a_full_lead(goal=Goal.REMORTGAGE)
        a_document(other, "payslip"), an_extra(other), a_link(other)
        ids = kept.id, other.id
    before = everything(admin_url)
    with as_(ANN):
        kept, other = (session.get(Lead, each) for each in ids)
        made = a_merge(kept, other).id
    assert everything(admin_url) != before
    with as_(ANN):
        kept, other = (session.get(Lead, each) for each in ids)
        undo(session.get(Merge, made), kept, other)
    assert everything(admin_url) == before
    with as_(ANN):
        assert [house(each).lead.goal for each in ids] == [Goal.PURCHASE_EXISTING, Goal.REMORTGAGE]


def test_values_are_taken_over_and_given_back_unless_changed_since(as_: As) -> None:
    with as_(ANN):
        kept, other = a_lead(JAN, contact_attempts=2), a_lead(TWICE, goal=Goal.REMORTGAGE, contact_attempts=3)
        ours, theirs = house(kept.id), house(other.id)
        pairs = paired(ours, theirs)
        taken = {"person1.phone", "person1.iban", "lead.goal"}
        made = merge(ours, theirs, pairs, taken)
        session.flush()
        person = persons_of(kept)[0]
        assert (person.phone, peek(person, "iban"), person.email) == (TWICE["phone"], TWICE["iban"], JAN["email"])
        assert (kept.goal, kept.contact_attempts) == (Goal.REMORTGAGE, 5)
        person.phone = "+31600000000"
        session.flush()
        undo(made, kept, other)
        session.flush()
        person = persons_of(kept)[0]
        assert (person.phone, peek(person, "iban"), kept.goal) == ("+31600000000", JAN["iban"], Goal.PURCHASE_EXISTING)
        assert kept.contact_attempts == 2 and other.deleted_at is None


def test_who_came_along_goes_back_with_what_was_noted_since(as_: As) -> None:
    with as_(ANN):
        kept, other = a_lead(JAN), a_lead(ELS)
        made = a_merge(kept, other)
        els = persons_of(kept)[1]
        assert (els.call_name, peek(els, "birth_date")) == ("Els", ELS["birth_date"])
        sections.add(
            kept, Income, "income", {"employment": Employment.PENSION, "gross_year": 9_000_00}, person_id=els.id
        )
        session.flush()
        undo(made, kept, other)
        session.flush()
        assert [person.call_name for person in persons_of(kept)] == ["Jan"]
        assert len(house(other.id).incomes) == 1 and not house(kept.id).incomes


def test_both_histories_are_read_in_one(as_: As, client_as: Any) -> None:
    with as_(ANN):
        kept, other = a_lead(JAN), a_lead(TWICE)
        write_note(kept, "Eerste gesprek."), write_note(other, "Via de website.")
        session.flush()
        a_merge(kept, other)
        ids, reference = (kept.id, other.id), other.reference
    shown = client_as(ANN).get(f"/leads/{ids[0]}").text
    assert "Eerste gesprek." in shown and "Via de website." in shown and f"Samengevoegd met {reference}" in shown


def test_a_loan_is_never_made_of_parts_of_two(as_: As) -> None:
    with as_(ANN):
        kept, other = a_full_lead(), a_full_lead()
        part = session.scalars(select(LoanPart).where(LoanPart.lead_id == kept.id, LoanPart.number == 2)).one()
        session.delete(part)
        a_merge(kept, other)
        assert len(house(kept.id).parts) == 1
        assert len(session.scalars(select(Wish).where(Wish.lead_id == kept.id)).all()) == 1


def test_who_is_who(as_: As) -> None:
    with as_(ANN):
        both, same, partner, third = (
            a_lead(JAN, ELS),
            a_lead(TWICE),
            a_lead(ELS),
            a_lead({"birth_name": "Smit", "call_name": "Kees"}),
        )
        jan, els = (person.id for person in persons_of(both))
        assert list(paired(house(both.id), house(same.id)).values()) == [jan]
        assert list(paired(house(both.id), house(partner.id)).values()) == [els]
        assert list(paired(house(same.id), house(partner.id)).values()) == [None]
        assert not too_many(house(both.id), paired(house(both.id), house(third.id)))
        kees = persons_of(third)[0].id
        assert too_many(house(both.id), {kees: None}) and not too_many(house(both.id), {kees: els})
        assert too_many(house(same.id), dict.fromkeys([jan, els], persons_of(same)[0].id))


def test_only_what_differs_is_asked(as_: As) -> None:
    with as_(ANN):
        kept, other = a_lead(JAN), a_lead(TWICE, stage=Stage.ENGAGED)
        ours, theirs = house(kept.id), house(other.id)
        lines = {line.key: line for part in compared(ours, theirs, paired(ours, theirs)) for line in part.lines}
        assert set(lines) == {"lead.stage", "person1.phone", "person1.iban"}
        assert "RABO" not in lines["person1.iban"].other and lines["person1.iban"].is_asked
        assert not lines["person1.phone"].takes_other


@pytest.mark.asvs("V8.2.2")
def test_the_function_behind_the_walls_moves_only_what_both_are_seen(as_: As) -> None:
    """The record is the viewer's own, but a lead in it is a colleague's."""
    with as_(BOB):
        his = a_lead(JAN).id
    with as_(MEG):
        hers = a_lead(TWICE, owner_id=ANN.id).id
    with as_(ANN):
        record = Merge(company_id=ANN.company_id, lead_id=hers, merged_id=his, reference="x", by_id=ANN.id)
        session.add(record)
        session.flush()
        moving = func.merging_move(record.id, literal([], ARRAY(TEXT)), literal({}, JSONB))
        with pytest.raises(ProgrammingError, match="not both"):
            session.execute(select(moving))
        session.rollback()
