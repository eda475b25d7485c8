"""What proves who somebody is.

These classes have no scope: they are closed to every role of the application. Only the reviewed functions of
migrations/0002_auth.py read and write them, through services/doors.py.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow
from leadcrm.core.fields.facts import Boxed, Category, technical


class Secret(CompanyRow, Base):
    """What a user proves to be one with. Closed. The id is the user's."""

    __tablename__ = "auth_secret"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "id"], ["auth_user.company_id", "auth_user.id"], ondelete="CASCADE"),
    )

    password_hash: Mapped[str | None] = technical(Text(), category=Category.SECURITY, personal=True)
    password_set_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)
    totp: Mapped[bytes | None] = technical(LargeBinary(), category=Category.SECURITY, personal=True, boxed=Boxed())
    totp_last_step: Mapped[int] = technical(BigInteger(), category=Category.SECURITY, default=0)
    totp_confirmed_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)
    totp_used_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)


class Visit(CompanyRow, Base):
    """A browser that signed in. Closed. Level 1: only the password was right; 2: everything that is asked."""

    __tablename__ = "auth_session"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"], ondelete="CASCADE"),
        UniqueConstraint("id_hash"),
        Index(None, "company_id", "user_id"),
        Index(None, "expires_at"),
        Index(None, "prev_hash"),
        CheckConstraint("auth_level IN (1, 2)", name="level"),
    )

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    id_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)  # SHA-256 of the token in the cookie
    prev_hash: Mapped[bytes | None] = technical(LargeBinary(), category=Category.SECURITY)  # of the token before
    rotated_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)
    seen_at: Mapped[datetime | None] = technical(  # when the newest token first came back: the grace counts from there
        DateTime(timezone=True), category=Category.SECURITY,
    )
    role: Mapped[str | None] = technical(String(14), category=Category.SECURITY)  # when the token was made
    device_id: Mapped[UUID | None] = technical(Uuid(), category=Category.SECURITY)  # one that may be forgotten since
    auth_level: Mapped[int] = technical(SmallInteger(), category=Category.SECURITY)
    created_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    last_seen_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    expires_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    address_prefix: Mapped[str] = technical(String(45), category=Category.SECURITY, personal=True)
    user_agent: Mapped[str] = technical(String(120), category=Category.SECURITY, personal=True)
    user_agent_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    totp_offered: Mapped[bytes | None] = technical(  # until confirmed
        LargeBinary(), category=Category.SECURITY, boxed=Boxed("auth_secret", "totp", "user_id"),
    )
    stepup_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)
    revoked_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)


class Link(CompanyRow, Base):
    """A link to set a password with: once, within a day. Closed."""

    __tablename__ = "auth_link"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"], ondelete="CASCADE"),
        UniqueConstraint("token_hash"),
        Index(None, "company_id", "user_id"),
    )

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    token_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    created_by: Mapped[UUID | None] = technical(Uuid(), category=Category.SECURITY)
    created_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    expires_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    used_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)


class Forgotten(CompanyRow, Base):
    """An address for which a new password was asked, whether or not it has an account. Closed; kept for an hour."""

    __tablename__ = "auth_forgotten"

    sealed: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY, personal=True, boxed=Boxed())
    language: Mapped[str] = technical(String(2), category=Category.SECURITY)
    created_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
