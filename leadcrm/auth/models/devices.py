"""Browsers that somebody signed in with, and the tokens that sessions had before.

Closed: only the reviewed functions of migrations/0007_devices.py read and write them, through services/doors.py.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow
from leadcrm.core.fields.facts import Category, technical


class Device(CompanyRow, Base):
    """A browser that one person signed in with completely, known by a cookie. Closed."""

    __tablename__ = "auth_device"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"], ondelete="CASCADE"),
        UniqueConstraint("user_id", "token_hash"),
        UniqueConstraint("notice_hash"),
        Index(None, "company_id", "user_id"),
        Index(None, "last_seen_at"),
    )

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    token_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)  # SHA-256 of the cookie
    notice_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)  # of the link in its notice
    name: Mapped[str] = technical(String(120), category=Category.SECURITY, personal=True)
    address_prefix: Mapped[str] = technical(String(45), category=Category.SECURITY, personal=True)
    first_seen_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    last_seen_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)


class SpentToken(CompanyRow, Base):
    """A token that a session had before. Who comes with one after its grace has a copy of a cookie. Closed."""

    __tablename__ = "auth_spent_token"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "session_id"], ["auth_session.company_id", "auth_session.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("token_hash"),
        Index(None, "company_id", "session_id"),
    )

    session_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    token_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    spent_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
