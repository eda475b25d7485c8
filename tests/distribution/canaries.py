"""A row of every sort of distribution, that others may try to reach."""

from datetime import date
from uuid import UUID

from leadcrm.core.db import session
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.models.profile import Absence
from leadcrm.distribution.models.rule import Rule
from leadcrm.distribution.models.terms import Method
from leadcrm.leads.models.lead import Lead
from tests.people import Person


def a_handover(lead: Lead, owner: Person) -> Handover:
    """As the owner, to themselves: no colleague has anything to do with it."""
    made = Handover(
        company_id=lead.company_id, lead_id=lead.id, from_id=owner.id, to_id=owner.id, by_id=owner.id,
        reason=f"Canary hand-over of {owner.name}", reference=lead.reference,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def of_company(owner: Person) -> dict[str, UUID]:
    """As a manager: a rule, and days on which the owner is away."""
    rule = Rule(company_id=owner.company_id, name=f"Canary rule {owner.name}", position=1, how=Method.ROUND_ROBIN)
    absence = Absence(
        company_id=owner.company_id, user_id=owner.id, first_on=date(2030, 1, 1), last_on=date(2030, 1, 2)
    )
    session.add_all([rule, absence])
    session.flush()
    return {"way_id": rule.id, "absence_id": absence.id}
