"""What leads are found by, besides the words in their own search column. Kept by jobs and triggers; nobody reads it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKeyConstraint, Index, Integer, SmallInteger, String, Uuid
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, now
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.scope import Scoped

LONGEST_NAME_WORD = 40


class NameWord(Scoped, CompanyRow, Base):
    """A word that names in a company are made of, and fingerprints of what it may be mistaken for (services/sounding).

    No person sees one: leads_found() widens a search with them, and answers leads that the viewer sees.
    """

    __tablename__ = "leads_name_word"
    __table_args__ = (
        Index(None, "company_id", "word", unique=True),
        Index(None, "fingerprints", postgresql_using="gin"),
    )

    word: Mapped[str] = technical(String(LONGEST_NAME_WORD), category=Category.IDENTITY, personal=True)
    fingerprints: Mapped[list[int]] = technical(ARRAY(BigInteger()), category=Category.IDENTITY, personal=True)
    times: Mapped[int] = technical(Integer(), category=Category.IDENTITY)


class Indexed(Scoped, CompanyRow, Base):
    """How far the leads of a company have the words of today's version, and when their names were read.

    The id is the company's.
    """

    __tablename__ = "leads_indexed"

    version: Mapped[int] = technical(SmallInteger(), default=0)
    reached: Mapped[UUID | None] = technical(Uuid())  # of the version after it: the last lead that was done
    names_at: Mapped[datetime | None] = technical(DateTime(timezone=True))
    at: Mapped[datetime] = technical(DateTime(timezone=True), default=now)


class NoteWords(Base):
    """The words of a text on the timeline, as it reads today. Closed: a trigger keeps it, leads_found() reads it."""

    __tablename__ = "leads_note_words"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "entry_id"], ["leads_entry.company_id", "leads_entry.id"], ondelete="CASCADE"
        ),
        Index(None, "company_id", "entry_id"),
        Index(None, "company_id", "at"),
        Index(None, "words", postgresql_using="gin"),
    )

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    id: Mapped[UUID] = technical(Uuid(), primary_key=True)  # the first of the entries that are one note
    entry_id: Mapped[UUID] = technical(Uuid())  # the one that holds
    lead_id: Mapped[UUID] = technical(Uuid())
    at: Mapped[datetime] = technical(DateTime(timezone=True))
    words: Mapped[str] = technical(TSVECTOR(), category=Category.PROCESS, personal=True)
