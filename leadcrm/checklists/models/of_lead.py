"""What was decided about one lead's list: items ticked off or left out, extra ones, and being reminded."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.checklists.models.terms import Mark
from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import LongText, Text
from leadcrm.documents.models.terms import DocumentKind
from leadcrm.leads.models.of_lead import OfLead, to_lead, to_person


class Said(OfLead, Base):
    """What an adviser said about one item, which is named by its rule and whom or what it is about."""

    __tablename__ = "checklists_said"
    __table_args__ = (to_lead(), UniqueConstraint("company_id", "lead_id", "item"))

    item: Mapped[str] = technical(String(80), nl="Stuk", en="Item", category=Category.PROCESS)
    mark: Mapped[Mark] = field(
        Choice(Mark, room=20), nl="Oordeel", en="Verdict", category=Category.PROCESS, audited=True, required=True,
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)


class Extra(OfLead, Base):
    """Something that is asked of this household only."""

    __tablename__ = "checklists_extra"
    __table_args__ = (to_lead(), to_person(), Index(None, "company_id", "lead_id"))

    kind: Mapped[DocumentKind] = field(
        Choice(DocumentKind, room=30), nl="Soort document", en="Kind of document", category=Category.PROCESS,
        required=True,
    )
    person_id: Mapped[UUID | None] = technical(Uuid(), nl="Van", en="Of", category=Category.PROCESS)
    name: Mapped[str] = field(
        Text(80), nl="Wat u nodig heeft", en="What you need", category=Category.PROCESS, personal=True, required=True,
        help_nl="Zo leest de klant het ook.", help_en="The client reads it like this too.",
    )
    ask: Mapped[str | None] = field(
        LongText(400), nl="Uitleg voor de klant", en="Explanation for the client", category=Category.PROCESS,
        personal=True,
    )


class Reminder(OfLead, Base):
    """Whoever works on the lead hears on this day what is still missing, and again after so many days."""

    __tablename__ = "checklists_reminder"
    __table_args__ = (to_lead(), UniqueConstraint("company_id", "lead_id"), Index(None, "due_on"))

    due_on: Mapped[date] = field(Date(), nl="Herinnering op", en="Reminder on", category=Category.PROCESS)
    every_days: Mapped[int] = field(
        Whole(1, 60, "dagen", "days"), nl="Daarna elke", en="Then every", category=Category.PROCESS,
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
