"""Companies, the people who sign in, how they like it, and their extra rights."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
    and_,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped

from leadcrm.auth.models.platform import by_company, of_platform
from leadcrm.auth.permissions import LONGEST_AUDIT_DAYS, Role
from leadcrm.core.db import PLATFORM_ID, Base, CompanyRow, Stamped, now
from leadcrm.core.fields.dates import Date as Day
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.people import Email
from leadcrm.core.fields.terms import Choice, Terms, YesNo
from leadcrm.core.fields.text import Text as Line
from leadcrm.core.scope import Scope, Scoped, Viewer


class Language(Terms):
    DUTCH = "nl", "Nederlands", "Nederlands"
    ENGLISH = "en", "English", "English"


class Theme(Terms):
    AUTO = "auto", "Zoals het systeem", "As the system"
    LIGHT = "light", "Licht", "Light"
    DARK = "dark", "Donker", "Dark"


class Company(Scoped, Stamped, Base):
    """An office that uses the product. Its rows' `company_id` is this id; one is reserved for the platform's staff."""

    __tablename__ = "auth_company"
    __table_args__ = (
        UniqueConstraint("id"), UniqueConstraint("slug"), CheckConstraint("company_id = id", name="self"),
        CheckConstraint(f"active OR id <> '{PLATFORM_ID}'", name="platform_stays"),
    )
    may = "SELECT, INSERT, UPDATE"

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    name: Mapped[str] = field(
        Line(max_length=120), nl="Naam", en="Name", category=Category.ACCOUNT, purpose=Purpose.ADMINISTRATION,
        audited=True, required=True,
    )
    slug: Mapped[str] = technical(String(60), nl="Kenmerk", en="Slug", category=Category.ACCOUNT)
    totp_required: Mapped[bool] = field(
        YesNo(), nl="Tweede stap verplicht", en="Second step required", category=Category.SECURITY,
        purpose=Purpose.SECURITY, audited=True, required=True, default=True,
        help_nl="Bij het inloggen vragen we ook een code of passkey. Uitzetten geldt alleen voor adviseurs, en wordt "
        "vastgelegd en gemeld.",
        help_en="Signing in also asks a code or passkey. Switching it off is for agents only, and is logged and told.",
    )
    active: Mapped[bool] = field(
        YesNo(), nl="Actief", en="Active", category=Category.ACCOUNT, purpose=Purpose.ADMINISTRATION, audited=True,
        required=True, default=True,
        help_nl="Niemand van een uitgeschakeld bedrijf kan inloggen.",
        help_en="Nobody of a disabled company can sign in.",
    )

    def __init__(self, **values: Any):
        values.setdefault("id", uuid4())
        super().__init__(company_id=values["id"], **values)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return by_company(cls, viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        return of_platform(viewer) if viewer.scope == Scope.NONE else super().visible_to(viewer)


class User(Scoped, CompanyRow, Stamped, Base):
    """Somebody who can sign in. An e-mail address signs in one user only, but may be invited by several companies."""

    __tablename__ = "auth_user"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        UniqueConstraint("id"),
        UniqueConstraint("company_id", "email"),
        # Inviting answers the same whether or not the address is in use elsewhere; it is claimed when the link is used.
        Index("uq_auth_user_email", "email", unique=True, postgresql_where=sql("joined_at IS NOT NULL")),
        CheckConstraint(f"(role = '{Role.ADMIN}') = (company_id = '{PLATFORM_ID}')", name="admins_are_platform"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint(
            f"role <> '{Role.AUDITOR}' OR (starts_on IS NOT NULL AND ends_on IS NOT NULL AND ends_on >= starts_on "
            f"AND ends_on - starts_on <= {LONGEST_AUDIT_DAYS})",
            name="audits_end",
        ),
    )
    may = "SELECT, INSERT, UPDATE"

    email: Mapped[str] = field(
        Email(), nl="E-mailadres", en="E-mail address", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        personal=True, audited=True, searchable=True, required=True,
        help_nl="Hiermee logt deze persoon in.", help_en="This person signs in with it.",
    )
    name: Mapped[str] = field(
        Line(max_length=120, autocomplete="name"), nl="Naam", en="Name", category=Category.ACCOUNT,
        purpose=Purpose.SERVICE, personal=True, audited=True, searchable=True, required=True,
    )
    role: Mapped[Role] = field(
        Choice(Role), nl="Rol", en="Role", category=Category.ACCOUNT, purpose=Purpose.SECURITY, audited=True,
        required=True,
    )
    active: Mapped[bool] = field(
        YesNo(), nl="Actief", en="Active", category=Category.ACCOUNT, purpose=Purpose.SECURITY, audited=True,
        required=True, default=True,
        help_nl="Wie uitgeschakeld is, wordt meteen uitgelogd.", help_en="Who is disabled is signed out at once.",
    )
    starts_on: Mapped[date | None] = field(
        Day(), nl="Toegang vanaf", en="Access from", category=Category.ACCOUNT, purpose=Purpose.SECURITY,
        audited=True, help_nl="Leeg: meteen.", help_en="Empty: at once.",
    )
    ends_on: Mapped[date | None] = field(
        Day(), nl="Toegang tot en met", en="Access until", category=Category.ACCOUNT,
        purpose=Purpose.SECURITY, audited=True,
        help_nl="Na deze dag kan de persoon niet meer inloggen. Verplicht voor een auditor, hooguit een jaar.",
        help_en="After this day the person cannot sign in any more. Needed for an auditor, a year at most.",
    )
    invited_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Uitgenodigd", en="Invited", category=Category.ACCOUNT,
    )
    joined_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Meedoend sinds", en="Joined", category=Category.ACCOUNT,
    )
    last_sign_in_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Laatst ingelogd", en="Last sign-in", category=Category.ACCOUNT,
    )
    second_factor_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Tweede stap sinds", en="Second step since", category=Category.SECURITY,
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return by_company(cls, viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Managers their company's, the platform's staff everybody's; agents nobody's."""
        match viewer.scope:
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case Scope.NONE:
                return of_platform(viewer)
            case _:
                return super().visible_to(viewer)


