"""Lines of a template, extra papers and documents that are simply there."""

import secrets
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from leadcrm.checklists.models.of_lead import Extra
from leadcrm.checklists.models.rule import Rule
from leadcrm.checklists.models.terms import Per, Situation
from leadcrm.core.db import session
from leadcrm.documents.models.document import Document
from leadcrm.documents.models.terms import DocumentKind, State


def a_document(lead: Any, kind: DocumentKind, *, person: Any = None, **values: Any) -> Document:
    """One that has been checked, without bytes: a list looks at what it is, never into it."""
    given: dict[str, Any] = {"state": State.AVAILABLE, "name": f"{kind}-{secrets.token_hex(2)}.pdf"} | values
    made = Document(
        company_id=lead.company_id, lead_id=lead.id, id=uuid4(), kind=kind, size=1, media_type="application/pdf",
        person_id=person.id if person else None, **given,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def years_ago(years: int) -> date:
    today = date.today()
    return date(today.year - years, today.month, min(today.day, 28))


def a_rule(company_id: UUID, **values: Any) -> Rule:
    """One of the company's own."""
    given: dict[str, Any] = {
        "kind": DocumentKind.OTHER, "per": Per.HOUSEHOLD, "situation": Situation.ALWAYS, "copies": 1,
        "name_nl": "Canary: een stuk van ons", "goals": [], "incomes": [],
    }  # fmt: skip
    rule = Rule(company_id=company_id, key=f"own-{secrets.token_hex(6)}", **(given | values))
    session.add(rule)
    session.flush()
    return rule


def an_extra(lead: Any) -> Extra:
    extra = Extra(company_id=lead.company_id, lead_id=lead.id, kind=DocumentKind.DEED, name="Canary: akte")
    session.add(extra)
    session.flush()
    return extra
