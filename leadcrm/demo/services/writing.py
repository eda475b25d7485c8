"""Households into the database: many at once, in one transaction with one line in the audit trail."""

from collections.abc import Iterable, Iterator
from typing import Any

from leadcrm.core import audit, bulk
from leadcrm.core.db import Base, session
from leadcrm.demo.services.households import Household
from leadcrm.demo.services.people import Row
from leadcrm.followup.models.appointment import Appointment
from leadcrm.followup.models.call import Call
from leadcrm.followup.models.task import Task
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.consent import Consent
from leadcrm.leads.models.income import Income
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.mortgage import ExistingMortgage, LoanPart, Wish
from leadcrm.leads.models.obligation import Obligation
from leadcrm.leads.models.person import Person
from leadcrm.leads.models.property import Property
from leadcrm.leads.models.timeline import Entry
from leadcrm.leads.services import derive

MODELS: tuple[type[Base], ...] = (  # in an order in which each finds what it refers to
    Lead, Person, Property, Wish, LoanPart, Income, Obligation, Asset, ExistingMortgage, Consent, Entry, Call, Task,
    Appointment,
)  # fmt: skip


def write(households: Iterable[Household], references: Iterable[str]) -> int:
    """Returns the number of rows. The caller commits."""
    tables: dict[type[Base], list[Row]] = {model: [] for model in MODELS}
    for household, reference in zip(households, references, strict=True):
        household.lead["reference"] = reference
        _derive(household)
        for model, rows in rows_of(household):
            tables[model] += rows
    written = sum(bulk.write(session, model, rows) for model, rows in tables.items())
    leads = tables[Lead]
    audit.note("created in bulk", company_id=leads[0]["company_id"], subject="leads_lead", rows=len(leads))
    return written


def _derive(household: Household) -> None:
    lead = household.lead
    company_id = lead["company_id"]
    lead |= derive.of_lead(
        company_id, lead, household.persons, household.wish, household.loan_parts, household.property
    )
    for person in household.persons:
        person |= derive.of_person(company_id, person)


def rows_of(household: Household) -> Iterator[tuple[Any, list[Row]]]:
    yield Lead, [household.lead]
    yield Person, household.persons
    yield Property, [household.property]
    yield Wish, [household.wish]
    yield LoanPart, household.loan_parts
    yield Income, household.incomes
    yield Obligation, household.obligations
    yield Asset, household.assets
    yield ExistingMortgage, household.existing
    yield Consent, household.consents
    yield Entry, household.entries
    yield Call, household.calls
    yield Task, household.tasks
    yield Appointment, household.appointments


def analyze() -> None:
    bulk.analyze(session, *MODELS)
