"""What is asked for, of whom and why; what of it is there."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from leadcrm.checklists.models.terms import ItemState, Mark
from leadcrm.checklists.services import deciding, items
from leadcrm.checklists.services.defaults import DEFAULTS
from leadcrm.checklists.services.items import Item, counted, months_before, wanted
from leadcrm.core.db import session
from leadcrm.documents.models.terms import DocumentKind, State
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.mortgage import ExistingMortgage
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.terms import (
    AssetKind,
    Dwelling,
    Employment,
    Goal,
    Known,
    MaritalStatus,
    ObligationKind,
    PropertyRegime,
    ResidencePermit,
)
from leadcrm.leads.services import sections
from tests.checklists.conftest import As
from tests.checklists.factories import a_document, years_ago
from tests.leads.factories import ELS, JAN, a_lead, persons_of
from tests.people import ANN, BOB, EVE, MEG


def keys(lead: Any) -> set[str]:
    return {item.key.partition(":")[0] for item in wanted(lead)}


def item(lead: Any, key: str) -> Item:
    return next(each for each in wanted(lead) if each.key.partition(":")[0] == key)


def earning(lead: Any, employment: Employment, person: int = 0, **values: Any) -> Income:
    who = persons_of(lead)[person]
    made: Income = sections.add(lead, Income, "income", {"employment": employment, **values}, person_id=who.id)
    session.flush()
    return made


def test_somebody_employed_who_buys_a_house(as_: As) -> None:
    with as_(ANN):
        lead = a_lead()
        earning(lead, Employment.PERMANENT, employer="Bakkerij Mik")
        assert keys(lead) == {
            "identity", "payslip", "employer_statement", "insured_wages", "purchase_contract", "valuation",
            "energy_label",
        }
        payslip = item(lead, "payslip")
        assert (payslip.kind, payslip.person) == (DocumentKind.PAYSLIP, persons_of(lead)[0].id)
        assert payslip.why == "Loondienst vast, Bakkerij Mik"
        assert (payslip.state, payslip.who) == (ItemState.MISSING, "")


@pytest.mark.parametrize(
    ("employment", "asked", "not_asked"),
    [
        (Employment.SOLE_TRADER, {"annual_accounts", "tax_return", "tax_assessment"}, {"payslip"}),
        (Employment.FLEXIBLE, {"payslip", "annual_statement"}, {"employer_statement"}),
        (Employment.FLEXIBLE_PROSPECT, {"payslip", "employer_statement"}, {"annual_statement"}),
        (Employment.PENSION, {"pension"}, {"payslip"}),
        (Employment.BENEFIT, {"benefit"}, {"payslip"}),
        (Employment.ALIMONY, {"alimony_received"}, set()),
        (Employment.LETTING, {"letting"}, set()),
        (Employment.NONE, set(), {"payslip", "benefit"}),
    ],
)  # fmt: skip
def test_what_follows_from_an_income(as_: As, employment: Employment, asked: set[str], not_asked: set[str]) -> None:
    with as_(ANN):
        lead = a_lead()
        earning(lead, employment)
        assert asked <= keys(lead) and not not_asked & keys(lead)


@pytest.mark.parametrize(
    ("goal", "asked", "not_asked"),
    [
        (Goal.PURCHASE_NEW, {"building_contract"}, {"purchase_contract", "valuation"}),
        (Goal.REMORTGAGE, {"valuation", "municipal_value"}, {"purchase_contract", "energy_label"}),
        (Goal.OTHER, {"identity"}, {"valuation", "purchase_contract"}),
        (None, {"identity"}, {"valuation", "purchase_contract"}),
    ],
)  # fmt: skip
def test_what_follows_from_the_goal(as_: As, goal: Any, asked: set[str], not_asked: set[str]) -> None:
    with as_(ANN):
        lead = a_lead(goal=goal)
        assert asked <= keys(lead) and not not_asked & keys(lead)


def test_what_follows_from_the_household(as_: As) -> None:
    with as_(ANN):
        jan = JAN | {
            "marital_status": MaritalStatus.DIVORCED, "property_regime": PropertyRegime.AGREEMENT,
            "residence_permit": ResidencePermit.TEMPORARY,
        }
        lead = a_lead(jan)
        plain = keys(lead)
        assert {"divorce", "marriage_terms", "residence_permit"} <= plain
        sections.add(lead, Obligation, "obligation", {"kind": ObligationKind.STUDENT_LOAN}, person_id=None)
        lease = {"kind": ObligationKind.LEASE, "creditor": "Lease BV"}
        sections.add(lead, Obligation, "obligation", lease, person_id=None)
        sections.add(lead, Asset, "asset", {"kind": AssetKind.GIFT, "for_purchase": True}, person_id=None)
        home = {"dwelling": Dwelling.APARTMENT, "renovation": 20_000_00, "leasehold": True, "ebv_amount": 9_000_00}
        sections.add(lead, Property, "property", home)
        sections.add(lead, ExistingMortgage, "existing", {"lender": "Bank"})
        sections.save_wish(lead, {"mortgage_amount": 1, "nhg_wanted": Known.YES}, [])
        session.flush()
        assert keys(lead) - plain == {
            "student_loan", "credit", "gift", "own_funds", "owners_association", "renovation", "leasehold",
            "energy_saving", "current_mortgage",
        }
        assert item(lead, "credit").why == "Private lease, Lease BV"


def test_two_applicants_each_have_their_own(as_: As) -> None:
    with as_(ANN):
        lead = a_lead(JAN, ELS)
        earning(lead, Employment.PERMANENT)
        earning(lead, Employment.SOLE_TRADER, 1)
        jan, els = persons_of(lead)
        mine = [each for each in wanted(lead) if each.key.startswith("identity:")]
        assert [(each.person, each.who) for each in mine] == [(jan.id, "Jan"), (els.id, "Els")]
        assert item(lead, "payslip").person == jan.id and item(lead, "annual_accounts").person == els.id


def test_a_document_goes_to_its_person_and_once(as_: As) -> None:
    with as_(ANN):
        lead = a_lead(JAN, ELS)
        jan, els = persons_of(lead)
        hers = a_document(lead, DocumentKind.IDENTITY, person=els)
        found = {each.person: each for each in wanted(lead) if each.key.startswith("identity:")}
        assert found[jan.id].state == ItemState.MISSING and found[els.id].documents == (hers.id,)
        anybodys = a_document(lead, DocumentKind.IDENTITY)
        found = {each.person: each for each in wanted(lead) if each.key.startswith("identity:")}
        assert found[jan.id].documents == (anybodys.id,) and found[els.id].documents == (hers.id,)


def test_three_years_take_three_documents_or_a_word(as_: As) -> None:
    with as_(ANN):
        lead = a_lead()
        earning(lead, Employment.SOLE_TRADER)
        a_document(lead, DocumentKind.ANNUAL_ACCOUNTS)
        assert item(lead, "annual_accounts").state == ItemState.MISSING
        deciding.say(lead, item(lead, "annual_accounts"), Mark.CHECKED)  # all three years in one file
        session.flush()
        assert item(lead, "annual_accounts").state == ItemState.CHECKED
        deciding.say(lead, item(lead, "annual_accounts"), None)
        for _more in range(2):
            a_document(lead, DocumentKind.ANNUAL_ACCOUNTS)
        session.flush()
        assert item(lead, "annual_accounts").state == ItemState.ARRIVED


def test_what_is_too_old_does_not_count(as_: As) -> None:
    with as_(ANN):
        lead = a_lead()
        earning(lead, Employment.PERMANENT)
        a_document(lead, DocumentKind.PAYSLIP, dated_on=years_ago(1))
        assert item(lead, "payslip").state == ItemState.EXPIRED
        deciding.say(lead, item(lead, "payslip"), Mark.CHECKED)
        session.flush()
        assert item(lead, "payslip").state == ItemState.EXPIRED
        a_document(lead, DocumentKind.PAYSLIP, dated_on=date.today())
        assert item(lead, "payslip").state == ItemState.CHECKED
        a_document(lead, DocumentKind.IDENTITY, expires_on=date.today() - timedelta(days=2))
        assert item(lead, "identity").state == ItemState.EXPIRED


def test_refused_and_removed_documents_are_not_there(as_: As) -> None:
    with as_(ANN):
        lead = a_lead()
        a_document(lead, DocumentKind.IDENTITY, state=State.REFUSED)
        removed = a_document(lead, DocumentKind.IDENTITY)
        removed.deleted_at = removed.created_at
        session.flush()
        assert item(lead, "identity").state == ItemState.MISSING
        a_document(lead, DocumentKind.IDENTITY, state=State.QUARANTINED)
        assert item(lead, "identity").state == ItemState.ARRIVED


def test_counting_leaves_out_what_is_not_needed(as_: As) -> None:
    with as_(ANN):
        lead = a_lead()
        assert counted(wanted(lead)) == (0, 4)
        deciding.say(lead, item(lead, "energy_label"), Mark.NOT_NEEDED)
        a_document(lead, DocumentKind.IDENTITY)
        session.flush()
        assert counted(wanted(lead)) == (1, 3) == items.progress(lead)


def test_something_extra_for_this_household(as_: As) -> None:
    with as_(ANN):
        lead = a_lead()
        deciding.ask_extra(lead, {"name": "Akte van de schuur", "kind": DocumentKind.DEED, "ask": None}, None)
        session.flush()
        extra = wanted(lead)[-1]
        assert (extra.name, extra.is_extra, extra.state) == ("Akte van de schuur", True, ItemState.MISSING)
        a_document(lead, DocumentKind.DEED)
        assert wanted(lead)[-1].state == ItemState.ARRIVED


def test_the_words_are_in_the_language_of_the_reader(as_: As) -> None:
    assert all(want.name_en and want.ask_en and want.ask_nl for want in DEFAULTS.values())


def test_months_end_where_months_end() -> None:
    assert months_before(date(2026, 5, 31), 3) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)
    assert months_before(date(2028, 3, 31), 1) == date(2028, 2, 29)


@pytest.mark.parametrize("stranger", [BOB, EVE])
def test_nobody_else_sees_the_list(as_: As, stranger: Any) -> None:
    with as_(ANN):
        lead = a_lead()
        a_document(lead, DocumentKind.IDENTITY)
        known = SimpleNamespace(id=lead.id, company_id=lead.company_id)
    with as_(stranger):
        assert wanted(known) == []
    with as_(MEG):
        assert item(known, "identity").state == ItemState.ARRIVED
