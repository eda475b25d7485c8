"""What proves somebody beside the password: passkeys and recovery codes; and who is still to prove it.

Closed, as closed.py; the functions are those of migrations/0006_factors.py, through services/factors/doors.py.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow
from leadcrm.core.fields.facts import Category, technical


def _of_user() -> ForeignKeyConstraint:
    user = ["auth_user.company_id", "auth_user.id"]
    return ForeignKeyConstraint(["company_id", "user_id"], user, ondelete="CASCADE")


class Passkey(CompanyRow, Base):
    """A key pair of somebody's device or security key (WebAuthn). We hold the public half."""

    __tablename__ = "auth_passkey"
    __table_args__ = (_of_user(), UniqueConstraint("credential_id"), Index(None, "company_id", "user_id"))

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    credential_id: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    public_key: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    sign_count: Mapped[int] = technical(BigInteger(), category=Category.SECURITY)
    transports: Mapped[str] = technical(String(100), category=Category.SECURITY)  # usb nfc ble internal hybrid
    label: Mapped[str] = technical(String(60), category=Category.SECURITY, personal=True)
    synced: Mapped[bool] = technical(Boolean(), category=Category.SECURITY)  # by a password manager, to more devices
    created_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    last_used_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)


class RecoveryCode(CompanyRow, Base):
    """A code on paper, for who has nothing else at hand. Once. 120 random bits: a plain hash tells nothing."""

    __tablename__ = "auth_recovery_code"
    __table_args__ = (
        _of_user(), UniqueConstraint("company_id", "user_id", "code_hash"), Index(None, "company_id", "user_id"),
    )

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    code_hash: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    created_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
    used_at: Mapped[datetime | None] = technical(DateTime(timezone=True), category=Category.SECURITY)


class Challenge(CompanyRow, Base):
    """What a passkey has to sign: for one session and purpose, five minutes, once."""

    __tablename__ = "auth_challenge"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "session_id"], ["auth_session.company_id", "auth_session.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("company_id", "session_id", "purpose"),
    )

    session_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    purpose: Mapped[str] = technical(String(10), category=Category.SECURITY)
    challenge: Mapped[bytes] = technical(LargeBinary(), category=Category.SECURITY)
    expires_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)


class Pending(CompanyRow, Base):
    """Somebody gave the right password and no second factor yet. Forgotten when it comes, or when it was reported."""

    __tablename__ = "auth_pending"
    __table_args__ = (_of_user(), Index(None, "company_id", "user_id"))

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    session_id: Mapped[UUID] = technical(Uuid(), category=Category.SECURITY)
    address: Mapped[str] = technical(String(45), category=Category.SECURITY, personal=True)
    user_agent: Mapped[str] = technical(String(300), category=Category.SECURITY, personal=True)
    began_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)
