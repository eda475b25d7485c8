"""An import: the file in sealed chunks, what was found in it, and mappings kept for the next time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
    and_,
    exists,
)
from sqlalchemy.orm import Mapped, aliased

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Boxed, Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice, Terms
from leadcrm.core.fields.text import Text
from leadcrm.core.scope import Scope, Scoped, Viewer


class State(Terms):
    """Where an import stands. Only the last four stay."""

    MAPPING = "mapping", "Kolommen kiezen", "Choosing columns"
    CHECKING = "checking", "Wordt gecontroleerd", "Being checked"
    CHECKED = "checked", "Gecontroleerd", "Checked"
    IMPORTING = "importing", "Bezig", "Busy"
    UNDOING = "undoing", "Wordt teruggedraaid", "Being undone"
    DONE = "done", "Klaar", "Ready"
    CANCELLED = "cancelled", "Gestopt", "Stopped"
    UNDONE = "undone", "Teruggedraaid", "Undone"
    FAILED = "failed", "Mislukt", "Failed"


class OnProblem(Terms):
    """What happens with a line that has a bad cell."""

    LEAVE_OUT = "leave_out", "Regel importeren zonder de foute cel", "Import the line without the bad cell"
    SKIP = "skip", "Hele regel overslaan", "Skip the whole line"


class OnDuplicate(Terms):
    SKIP = "skip", "Overslaan", "Skip"
    IMPORT = "import", "Toch importeren", "Import anyway"


class FindingKind(Terms):
    ERROR = "error", "Fout", "Error"
    DUPLICATE = "duplicate", "Dubbel", "Duplicate"
    REMARK = "remark", "Opmerking", "Remark"


class Import(CompanyRow, Stamped, Scoped, Base):
    """One file on its way in. An agent sees their own imports, a manager those of the company."""

    __tablename__ = "imports_import"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"]),
        Index(None, "company_id", "user_id", "created_at"),
        Index(None, "company_id", "fingerprint"),
    )

    user_id: Mapped[UUID] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    filename: Mapped[str] = field(
        Text(200), nl="Bestand", en="File", category=Category.PROCESS, purpose=Purpose.OPERATION
    )
    fingerprint: Mapped[int] = technical(BigInteger())  # keyed: the same file is recognised, nothing else
    layout: Mapped[dict[str, Any]] = technical(JSON())
    titles: Mapped[list[str]] = technical(JSON(), nl="Kolommen", en="Columns", category=Category.PROCESS)
    mapping: Mapped[dict[str, Any]] = technical(JSON())
    state: Mapped[State] = field(
        Choice(State), nl="Stand", en="State", category=Category.PROCESS, purpose=Purpose.OPERATION, audited=True,
        default=State.MAPPING,
    )
    on_problem: Mapped[OnProblem] = field(
        Choice(OnProblem), nl="Regels met een foute cel", en="Lines with a bad cell", category=Category.PROCESS,
        purpose=Purpose.OPERATION, default=OnProblem.LEAVE_OUT,
    )
    on_duplicate: Mapped[OnDuplicate] = field(
        Choice(OnDuplicate), nl="Dubbele regels", en="Duplicate lines", category=Category.PROCESS,
        purpose=Purpose.OPERATION, default=OnDuplicate.SKIP,
    )
    rows: Mapped[int] = technical(Integer(), nl="Regels", en="Lines", category=Category.PROCESS, default=0)
    masked: Mapped[int] = technical(
        Integer(), nl="BSN's weggelaten", en="BSNs left out", category=Category.PROCESS, default=0
    )
    kept: Mapped[int] = technical(Integer(), category=Category.PROCESS, default=0)  # leads that an undo left in place
    problem: Mapped[str | None] = technical(String(500), nl="Storing", en="Failure", category=Category.PROCESS)
    began_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Begonnen", en="Began", category=Category.PROCESS
    )
    ended_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Klaar", en="Ended", category=Category.PROCESS
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN:
                return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)


class OfImport(CompanyRow, Scoped):
    """What belongs to an import is seen by whoever sees the import."""

    import_id: Mapped[UUID] = technical(Uuid())

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN:
                mine = aliased(Import, name="of_import")
                its_import = and_(
                    mine.company_id == cls.company_id, mine.id == cls.import_id, mine.user_id == viewer.user_id
                )
                return and_(cls.company_id == viewer.company_id, exists().where(its_import).correlate_except(mine))
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)


def to_import() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["company_id", "import_id"], ["imports_import.company_id", "imports_import.id"], ondelete="CASCADE"
    )


class Chunk(OfImport, Base):
    """Some hundreds of lines, sealed. Done in one transaction with the leads made of them, after which only the lines
    that were not imported are kept."""

    __tablename__ = "imports_chunk"
    __table_args__ = (to_import(), UniqueConstraint("company_id", "import_id", "number"))

    number: Mapped[int] = technical(Integer())
    lines: Mapped[int] = technical(Integer())
    sealed: Mapped[bytes | None] = technical(
        LargeBinary(), category=Category.IDENTITY, personal=True, boxed=Boxed(),
    )
    checked: Mapped[bool] = technical(Boolean(), default=False)
    done: Mapped[bool] = technical(Boolean(), default=False)
    clean: Mapped[int] = technical(Integer(), default=0)  # these four make up the lines once they are checked
    flawed: Mapped[int] = technical(Integer(), default=0)
    fatal: Mapped[int] = technical(Integer(), default=0)
    duplicate: Mapped[int] = technical(Integer(), default=0)
    imported: Mapped[int] = technical(Integer(), default=0)


class Finding(OfImport, Base):
    """What was found about one line. Never a value of it, only its column and what is wrong."""

    __tablename__ = "imports_finding"
    __table_args__ = (to_import(), Index(None, "company_id", "import_id", "chunk", "line"))

    chunk: Mapped[int] = technical(Integer())
    line: Mapped[int] = technical(Integer(), nl="Regel", en="Line", category=Category.PROCESS)
    kind: Mapped[FindingKind] = field(
        Choice(FindingKind), nl="Soort", en="Kind", category=Category.PROCESS, purpose=Purpose.OPERATION
    )
    title: Mapped[str] = technical(String(100), nl="Kolom", en="Column", category=Category.PROCESS, default="")
    message: Mapped[str] = technical(String(300), nl="Bevinding", en="Finding", category=Category.PROCESS)
    lead_id: Mapped[UUID | None] = technical(Uuid(), nl="Lead", en="Lead", category=Category.PROCESS)


class Template(CompanyRow, Stamped, Scoped, Base):
    """A mapping that the whole office can use again; its maker and the managers change it."""

    __tablename__ = "imports_template"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"]),
        UniqueConstraint("company_id", "name"),
    )

    user_id: Mapped[UUID] = technical(Uuid(), nl="Door", en="By", category=Category.PROCESS)
    name: Mapped[str] = field(
        Text(80), nl="Naam van de indeling", en="Name of the mapping", category=Category.PROCESS,
        purpose=Purpose.OPERATION, required=True,
    )
    mapping: Mapped[dict[str, Any]] = technical(JSON())

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
            case Scope.OWN:
                return and_(cls.company_id == viewer.company_id, cls.user_id == viewer.user_id)
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)
