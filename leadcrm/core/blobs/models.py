"""What is known of a blob, and of an upload on its way in. The bytes are elsewhere."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
    and_,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, now
from leadcrm.core.fields.facts import Boxed, Category, technical
from leadcrm.core.scope import Scope, Scoped, Viewer

LASTS = timedelta(hours=24)  # an upload nobody goes on with


class State(StrEnum):
    KEPT = "kept"
    DOOMED = "doomed"  # its bytes go after the commit


class Blob(Scoped, CompanyRow, Base):
    """A file that is all there. Whoever is of the company may see that it exists; before a sign-in, who made it."""

    __tablename__ = "core_blob"
    __table_args__ = (
        UniqueConstraint("id"),  # the file is named after it alone
        CheckConstraint("state IN ('kept', 'doomed')", name="state"),
        Index("ix_core_blob_doomed", "id", postgresql_where=sql("state = 'doomed'")),
    )

    size: Mapped[int] = technical(BigInteger(), nl="Grootte", en="Size", category=Category.PROCESS)
    digest: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)  # SHA-256 of the clear bytes
    sealed_key: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY, boxed=Boxed())
    state: Mapped[str] = technical(String(8), nl="Stand", en="State", category=Category.PROCESS, default=State.KEPT)
    made_by: Mapped[UUID | None] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    made_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Bewaard op", en="Kept on", category=Category.PROCESS, default=now
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN | Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case Scope.NONE:
                return and_(cls.company_id == viewer.company_id, cls.made_by == viewer.user_id)
            case _:
                return super().visible_to(viewer)


class Spool(Scoped, CompanyRow, Base):
    """An upload on its way in, which only its maker sees. Its id becomes that of the blob."""

    __tablename__ = "core_spool"
    __table_args__ = (UniqueConstraint("id"), Index(None, "expires_at"), Index(None, "company_id", "user_id"))

    user_id: Mapped[UUID] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    length: Mapped[int] = technical(BigInteger(), nl="Grootte", en="Size", category=Category.PROCESS)
    offset: Mapped[int] = technical(BigInteger(), nl="Ontvangen", en="Received", category=Category.PROCESS, default=0)
    digest: Mapped[bytes | None] = technical(LargeBinary(), category=Category.SECURITY)  # when it came in one piece
    sealed_key: Mapped[bytes] = technical(
        LargeBinary(), category=Category.SECURITY, boxed=Boxed(table="core_blob", column="sealed_key")
    )
    tail: Mapped[bytes | None] = technical(  # what does not fill a chunk yet
        LargeBinary(), category=Category.IDENTITY, personal=True, boxed=Boxed()
    )
    begun_at: Mapped[datetime] = technical(DateTime(timezone=True), default=now)
    expires_at: Mapped[datetime] = technical(DateTime(timezone=True), default=lambda: now() + LASTS)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN | Scope.COMPANY | Scope.NONE:
                return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
            case _:
                return super().visible_to(viewer)
