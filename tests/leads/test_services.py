"""What can be done with a lead, and what follows from it by itself."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from leadcrm.auth.models.people import User
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.reveal import peek
from leadcrm.core.scope import viewing_as
from leadcrm.leads.events import lead_assigned, lead_created, stage_changed
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import LoanPart, Wish
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.terms import ConsentChannel, ConsentPurpose, Employment, ReturnReason, Stage
from leadcrm.leads.models.timeline import Entry, EntryKind
from leadcrm.leads.services import consents, leads, references, sections
from tests.leads.conftest import As
from tests.leads.factories import ELS, JAN, a_full_lead, a_lead, persons_of
from tests.people import ADA, ANN, BOB, EVE, MEG


def again(lead_id: object) -> Lead:
    session.expire_all()
    return session.scalars(select(Lead).where(Lead.id == lead_id)).one()


def test_an_agent_creates_a_lead_of_her_own(as_: As) -> None:
    heard = []
    with as_(ANN) as ann, lead_created.connected_to(lambda lead, by: heard.append((lead.id, by))):
        lead = a_lead()
        assert (lead.owner_id, lead.stage, lead.household_name) == (ANN.id, Stage.ASSIGNED, "Jan de Vries")
        assert heard == [(lead.id, ann)]


def test_an_agent_cannot_create_a_lead_for_a_colleague(as_: As) -> None:
    with as_(ANN):
        assert a_lead(owner_id=BOB.id).owner_id == ANN.id


def test_a_manager_creates_one_for_somebody_or_for_nobody(as_: As) -> None:
    with as_(MEG):
        assert (a_lead(owner_id=BOB.id).stage, a_lead().stage) == (Stage.ASSIGNED, Stage.NEW)


def test_references_count_by_company_and_year(as_: As) -> None:
    year = datetime.now(UTC).year
    with as_(ANN):
        assert [a_lead().reference for _ in range(2)] == [f"L-{year}-00001", f"L-{year}-00002"]
    with as_(EVE):
        assert a_lead().reference == f"L-{year}-00001"
    with as_(MEG):
        assert references.reserve_references(MEG.company_id, 3)[0] == f"L-{year}-00003"
        assert a_lead().reference == f"L-{year}-00006"


def test_numbers_of_another_company_are_refused(as_: As) -> None:
    with as_(ANN), pytest.raises(Exception, match="another company"):
        references.reserve_references(EVE.company_id, 1)


def test_what_is_derived_follows_the_rows(as_: As) -> None:
    with as_(ANN):
        lead = a_full_lead()
        assert (lead.household_name, lead.sort_name) == ("Jan de Vries & Els Bakker", "vries jan")
        assert (lead.mortgage_amount, lead.property_value) == (360_000_00, 410_000_00)
        sections.change(lead, persons_of(lead)[1], "person", {"birth_name": "Smit"})
        sections.save_wish(lead, {"mortgage_amount": 300_000_00}, [])
        assert (lead.household_name, lead.mortgage_amount) == ("Jan de Vries & Els Smit", 300_000_00)
        sections.remove(lead, persons_of(lead)[1], "person")
        assert lead.household_name == "Jan de Vries"


@pytest.mark.asvs("V14.2.4")
def test_sensitive_values_are_sealed_in_the_database(as_: As, app: object) -> None:
    with as_(ANN):
        lead = a_full_lead()
        session.flush()
        jan = persons_of(lead)[0]
        assert b"ABNA" not in (jan.iban.box or b"")  # type: ignore[union-attr]
        session.expire_all()
        assert peek(persons_of(lead)[0], "iban") == JAN["iban"]


def test_equal_birth_dates_with_equal_names_have_equal_keys(as_: As) -> None:
    with as_(ANN):
        first, second, other = (persons_of(a_lead(person))[0] for person in (JAN, JAN | {"birth_name": "VRIES"}, ELS))
        key = first.birth_key
        assert key == second.birth_key != other.birth_key
    with as_(EVE):
        assert persons_of(a_lead())[0].birth_key != key  # keyed by company


def test_assigning_tells_everybody_concerned(as_: As) -> None:
    heard = []
    with as_(MEG) as meg, lead_assigned.connected_to(lambda lead, previous, by: heard.append((previous, by))):
        lead = a_lead()
        lead_id = lead.id
        batch = leads.assign([lead], session.get(User, BOB.id), by=meg)
        assert (lead.owner_id, lead.stage, heard) == (BOB.id, Stage.ASSIGNED, [(None, meg)])
        assert batch is not None
    with as_(BOB):
        assert session.scalars(select(Lead.id)).all() == [lead_id]
        kinds = set(session.scalars(select(Entry.kind)))
        assert {EntryKind.ASSIGNED, EntryKind.STAGE} <= kinds
    with as_(MEG):
        bodies = session.scalars(select(AuditLine.body).where(AuditLine.row_id == lead_id)).all()
        assert any('"owner_id"' in body and str(BOB.id) in body for body in bodies)


def test_an_assignment_can_be_undone_once(as_: As) -> None:
    with as_(MEG) as meg:
        mine, moved_on = a_lead(owner_id=ANN.id), a_lead(owner_id=ANN.id)
        batch = leads.assign([mine, moved_on], session.get(User, BOB.id), by=meg)
        assert batch is not None
        leads.assign([moved_on], None, by=meg)
        assert leads.undo_assignment(batch, meg) == 1
        assert (mine.owner_id, moved_on.owner_id) == (ANN.id, None)
        assert leads.undo_assignment(uuid4(), meg) == 0


def test_undoing_an_assignment_brings_the_stage_back(as_: As) -> None:
    with as_(MEG) as meg:
        new, went_on = a_lead(), a_lead()
        assert new.stage == went_on.stage == Stage.NEW
        batch = leads.assign([new, went_on], session.get(User, BOB.id), by=meg)
        assert batch is not None
        leads.move(went_on, Stage.CONTACT_SOUGHT, meg)
        assert leads.undo_assignment(batch, meg) == 2
        assert (new.stage, went_on.stage) == (Stage.NEW, Stage.CONTACT_SOUGHT)


def test_assigning_to_who_has_it_changes_nothing(as_: As) -> None:
    with as_(MEG) as meg:
        assert leads.assign([a_lead(owner_id=ANN.id)], session.get(User, ANN.id), by=meg) is None


def test_an_agent_cannot_hand_over_by_herself(as_: As) -> None:
    with as_(ANN) as ann:
        lead, bob = a_lead(), session.get(User, BOB.id)
        with pytest.raises(ProgrammingError, match="row-level security"):  # whoever listens flushes
            leads.assign([lead], bob, by=ann)


def test_moving_on(as_: As) -> None:
    heard = []
    with as_(ANN) as ann, stage_changed.connected_to(lambda lead, previous, by: heard.append(previous)):
        lead = a_lead()
        before = lead.stage_since
        leads.move(lead, Stage.CONTACT_SOUGHT, ann)
        leads.move(lead, Stage.CONTACT_SOUGHT, ann)
        assert (lead.contact_attempts, heard) == (2, [Stage.ASSIGNED, Stage.CONTACT_SOUGHT])
        assert lead.stage_since > before


@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.ENDED, Stage.NOT_INTERESTED, Stage.RETURNED])
def test_closing_asks_why(as_: As, stage: Stage) -> None:
    with as_(ANN) as ann:
        lead = a_lead()
        with pytest.raises(Invalid):
            leads.move(lead, stage, ann)
        leads.move(lead, stage, ann, reason="Past niet", return_reason=ReturnReason.DUPLICATE)
        assert lead.stage.is_closed
        assert lead.return_reason == (ReturnReason.DUPLICATE if stage == Stage.RETURNED else None)


def test_loan_parts_are_kept_in_order_and_the_surplus_goes(as_: As) -> None:
    with as_(ANN):
        lead = a_full_lead()
        sections.save_wish(lead, {"mortgage_amount": None}, [{"amount": 5_00}])
        assert session.scalars(select(LoanPart.amount)).all() == [5_00]
        assert session.scalars(select(Wish.mortgage_amount)).one() == 5_00


def test_removing_a_person_removes_what_is_only_theirs(as_: As) -> None:
    with as_(ANN):
        lead = a_lead(JAN, ELS)
        els = persons_of(lead)[1]
        sections.add(lead, Income, "income", {"employment": Employment.PENSION}, person_id=els.id)
        sections.remove(lead, els, "person")
        session.commit()
        assert session.scalar(select(func.count()).select_from(Income)) == 0


def test_a_household_has_two_applicants_at_most(as_: As) -> None:
    with as_(ANN):
        lead = a_lead(JAN)
        assert sections.next_position(lead) == 2
        sections.add(lead, Person, "person", ELS, position=2)
        assert sections.next_position(lead) is None


def test_the_consent_ledger_only_grows(as_: As) -> None:
    with as_(ANN):
        lead = a_lead()
        jan = persons_of(lead)[0]
        asked = {"channel": ConsentChannel.EMAIL, "purpose": ConsentPurpose.NEWSLETTER, "text_version": "2026-1"}
        given = consents.give(lead, jan.id, asked | {"given_at": datetime.now(UTC) - timedelta(days=3)})
        consents.give(lead, jan.id, asked | {"channel": ConsentChannel.PHONE})
        session.flush()
        assert len(consents.standing(session.scalars(select(Consent)))) == 2
        consents.withdraw(lead, given)
        session.flush()
        lines = session.scalars(select(Consent)).all()
        assert len(lines) == 3
        assert [line.channel for line in consents.standing(lines)] == [ConsentChannel.PHONE]


def test_the_database_refuses_to_change_the_ledger(as_: As) -> None:
    with as_(ANN):
        a_full_lead()
    with as_(ANN):
        session.scalars(select(Consent)).one().text_version = "tampered"
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.flush()


def test_a_deleted_lead_comes_back(as_: As) -> None:
    with as_(MEG):
        lead = a_lead()
        leads.delete(lead)
        session.flush()
        assert leads.leads_by_id([lead.id]) == []
        leads.bring_back(lead)
        assert leads.leads_by_id([lead.id]) == [lead]


def test_the_platforms_staff_creates_nothing(as_: As) -> None:
    with as_(ADA), pytest.raises(ProgrammingError, match="row-level security"):
        a_lead()


def test_nobody_looking_creates_nothing(app: object) -> None:
    with viewing_as(None), pytest.raises(Exception, match="nobody"):
        a_lead()


def test_what_a_person_has_is_of_a_person_of_the_same_lead(as_: As) -> None:
    """The key names the lead too: an income never hangs on somebody of another household."""
    with as_(ANN):
        mine, other = a_lead(), a_lead(ELS)
        person = persons_of(other)[0]
        stray = Income(company_id=mine.company_id, lead_id=mine.id, person_id=person.id)
        stray.employment = Employment.PERMANENT
        session.add(stray)
        with pytest.raises(IntegrityError, match="person_id"):
            session.flush()
        session.rollback()
