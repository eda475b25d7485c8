"""Where leads come from: the channel (source), the brand that gathered them (label), the firm that sells (supplier)."""

from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.money import Money, Whole
from leadcrm.core.fields.people import Kvk
from leadcrm.core.fields.terms import YesNo
from leadcrm.core.fields.text import Text
from leadcrm.core.scope import Scope, Scoped, Viewer


class OfCompany(Scoped):
    """Everybody of the company sees these rows; its managers change them."""

    company_id: Mapped[UUID]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN | Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)


class Supplier(CompanyRow, Stamped, OfCompany, Base):
    """A firm that sells leads."""

    __tablename__ = "leads_supplier"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        UniqueConstraint("company_id", "name"),
    )

    name: Mapped[str] = field(Text(120), nl="Leverancier", en="Supplier", category=Category.PROCESS, required=True)
    kvk: Mapped[str | None] = field(Kvk(), nl="KvK-nummer", en="Trade register number", category=Category.PROCESS)
    afm_licence: Mapped[str | None] = field(
        Text(20),
        nl="AFM-vergunningnummer",
        en="AFM licence number",
        category=Category.PROCESS,
        help_nl="Zoek het op in het register van de AFM.",
        help_en="Look it up in the register of the AFM.",
    )
    active: Mapped[bool] = field(
        YesNo(), nl="In gebruik", en="In use", category=Category.PROCESS, required=True, default=True
    )


class Label(CompanyRow, Stamped, OfCompany, Base):
    """A brand under which a supplier gathers leads, with what was agreed about price and return."""

    __tablename__ = "leads_label"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        ForeignKeyConstraint(["company_id", "supplier_id"], ["leads_supplier.company_id", "leads_supplier.id"]),
        UniqueConstraint("company_id", "name"),
    )

    name: Mapped[str] = field(Text(120), nl="Label", en="Label", category=Category.PROCESS, required=True)
    supplier_id: Mapped[UUID | None] = technical(Uuid(), nl="Leverancier", en="Supplier", category=Category.PROCESS)
    price: Mapped[int | None] = field(
        Money(),
        nl="Prijs per lead",
        en="Price per lead",
        category=Category.PROCESS,
        purpose=Purpose.INVOICING,
        audited=True,
    )
    return_days: Mapped[int | None] = field(
        Whole(0, 365, "dagen", "days"), nl="Retour binnen", en="Return within", category=Category.PROCESS
    )
    exclusive: Mapped[bool | None] = field(YesNo(), nl="Exclusief", en="Exclusive", category=Category.PROCESS)
    active: Mapped[bool] = field(
        YesNo(), nl="In gebruik", en="In use", category=Category.PROCESS, required=True, default=True
    )


class Source(CompanyRow, Stamped, OfCompany, Base):
    """The channel through which a lead came in: a website, a campaign, a file. Its key names it in the API."""

    __tablename__ = "leads_source"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        UniqueConstraint("company_id", "key"),
    )

    key: Mapped[str] = field(
        Text(60),
        nl="Sleutel",
        en="Key",
        category=Category.PROCESS,
        required=True,
        help_nl="Kort, zonder spaties: hiermee noemt een koppeling de bron.",
        help_en="Short, without spaces: how a connection names the source.",
    )
    name: Mapped[str] = field(Text(120), nl="Leadbron", en="Lead source", category=Category.PROCESS, required=True)
    active: Mapped[bool] = field(
        YesNo(), nl="In gebruik", en="In use", category=Category.PROCESS, required=True, default=True
    )
