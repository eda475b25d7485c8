"""An export: which list, which columns, how far, and for a day its file. Only who made it sees it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Uuid,
    and_,
    text,
)
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms, YesNo
from leadcrm.core.scope import Scope, Scoped, Viewer


class Form(Terms):
    XLSX = "xlsx", "Excel (xlsx)", "Excel (xlsx)"
    CSV = "csv", "CSV (tekst met puntkomma's)", "CSV (text with semicolons)"


class State(Terms):
    WAITING = "waiting", "Wacht", "Waiting"
    RUNNING = "running", "Bezig", "Busy"
    DONE = "done", "Klaar", "Ready"
    CANCELLED = "cancelled", "Gestopt", "Stopped"
    FAILED = "failed", "Mislukt", "Failed"
    EXPIRED = "expired", "Verlopen", "Expired"  # its file is gone


class Export(CompanyRow, Stamped, Scoped, Base):
    """Nobody but its maker sees it, a manager neither: it may hold what they opened for themselves."""

    __tablename__ = "exports_export"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"]),
        ForeignKeyConstraint(["company_id", "blob_id"], ["core_blob.company_id", "core_blob.id"]),
        Index(None, "company_id", "user_id", "created_at", "id"),
        Index(None, "company_id", "blob_id"),
        Index(None, "expires_at", postgresql_where=text("blob_id IS NOT NULL")),
    )

    user_id: Mapped[UUID] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    form: Mapped[Form] = field(
        Choice(Form), nl="Soort bestand", en="Sort of file", category=Category.PROCESS, purpose=Purpose.OPERATION,
        required=True,
    )  # fmt: skip
    # The list: its address after the question mark, and those chosen by hand when it is not all of it.
    listed: Mapped[str] = technical(String(4_000), nl="Lijst", en="List", category=Category.PROCESS, personal=True)
    lead_ids: Mapped[list[UUID] | None] = technical(ARRAY(Uuid()))
    columns: Mapped[list[str]] = technical(ARRAY(String(100)), nl="Kolommen", en="Columns", category=Category.PROCESS)
    revealed: Mapped[bool] = technical(
        Boolean(), nl="Met afgeschermde gegevens", en="With hidden values", category=Category.PROCESS, default=False
    )
    state: Mapped[State] = field(
        Choice(State), nl="Stand", en="State", category=Category.PROCESS, purpose=Purpose.OPERATION,
        default=State.WAITING,
    )  # fmt: skip
    said: Mapped[int] = technical(Integer(), nl="Aantal", en="Number", category=Category.PROCESS)  # when asked for
    rows: Mapped[int] = technical(Integer(), nl="Regels", en="Lines", category=Category.PROCESS, default=0)
    size: Mapped[int | None] = technical(BigInteger(), nl="Grootte", en="Size", category=Category.PROCESS)
    blob_id: Mapped[UUID | None] = technical(Uuid())
    problem: Mapped[str | None] = technical(String(500), nl="Storing", en="Failure", category=Category.PROCESS)
    downloads: Mapped[int] = technical(
        Integer(), nl="Keer gedownload", en="Times downloaded", category=Category.PROCESS, default=0
    )
    began_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Begonnen", en="Began", category=Category.PROCESS
    )
    ended_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Klaar", en="Ended", category=Category.PROCESS
    )
    expires_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Te downloaden tot", en="Can be downloaded until", category=Category.PROCESS
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN | Scope.COMPANY:
                return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
            case _:
                return super().visible_to(viewer)


class Rule(CompanyRow, Stamped, Scoped, Base):
    """Whether the agents of a company may export. Its id is the company's; without a row they may not."""

    __tablename__ = "exports_rule"
    __table_args__ = (ForeignKeyConstraint(["company_id"], ["auth_company.id"]),)

    agents_may: Mapped[bool | None] = field(
        YesNo(), nl="Adviseurs mogen exporteren", en="Agents may export", category=Category.PROCESS,
        purpose=Purpose.SECURITY, audited=True, default=False,
        help_nl="Alleen de leads die zij zelf zien, in de kolommen die zij zien. Elke export wordt vastgelegd.",
        help_en="Only the leads that they see themselves, in the columns that they see. Each export is logged.",
    )  # fmt: skip

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
