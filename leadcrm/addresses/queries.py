"""Selects for the screens. Nothing here narrows by viewer: scope does."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from leadcrm.addresses.models import Range
from leadcrm.auth.models.people import Company, User


def companies_with_ranges() -> Select[Any]:
    """Companies by name, beside the number of ranges of their own list, and of their people with a list."""
    of_company = select(func.count()).select_from(Range).where(Range.company_id == Company.id, Range.user_id.is_(None))
    people = select(func.count(Range.user_id.distinct())).where(Range.company_id == Company.id)
    return select(
        Company, of_company.scalar_subquery().label("ranges"), people.scalar_subquery().label("people")
    ).order_by(Company.name, Company.id)


def people_of(company_id: UUID) -> Select[Any]:
    """Who can sign in there."""
    who = select(User).where(User.company_id == company_id, User.active, User.joined_at.is_not(None))
    return who.order_by(User.name, User.id)


def ranges_of_people(company_id: UUID) -> Select[Any]:
    return select(Range).where(Range.company_id == company_id, Range.user_id.is_not(None))


def ranges_of_company(company_id: UUID) -> Select[Any]:
    return select(Range).where(Range.company_id == company_id, Range.user_id.is_(None))
