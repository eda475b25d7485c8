"""What a household owes and pays every month."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Date
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Money, Percentage
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.of_lead import OfLead, to_lead, to_person
from leadcrm.leads.models.terms import Known, ObligationKind, StudentScheme


class Obligation(OfLead, Base):
    """A loan, limit or payment; of one person, or of the household when nobody is named."""

    __tablename__ = "leads_obligation"
    __table_args__ = (to_lead(), to_person(), Index(None, "company_id", "lead_id"))

    person_id: Mapped[UUID | None] = technical(Uuid(), nl="Van", en="Of", category=Category.OBLIGATION)
    kind: Mapped[ObligationKind] = field(
        Choice(ObligationKind),
        nl="Verplichting",
        en="Obligation",
        category=Category.OBLIGATION,
        personal=True,
        importable=True,
        required=True,
    )
    creditor: Mapped[str | None] = field(
        Text(120), nl="Verstrekker", en="Creditor", category=Category.OBLIGATION, personal=True, importable=True
    )
    principal: Mapped[Sealed | None] = field(
        Money(),
        nl="Hoofdsom",
        en="Principal",
        category=Category.OBLIGATION,
        sensitive=True,
        audited=True,
        importable=True,
        help_nl="Het oorspronkelijke bedrag.",
        help_en="The original amount.",
    )
    balance: Mapped[Sealed | None] = field(
        Money(),
        nl="Actuele schuld",
        en="Current debt",
        category=Category.OBLIGATION,
        sensitive=True,
        audited=True,
        importable=True,
    )
    credit_limit: Mapped[Sealed | None] = field(
        Money(), nl="Limiet", en="Limit", category=Category.OBLIGATION, sensitive=True, audited=True, importable=True
    )
    monthly: Mapped[Sealed | None] = field(
        Money(),
        nl="Maandlast",
        en="Monthly payment",
        category=Category.OBLIGATION,
        sensitive=True,
        audited=True,
        importable=True,
        help_nl="Bij een studielening: wat nu echt wordt betaald.",
        help_en="For a student loan: what is really paid now.",
    )
    rate: Mapped[int | None] = field(
        Percentage(3_000), nl="Rente", en="Interest rate", category=Category.OBLIGATION, personal=True, importable=True
    )
    student_scheme: Mapped[StudentScheme | None] = field(
        Choice(StudentScheme),
        nl="Stelsel studielening",
        en="Student loan scheme",
        category=Category.OBLIGATION,
        personal=True,
        importable=True,
    )
    started_on: Mapped[date | None] = field(
        Date(), nl="Ingegaan op", en="Started on", category=Category.OBLIGATION, personal=True, importable=True
    )
    ends_on: Mapped[date | None] = field(
        Date(), nl="Loopt af op", en="Ends on", category=Category.OBLIGATION, personal=True, importable=True
    )
    bkr_known: Mapped[Known | None] = field(
        Choice(Known),
        nl="Bekend bij BKR",
        en="Known to the credit register",
        category=Category.OBLIGATION,
        personal=True,
        importable=True,
    )
