"""What belongs to a lead is seen by whoever sees the lead."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Uuid, and_, inspect, select
from sqlalchemy.orm import Mapped, aliased

from leadcrm.core.db import CompanyRow, Stamped
from leadcrm.core.fields.facts import technical
from leadcrm.core.scope import Scope, Scoped, Viewer
from leadcrm.leads.models.lead import Lead


class OfLead(CompanyRow, Stamped, Scoped):
    """A row of one household. Its owner is asked of the lead with EXISTS: IN would hash the whole company."""

    lead_id: Mapped[UUID] = technical(Uuid())

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN:
                return and_(cls.company_id == viewer.company_id, cls._is_of_a_lead_owned_by(viewer.user_id))
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)

    @classmethod
    def _is_of_a_lead_owned_by(cls, user_id: Any) -> ColumnElement[bool]:
        lead = _lead()
        its_lead = and_(
            lead.company_id == cls.company_id,
            lead.id == cls.lead_id,
            lead.id >= cls.lead_id,  # says nothing new, but cannot be hashed: the lead is looked up by key, always
            lead.owner_id == user_id,
        )
        return select(lead.id).where(its_lead).correlate_except(lead).exists()


@cache
def _lead() -> Any:
    """Made once: an alias works out each of the lead's columns anew.

    Looked at before anybody else has it: SQLAlchemy writes down at first use where each column is. Another thread that
    comes meanwhile would not find it and take the one of the table: a condition on any lead instead of this one.
    """
    lead = aliased(Lead, name="of_lead")
    inspect(lead).selectable.corresponding_column(inspect(Lead).columns["id"])
    return lead


def to_lead() -> ForeignKeyConstraint:
    """The rows of a lead go with it."""
    return ForeignKeyConstraint(
        ["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"], ondelete="CASCADE"
    )


def to_person() -> ForeignKeyConstraint:
    """What only this person has goes with them; found by the lead, which has an index, and never of another lead."""
    return ForeignKeyConstraint(
        ["company_id", "lead_id", "person_id"],
        ["leads_person.company_id", "leads_person.lead_id", "leads_person.id"],
        ondelete="CASCADE",
    )
