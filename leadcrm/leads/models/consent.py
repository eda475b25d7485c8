"""The consent ledger: what a person allowed or took back, when, and on which text. Lines are only ever added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.of_lead import OfLead, to_lead, to_person
from leadcrm.leads.models.terms import ConsentChannel, ConsentPurpose


class Consent(OfLead, Base):
    """A line of the ledger: given, or withdrawn. The latest line of a person, channel and purpose is what holds."""

    __tablename__ = "leads_consent"
    __table_args__ = (
        to_lead(),
        to_person(),
        Index(None, "company_id", "lead_id"),
        CheckConstraint("(given_at IS NULL) <> (withdrawn_at IS NULL)", name="given_or_withdrawn"),
    )
    may = "SELECT, INSERT"

    person_id: Mapped[UUID] = technical(Uuid(), nl="Van", en="Of", category=Category.CONSENT)
    recorded_by: Mapped[UUID | None] = technical(
        Uuid(), nl="Vastgelegd door", en="Recorded by", category=Category.CONSENT
    )
    channel: Mapped[ConsentChannel] = field(
        Choice(ConsentChannel),
        nl="Kanaal",
        en="Channel",
        category=Category.CONSENT,
        personal=True,
        audited=True,
        required=True,
        importable=True,
    )
    purpose: Mapped[ConsentPurpose] = field(
        Choice(ConsentPurpose),
        nl="Waarvoor",
        en="Purpose",
        category=Category.CONSENT,
        personal=True,
        audited=True,
        required=True,
        importable=True,
    )
    text_version: Mapped[str | None] = field(
        Text(60),
        nl="Versie van de tekst",
        en="Version of the text",
        category=Category.CONSENT,
        importable=True,
        help_nl="Welke tekst de klant zag of hoorde.",
        help_en="Which text the client saw or heard.",
    )
    source: Mapped[str | None] = field(
        Text(120),
        nl="Waar gegeven",
        en="Where given",
        category=Category.CONSENT,
        importable=True,
        help_nl="Bijvoorbeeld: formulier op de website, telefoongesprek.",
        help_en="For example: form on the website, telephone call.",
    )
    given_at: Mapped[datetime | None] = field(
        Moment(),
        nl="Gegeven op",
        en="Given on",
        category=Category.CONSENT,
        personal=True,
        audited=True,
        importable=True,
    )
    withdrawn_at: Mapped[datetime | None] = field(
        Moment(), nl="Ingetrokken op", en="Withdrawn on", category=Category.CONSENT, personal=True, audited=True
    )
    evidence_hash: Mapped[str | None] = field(
        Text(64), nl="Vingerafdruk van het bewijs", en="Fingerprint of the evidence", category=Category.CONSENT
    )
