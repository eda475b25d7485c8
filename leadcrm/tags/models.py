"""Tags of a company, and on which leads they were put."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.of_lead import OfLead, to_lead
from leadcrm.leads.models.source import OfCompany

LONGEST_NAME = 40
WORD_TAKEN = "uq_tags_tag_company_id_word"  # what the database says when two people want the same word


class Colour(Terms):
    """Always beside the word of the tag, never instead of it."""

    GREY = "grey", "Grijs", "Grey"
    BLUE = "blue", "Blauw", "Blue"
    GREEN = "green", "Groen", "Green"
    TEAL = "teal", "Turquoise", "Teal"
    YELLOW = "yellow", "Geel", "Yellow"
    ORANGE = "orange", "Oranje", "Orange"
    RED = "red", "Rood", "Red"
    PURPLE = "purple", "Paars", "Purple"
    PINK = "pink", "Roze", "Pink"


class Tag(CompanyRow, Stamped, OfCompany, Base):
    """A word of the company's own. One that was removed or merged is kept to be brought back, and shown nowhere."""

    __tablename__ = "tags_tag"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        Index(WORD_TAKEN, "company_id", "word", unique=True, postgresql_where=text("removed_at IS NULL")),
    )

    name: Mapped[str] = field(
        Text(LONGEST_NAME), nl="Tag", en="Tag", category=Category.PROCESS, purpose=Purpose.SERVICE, required=True,
        audited=True, help_nl="Een kort woord, bijvoorbeeld “Spoed” of “Oud-klant”.",
        help_en="A short word, for example “Urgent” or “Former client”.",
    )  # fmt: skip
    word: Mapped[str] = technical(String(2 * LONGEST_NAME))  # the name as it is compared
    colour: Mapped[Colour] = field(
        Choice(Colour, room=20), nl="Kleur", en="Colour", category=Category.PROCESS, purpose=Purpose.SERVICE,
        required=True, audited=True, default=Colour.GREY,
    )  # fmt: skip
    about: Mapped[str | None] = field(
        Text(200), nl="Waarvoor", en="What for", category=Category.PROCESS, purpose=Purpose.SERVICE,
        help_nl="Zodat iedereen de tag op dezelfde manier gebruikt.", help_en="So that everybody uses it alike.",
    )  # fmt: skip
    removed_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Removed", category=Category.PROCESS, audited=True
    )
    merged_into: Mapped[UUID | None] = technical(
        Uuid(), nl="Samengevoegd met", en="Merged into", category=Category.PROCESS, audited=True
    )


class Put(OfLead, Base):
    """A tag on a lead. The moment of the lead stands here too, so that a list of one tag walks one index."""

    __tablename__ = "tags_put"
    __table_args__ = (
        to_lead(),
        ForeignKeyConstraint(["company_id", "tag_id"], ["tags_tag.company_id", "tags_tag.id"]),
        UniqueConstraint("company_id", "lead_id", "tag_id"),
        Index(None, "company_id", "tag_id", "lead_created_at", "lead_id"),
        Index(None, "company_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
    )

    tag_id: Mapped[UUID] = technical(Uuid(), nl="Tag", en="Tag", category=Category.PROCESS)
    lead_created_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.PROCESS)
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    batch_id: Mapped[UUID | None] = technical(Uuid())  # of a bulk action or import
    merged_from: Mapped[UUID | None] = technical(Uuid())  # the tag that it was before those were merged