class Preference(Scoped, CompanyRow, Base):
    """How somebody likes it. The id is the user's."""

    __tablename__ = "auth_preference"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "id"], ["auth_user.company_id", "auth_user.id"], ondelete="CASCADE"),
    )
    may = "SELECT, INSERT, UPDATE"
    own_taste = True

    language: Mapped[Language] = field(
        Choice(Language), nl="Taal", en="Language", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        default=Language.DUTCH, required=True,
    )
    theme: Mapped[Theme] = field(
        Choice(Theme), nl="Weergave", en="Appearance", category=Category.ACCOUNT, purpose=Purpose.SERVICE,
        default=Theme.AUTO, required=True,
    )
    rows_per_page: Mapped[int] = technical(
        SmallInteger(), nl="Rijen per pagina", en="Rows a page", category=Category.ACCOUNT, default=25,
    )
    columns: Mapped[dict[str, list[str]]] = technical(  # list → its columns, in order
        JSON(), nl="Kolommen", en="Columns", category=Category.ACCOUNT, default=dict,
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return and_(cls.company_id == viewer.company_id, cls.id == viewer.user_id)


class Grant(Scoped, CompanyRow, Base):
    """One extra right of one user."""

    __tablename__ = "auth_grant"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"], ondelete="CASCADE"),
        UniqueConstraint("company_id", "user_id", "permission"),
    )
    may = "SELECT, INSERT, DELETE"

    user_id: Mapped[UUID] = technical(Uuid(), category=Category.ACCOUNT, audited=True)
    permission: Mapped[str] = technical(
        String(120), nl="Recht", en="Right", category=Category.SECURITY, audited=True,
    )
    ends_on: Mapped[date | None] = technical(  # the last day; none: until it is taken back
        Date(), nl="Tot en met", en="Until", category=Category.SECURITY, audited=True,
    )
    granted_by: Mapped[UUID | None] = technical(Uuid(), nl="Gegeven door", en="Granted by", category=Category.SECURITY)
    granted_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Gegeven op", en="Granted at", category=Category.SECURITY, default=now,
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        own = and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
        return own if viewer.scope == Scope.OWN else by_company(cls, viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case Scope.NONE:
                return of_platform(viewer)
            case _:
                return super().visible_to(viewer)
