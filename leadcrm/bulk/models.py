"""A batch: one action for many leads, its leads in chunks, and what became of each of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    and_,
    exists,
)
from sqlalchemy.orm import Mapped, aliased

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.scope import Scope, Scoped, Viewer


class State(Terms):
    """Where a batch stands. Only the last four stay."""

    WAITING = "waiting", "Wacht", "Waiting"
    RUNNING = "running", "Bezig", "Busy"
    UNDOING = "undoing", "Wordt teruggedraaid", "Being undone"
    DONE = "done", "Klaar", "Ready"
    CANCELLED = "cancelled", "Gestopt", "Stopped"
    UNDONE = "undone", "Teruggedraaid", "Undone"
    FAILED = "failed", "Mislukt", "Failed"


class Result(Terms):
    """What became of one lead. Kept in the order in which people want to read them."""

    DONE = "done", "Gedaan", "Done"
    SKIPPED = "skipped", "Overgeslagen", "Skipped"
    GONE = "gone", "Niet meer van u", "Not yours any more"
    UNDONE = "undone", "Teruggedraaid", "Undone"
    KEPT = "kept", "Bleef staan", "Stayed as it was"


class Batch(CompanyRow, Stamped, Scoped, Base):
    """One action for many leads. An agent sees their own, a manager those of the company."""

    __tablename__ = "bulk_batch"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"]),
        Index(None, "company_id", "user_id", "created_at", "id"),
        Index(None, "company_id", "created_at", "id"),
    )

    user_id: Mapped[UUID] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    action: Mapped[str] = technical(String(40), nl="Actie", en="Action", category=Category.PROCESS)
    arguments: Mapped[dict[str, Any]] = technical(JSON(), category=Category.PROCESS)
    # The address of the list whose leads are meant, as it stood after the question mark; None: chosen by hand.
    listed: Mapped[str | None] = technical(String(4_000), nl="Lijst", en="List", category=Category.PROCESS)
    state: Mapped[State] = field(
        Choice(State), nl="Stand", en="State", category=Category.PROCESS, purpose=Purpose.OPERATION, audited=True,
        default=State.WAITING,
    )  # fmt: skip
    said: Mapped[int] = technical(Integer(), nl="Aantal", en="Number", category=Category.PROCESS)  # when confirmed
    gathered: Mapped[bool] = technical(Boolean(), default=False)  # its leads stand in chunks
    problem: Mapped[str | None] = technical(String(500), nl="Storing", en="Failure", category=Category.PROCESS)
    began_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Begonnen", en="Began", category=Category.PROCESS
    )
    ended_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Klaar", en="Ended", category=Category.PROCESS
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN:
                return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)


class OfBatch(CompanyRow, Scoped):
    """What belongs to a batch is seen by whoever sees the batch."""

    batch_id: Mapped[UUID] = technical(Uuid())

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN:
                mine = aliased(Batch, name="of_batch")
                its_batch = and_(
                    mine.company_id == cls.company_id, mine.id == cls.batch_id, mine.user_id == viewer.user_id
                )
                return and_(cls.company_id == viewer.company_id, exists().where(its_batch).correlate_except(mine))
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)


def to_batch() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["company_id", "batch_id"], ["bulk_batch.company_id", "bulk_batch.id"], ondelete="CASCADE"
    )


class Chunk(OfBatch, Base):
    """Some hundreds of leads. What is done to them and that it is done are one transaction."""

    __tablename__ = "bulk_chunk"
    __table_args__ = (to_batch(), UniqueConstraint("company_id", "batch_id", "number"))

    number: Mapped[int] = technical(Integer())
    lead_ids: Mapped[list[UUID]] = technical(ARRAY(Uuid()))
    known_as: Mapped[list[str]] = technical(ARRAY(String(20)), category=Category.PROCESS)  # one for each of these
    leads: Mapped[int] = technical(Integer())
    done: Mapped[bool] = technical(Boolean(), default=False)
    undone: Mapped[bool] = technical(Boolean(), default=False)
    succeeded: Mapped[int] = technical(Integer(), default=0)  # these three make up the leads once they are done
    skipped: Mapped[int] = technical(Integer(), default=0)
    gone: Mapped[int] = technical(Integer(), default=0)
    returned: Mapped[int] = technical(Integer(), default=0)  # of those that succeeded, taken back since


class Item(OfBatch, Base):
    """What became of one lead. The reference tells which, also to who does not see the lead any more."""

    __tablename__ = "bulk_item"
    __table_args__ = (to_batch(), Index(None, "company_id", "batch_id", "result", "number", "id"))

    number: Mapped[int] = technical(Integer(), nl="Nummer", en="Number", category=Category.PROCESS)
    lead_id: Mapped[UUID] = technical(Uuid(), nl="Lead", en="Lead", category=Category.PROCESS)
    reference: Mapped[str] = technical(String(20), nl="Kenmerk", en="Reference", category=Category.PROCESS, default="")
    result: Mapped[Result] = field(
        Choice(Result), nl="Resultaat", en="Result", category=Category.PROCESS, purpose=Purpose.OPERATION
    )
    reason: Mapped[str] = technical(String(300), nl="Reden", en="Reason", category=Category.PROCESS, default="")
    was: Mapped[str | None] = technical(String(1_000), category=Category.PROCESS, personal=True)  # for the undo
