"""An appointment with a client: when, where, with whom, and what became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.people import Email
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import LongText
from leadcrm.followup.models.terms import AppointmentOutcome, Place
from leadcrm.leads.models.kinds import Line
from leadcrm.leads.models.of_lead import OfLead, to_lead


class Appointment(OfLead, Base):
    """Calendars know it by `uid`; each change that they must hear of raises `sequence` (RFC 5546).

    Moving makes a successor with the same `uid`; the row that was moved stays, as MOVED.
    """

    __tablename__ = "followup_appointment"
    __table_args__ = (
        to_lead(),
        ForeignKeyConstraint(["company_id", "agent_id"], ["auth_user.company_id", "auth_user.id"]),
        CheckConstraint("ends_at > starts_at", name="ends_after"),
        Index(None, "company_id", "lead_id", "starts_at"),
        Index(None, "company_id", "agent_id", "starts_at"),
        Index("ix_followup_appointment_company_id_starts_at", "company_id", "starts_at"),
    )

    about: Mapped[str] = field(
        Line(120), nl="Waarover", en="About", category=Category.PROCESS, purpose=Purpose.SERVICE, personal=True,
        required=True,
    )
    starts_at: Mapped[datetime] = field(
        Moment(), nl="Begint", en="Starts", category=Category.PROCESS, purpose=Purpose.SERVICE, required=True
    )
    ends_at: Mapped[datetime] = field(
        Moment(), nl="Eindigt", en="Ends", category=Category.PROCESS, purpose=Purpose.SERVICE, required=True
    )
    place: Mapped[Place] = field(
        Choice(Place, 20), nl="Plaats", en="Place", category=Category.PROCESS, purpose=Purpose.SERVICE, required=True,
        default=Place.OFFICE,
    )
    location: Mapped[str | None] = field(
        Line(200), nl="Adres, zaal of link", en="Address, room or link", category=Category.PROCESS,
        purpose=Purpose.SERVICE, personal=True,
        help_nl="Komt in de uitnodiging aan de klant.", help_en="Goes into the client's invitation.",
    )
    note: Mapped[str | None] = field(
        LongText(2_000), nl="Voorbereiding", en="Preparation", category=Category.PROCESS, purpose=Purpose.SERVICE,
        personal=True, help_nl="Alleen voor kantoor. Geen gezondheid, geen BSN.",
        help_en="For the office only. No health matters, no citizen service number.",
    )
    outcome: Mapped[AppointmentOutcome] = field(
        Choice(AppointmentOutcome, 20), nl="Stand", en="State", category=Category.PROCESS, purpose=Purpose.SERVICE,
        default=AppointmentOutcome.PLANNED,
    )
    outcome_at: Mapped[datetime | None] = technical(DateTime(timezone=True))
    agent_id: Mapped[UUID | None] = technical(Uuid(), nl="Adviseur", en="Adviser", category=Category.PROCESS)
    person_id: Mapped[UUID | None] = technical(Uuid(), nl="Klant", en="Client", category=Category.PROCESS)
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Gemaakt door", en="Made by", category=Category.PROCESS)
    moved_from_id: Mapped[UUID | None] = technical(Uuid())
    uid: Mapped[str] = technical(String(80))
    sequence: Mapped[int] = technical(Integer(), default=0)
    invited_email: Mapped[str | None] = field(
        Email(), nl="Uitgenodigd", en="Invited", category=Category.CONTACT, purpose=Purpose.SERVICE, personal=True
    )
