"""References such as L-2026-00042: a number per company and year, given out once."""

from uuid import UUID

from sqlalchemy import func, select

from leadcrm.core.db import CrmSession, journal, now, session


def next_reference(company_id: UUID) -> str:
    """For one new lead; the company's counter stays locked until the commit."""
    return _take(session, company_id, 1)[0]


def reserve_references(company_id: UUID, many: int, year: int | None = None) -> list[str]:
    """For bulk work: taken at once in a transaction of its own, so that two slices never wait for each other."""
    with journal() as own:
        return _take(own, company_id, many, year)


def _take(of: CrmSession, company_id: UUID, many: int, year: int | None = None) -> list[str]:
    """Of this year, or of the year when they came in."""
    year = year or now().year
    first: int = of.scalars(select(func.leads_take_numbers(company_id, year, many))).one()
    return [f"L-{year}-{number:05d}" for number in range(first, first + many)]
