"""Lists of leads that people keep under a name, and which of them each has at hand."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
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
    or_,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import YesNo
from leadcrm.core.fields.text import Text
from leadcrm.core.scope import Scope, Scoped, Viewer

LONGEST = 1_500  # characters of an address


class View(CompanyRow, Stamped, Scoped, Base):
    """Filters, order and columns of the list, as its address says them. Shared ones belong to the company."""

    __tablename__ = "saved_views_view"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"]),
        Index(None, "company_id", "user_id"),
    )

    user_id: Mapped[UUID] = technical(Uuid(), nl="Gemaakt door", en="Made by", category=Category.PROCESS)
    name: Mapped[str] = field(
        Text(60), nl="Naam", en="Name", category=Category.PROCESS, purpose=Purpose.OPERATION, required=True
    )
    shared: Mapped[bool] = field(
        YesNo(), nl="Voor het hele kantoor", en="For the whole office", category=Category.PROCESS,
        purpose=Purpose.OPERATION, default=False, audited=True,
    )  # fmt: skip
    address: Mapped[str] = technical(String(LONGEST), nl="Lijst", en="List", category=Category.PROCESS, personal=True)
    removed_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Removed", category=Category.PROCESS
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own, and those that are shared; what a colleague keeps for themselves is theirs."""
        match viewer.scope:
            case Scope.OWN | Scope.COMPANY:
                reached = or_(cls.user_id == viewer.user_id, cls.shared)
                return and_(cls.company_id == viewer.company_id, reached)
            case _:
                return super().visible_to(viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Shared ones are the managers' to make and change."""
        match viewer.scope:
            case Scope.OWN:
                own = and_(cls.user_id == viewer.user_id, cls.shared.is_(False))
                return and_(cls.company_id == viewer.company_id, own)
            case _:
                return cls.visible_to(viewer)


class AtHand(CompanyRow, Scoped, Base):
    """What one person does with a view: pinned in the navigation, or opened with the list."""

    __tablename__ = "saved_views_at_hand"
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"]),
        ForeignKeyConstraint(
            ["company_id", "view_id"], ["saved_views_view.company_id", "saved_views_view.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("company_id", "user_id", "view_id"),
    )
    own_taste = True

    user_id: Mapped[UUID] = technical(Uuid())
    view_id: Mapped[UUID] = technical(Uuid())
    pinned: Mapped[bool] = technical(Boolean(), default=False)
    opens: Mapped[bool] = technical(Boolean(), default=False)  # the list begins with it
    position: Mapped[int] = technical(Integer(), default=0)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN | Scope.COMPANY:
                return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
            case _:
                return super().visible_to(viewer)
