"""What happened with a lead, for whoever works on it: notes, and changes in a few words. Entries are only ever added.

The audit chain proves; this tells. It holds no value that the audit chain seals.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, String, Uuid, text
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, now
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.fields.text import LongText
from leadcrm.leads.models.of_lead import OfLead, to_lead


class EntryKind(Terms):
    NOTE = "note", "Notitie", "Note"
    CALL = "call", "Gebeld", "Called"
    ASSIGNED = "assigned", "Toegewezen", "Assigned"
    STAGE = "stage", "Fase gewijzigd", "Stage changed"
    CHANGED = "changed", "Gegevens gewijzigd", "Details changed"
    CONSENT = "consent", "Toestemming", "Consent"
    ACTION = "action", "Actie afgerond", "Action finished"
    TASK = "task", "Taak afgerond", "Task done"
    APPOINTMENT = "appointment", "Afspraak", "Appointment"
    MERGED = "merged", "Samengevoegd", "Merged"


class Entry(OfLead, Base):
    """A note, or one thing that happened. `subject` names what it was about: a stage, a user's id, a section.

    Nothing here is changed: a note that was mended or taken back has further entries that name it with `amends_id`; the
    last of them holds, and without a text it was taken back.
    """

    __tablename__ = "leads_entry"
    __table_args__ = (
        to_lead(),
        Index(None, "company_id", "lead_id", "at"),
        Index(None, "company_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index(None, "company_id", "amends_id", postgresql_where=text("amends_id IS NOT NULL")),
    )
    may = "SELECT, INSERT"

    at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Wanneer", en="When", category=Category.PROCESS, default=now
    )
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    kind: Mapped[EntryKind] = field(
        Choice(EntryKind, 20), nl="Soort", en="Kind", category=Category.PROCESS, purpose=Purpose.SERVICE
    )
    subject: Mapped[str | None] = technical(String(60), nl="Onderwerp", en="Subject", category=Category.PROCESS)
    previous: Mapped[str | None] = technical(String(60), nl="Was", en="Before", category=Category.PROCESS)
    batch_id: Mapped[UUID | None] = technical(Uuid())  # what was done to many leads at once, to undo it with
    amends_id: Mapped[UUID | None] = technical(Uuid())
    text: Mapped[str | None] = field(
        LongText(5_000),
        nl="Notitie",
        en="Note",
        category=Category.PROCESS,
        purpose=Purpose.SERVICE,
        personal=True,
        help_nl="Geen gezondheid, geen BSN.",
        help_en="No health matters, no citizen service number.",
    )
