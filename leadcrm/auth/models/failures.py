"""Who was not let in, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Index,
    String,
    Uuid,
    true,
)
from sqlalchemy.orm import Mapped

from leadcrm.auth.models.platform import by_company
from leadcrm.core.db import Base, CompanyRow, now
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.scope import Scope, Scoped, Viewer


class Reason(Terms):
    """Why somebody was not let in. Shown to admins and managers, never to who tried."""

    UNKNOWN_ACCOUNT = "unknown_account", "Onbekend account", "Unknown account"
    WRONG_PASSWORD = "wrong_password", "Verkeerd wachtwoord", "Wrong password"
    NO_PASSWORD = "no_password", "Nog geen wachtwoord", "No password yet"
    INACTIVE = "inactive", "Account uitgeschakeld", "Account disabled"
    WRONG_CODE = "wrong_code", "Verkeerde code", "Wrong code"
    REPLAYED_CODE = "replayed_code", "Code opnieuw gebruikt", "Code used again"
    LIMITED = "limited", "Te veel pogingen", "Too many attempts"
    ADDRESS = "address", "IP-adres niet toegestaan", "IP address not permitted"
    INCOMPLETE = "incomplete", "Tweede stap niet afgemaakt", "Second step not finished"
    WRONG_RECOVERY_CODE = "wrong_recovery_code", "Verkeerde herstelcode", "Wrong recovery code"
    WRONG_PASSKEY = "wrong_passkey", "Verkeerde passkey", "Wrong passkey"
    COPIED_PASSKEY = "copied_passkey", "Passkey mogelijk gekopieerd", "Passkey possibly copied"
    STEP_UP = "step_up", "Bevestiging mislukt", "Confirmation failed"
    STOLEN_COOKIE = "stolen_cookie", "Gekopieerde cookie", "Copied cookie"
    CSRF = "csrf", "Formulier niet van ons", "Form not ours"
    BAD_LINK = "bad_link", "Ongeldige wachtwoordlink", "Invalid password link"


class FailedLogin(Scoped, CompanyRow, Base):
    """Somebody was not let in. Only added to, never changed.

    `account` is the address as typed when it is a known account; else a mask, since people type passwords there.
    """

    __tablename__ = "auth_failed_login"
    __table_args__ = (
        Index(None, "company_id", "at", "id"), Index(None, "at", "id"), Index(None, "fingerprint", "at"),
    )
    may = "SELECT, INSERT"

    at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Tijd", en="Time", category=Category.SECURITY, default=now,
    )
    reason: Mapped[Reason] = field(
        Choice(Reason, room=40), nl="Reden", en="Reason", category=Category.SECURITY, purpose=Purpose.SECURITY,
    )
    account: Mapped[str] = technical(String(254), nl="Account", en="Account", category=Category.SECURITY, personal=True)
    fingerprint: Mapped[int] = technical(BigInteger(), category=Category.SECURITY)  # keyed, of the address as typed
    user_id: Mapped[UUID | None] = technical(Uuid(), category=Category.SECURITY)
    address: Mapped[str] = technical(
        String(45), nl="IP-adres", en="IP address", category=Category.SECURITY, personal=True,
    )
    prefix: Mapped[str] = technical(
        String(49), nl="Netwerk", en="Network", category=Category.SECURITY, personal=True, server_default="",
    )
    user_agent: Mapped[str] = technical(
        String(300), nl="Apparaat", en="Device", category=Category.SECURITY, personal=True,
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.COMPANY | Scope.NONE:  # auditors their company's, the platform's staff everybody's
                return by_company(cls, viewer)
            case _:
                return super().visible_to(viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Anybody adds: who fails has no scope yet. The table's privileges forbid the rest."""
        return true()
