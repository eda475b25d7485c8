"""The secret address under which somebody's own calendar program reads their appointments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, Uuid, and_
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, now
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.scope import Scope, Scoped, Viewer


class Feed(CompanyRow, Scoped, Base):
    """One for each person; only the hash of the secret is kept. Each sees and changes their own."""

    __tablename__ = "followup_feed"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"]),
        UniqueConstraint("company_id", "user_id"),
        Index(None, "token_hash", unique=True),
    )

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    token_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    made_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Gemaakt", en="Made", category=Category.SECURITY, default=now
    )
    used_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Laatst gelezen", en="Last read", category=Category.SECURITY
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.scope in (Scope.OWN, Scope.COMPANY):
            return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
        return super().visible_to(viewer)
