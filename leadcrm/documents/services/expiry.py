"""Which documents are too old to use, or will be soon."""

from collections.abc import Mapping
from datetime import date, timedelta

from leadcrm.core.fields.terms import Terms
from leadcrm.documents.models.document import Document
from leadcrm.documents.models.terms import DocumentKind

SOON = timedelta(days=30)
# Months that lenders take such a document for; others do not age.
FRESH: Mapping[DocumentKind, int] = {
    DocumentKind.PAYSLIP: 3,
    DocumentKind.EMPLOYER_STATEMENT: 3,
    DocumentKind.INSURED_WAGES: 3,
    DocumentKind.BENEFIT: 3,
    DocumentKind.BANK_STATEMENT: 3,
    DocumentKind.SAVINGS: 3,
    DocumentKind.LOAN: 3,
    DocumentKind.CREDIT_REGISTER: 3,
    DocumentKind.CURRENT_MORTGAGE: 3,
    DocumentKind.VALUATION: 6,
}


class Flag(Terms):
    EXPIRED = "expired", "Verlopen", "Expired"
    OLD = "old", "Te oud", "Too old"
    SOON = "soon", "Verloopt binnenkort", "Expires soon"


def flag_of(document: Document, today: date | None = None) -> Flag | None:
    """The gravest thing to say of it; None when there is nothing."""
    today = today or date.today()
    if document.expires_on is not None and document.expires_on < today:
        return Flag.EXPIRED
    if _is_old(document, today):
        return Flag.OLD
    if document.expires_on is not None and document.expires_on <= today + SOON:
        return Flag.SOON
    return None


def usable(document: Document, today: date | None = None) -> bool:
    """Neither expired nor too old."""
    return flag_of(document, today) in (None, Flag.SOON)


def _is_old(document: Document, today: date) -> bool:
    """By the date on it; without one it is at least as old as the day it came in."""
    months = FRESH.get(document.kind)
    since = document.dated_on or document.created_at.date()
    return months is not None and after_months(since, months) < today


def after_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month when that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    beyond = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), beyond - timedelta(days=1))
