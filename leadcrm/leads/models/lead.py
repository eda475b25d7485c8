"""The lead: one household, its owner, its stage, where it came from and what it cost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
    and_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped, now
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.money import Money, Whole
from leadcrm.core.fields.sealed import Sealed
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import LongText, Text, Url
from leadcrm.core.fields.values import Values
from leadcrm.core.scope import Scope, Scoped, Viewer
from leadcrm.leads.models.kinds import Line
from leadcrm.leads.models.terms import UNDER_WAY, ContactWay, Goal, ReturnReason, Stage, Tongue, Urgency

KEPT = text("deleted_at IS NULL")
IN_WORK = "deleted_at IS NULL AND stage IN ('" + "', '".join(UNDER_WAY) + "')"


# What figures of a period are made of. It stands in an index that is there anyway, so figures never read the leads.
COUNTED = (
    "owner_id", "source_id", "label_id", "supplier_id", "stage", "stage_since", "reached", "lead_cost",
    "mortgage_amount", "return_reason", "return_deadline", "first_contact_at",
)  # fmt: skip


def _sorted_by(*columns: str, beside: tuple[str, ...] = ()) -> Index:
    """An index that a list of leads can walk, newest or largest first or last."""
    return Index(None, "company_id", *columns, "id", postgresql_where=KEPT, postgresql_include=list(beside))


class Lead(CompanyRow, Stamped, Scoped, Base):
    """One household. `deleted_at` marks what can still be undone: every query for people leaves those out."""

    __tablename__ = "leads_lead"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]),
        ForeignKeyConstraint(["company_id", "owner_id"], ["auth_user.company_id", "auth_user.id"]),
        ForeignKeyConstraint(["company_id", "source_id"], ["leads_source.company_id", "leads_source.id"]),
        ForeignKeyConstraint(["company_id", "label_id"], ["leads_label.company_id", "leads_label.id"]),
        ForeignKeyConstraint(["company_id", "supplier_id"], ["leads_supplier.company_id", "leads_supplier.id"]),
        UniqueConstraint("company_id", "reference"),
        _sorted_by("created_at", beside=COUNTED),
        _sorted_by("owner_id", "created_at"),
        _sorted_by("stage", "created_at"),
        _sorted_by("step_id", "stage", "stage_since"),  # a column of the board
        _sorted_by("source_id", "created_at"),
        _sorted_by("label_id", "created_at"),
        _sorted_by("mortgage_amount"),
        _sorted_by("sort_name"),
        _sorted_by("next_action_at"),
        _sorted_by("owner_id", "next_action_at"),
        Index(  # who is how busy, and what of it may become a mortgage when
            "ix_leads_lead_in_work", "company_id", "owner_id", postgresql_where=text(IN_WORK),
            postgresql_include=["stage", "stage_since", "mortgage_amount"],
        ),
        Index(None, "company_id", "import_id", postgresql_where=text("import_id IS NOT NULL")),
        Index(None, "company_id", "external_reference", postgresql_where=text("external_reference IS NOT NULL")),
        Index(None, "search", postgresql_using="gin", postgresql_with={"gin_pending_list_limit": 1024}),
    )

    reference: Mapped[str] = field(Text(20), nl="Kenmerk", en="Reference", category=Category.PROCESS, searchable=True)
    external_reference: Mapped[str | None] = field(
        Text(64),
        nl="Kenmerk leverancier",
        en="Supplier's reference",
        category=Category.PROCESS,
        importable=True,
        searchable=True,
    )
    owner_id: Mapped[UUID | None] = technical(
        Uuid(), nl="Eigenaar", en="Owner", category=Category.PROCESS, audited=True
    )
    stage: Mapped[Stage] = field(
        Choice(Stage),
        nl="Fase",
        en="Stage",
        category=Category.PROCESS,
        audited=True,
        importable=True,
        default=Stage.NEW,
    )
    stage_since: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="In fase sinds", en="In stage since", category=Category.PROCESS, default=now
    )
    # How far it ever came (rank_of), and how far before it entered this stage: kept by a trigger, whoever moves it.
    reached: Mapped[int] = technical(
        SmallInteger(), nl="Verst gekomen", en="Got furthest", category=Category.PROCESS, default=0, server_default="0"
    )
    reached_before: Mapped[int] = technical(SmallInteger(), category=Category.PROCESS, default=0, server_default="0")
    stage_reason: Mapped[str | None] = field(
        LongText(500),
        nl="Toelichting op de fase",
        en="Reason for the stage",
        category=Category.PROCESS,
        personal=True,
        audited=True,
    )
    # Of the pipelines plugin. Without a step a lead stands in the standard one that takes in its stage.
    pipeline_id: Mapped[UUID | None] = technical(Uuid(), nl="Pijplijn", en="Pipeline", category=Category.PROCESS)
    step_id: Mapped[UUID | None] = technical(
        Uuid(), nl="Stap", en="Step", category=Category.PROCESS, audited=True
    )
    lost_reason_id: Mapped[UUID | None] = technical(
        Uuid(), nl="Reden van verlies", en="Lost reason", category=Category.PROCESS, audited=True
    )
    contact_attempts: Mapped[int] = field(
        Whole(0, 999), nl="Contactpogingen", en="Contact attempts", category=Category.PROCESS, default=0
    )
    goal: Mapped[Goal | None] = field(
        Choice(Goal), nl="Doel", en="Goal", category=Category.MORTGAGE, importable=True, required=True
    )
    urgency: Mapped[Urgency | None] = field(
        Choice(Urgency), nl="Termijn", en="Urgency", category=Category.MORTGAGE, importable=True
    )

    source_id: Mapped[UUID | None] = technical(Uuid(), nl="Leadbron", en="Lead source", category=Category.PROCESS)
    label_id: Mapped[UUID | None] = technical(Uuid(), nl="Label", en="Label", category=Category.PROCESS)
    supplier_id: Mapped[UUID | None] = technical(Uuid(), nl="Leverancier", en="Supplier", category=Category.PROCESS)
    lead_cost: Mapped[int | None] = field(
        Money(),
        nl="Leadkosten",
        en="Lead cost",
        category=Category.PROCESS,
        purpose=Purpose.INVOICING,
        audited=True,
        importable=True,
    )
    exclusive: Mapped[bool | None] = field(
        YesNo(), nl="Exclusief", en="Exclusive", category=Category.PROCESS, purpose=Purpose.INVOICING, importable=True
    )
    return_deadline: Mapped[datetime | None] = field(
        Moment(),
        nl="Retour mogelijk tot",
        en="Return possible until",
        category=Category.PROCESS,
        purpose=Purpose.INVOICING,
        importable=True,
    )
    return_reason: Mapped[ReturnReason | None] = field(
        Choice(ReturnReason),
        nl="Reden van retour",
        en="Reason for return",
        category=Category.PROCESS,
        purpose=Purpose.INVOICING,
        audited=True,
    )

    language: Mapped[Tongue | None] = field(
        Choice(Tongue, room=20), nl="Taal", en="Language", category=Category.CONTACT, importable=True
    )
    preferred_contact: Mapped[ContactWay | None] = field(
        Choice(ContactWay),
        nl="Contact het liefst via",
        en="Preferred contact",
        category=Category.CONTACT,
        importable=True,
    )
    best_time: Mapped[str | None] = field(
        Text(100),
        nl="Beste moment",
        en="Best time",
        category=Category.CONTACT,
        personal=True,
        importable=True,
        help_nl="Bijvoorbeeld: na 18 uur, niet op woensdag.",
        help_en="For example: after 6 pm, not on Wednesdays.",
    )
    next_action: Mapped[str | None] = field(
        Line(200), nl="Volgende actie", en="Next action", category=Category.PROCESS, personal=True, importable=True
    )
    next_action_at: Mapped[datetime | None] = field(
        Moment(), nl="Actie op", en="Action on", category=Category.PROCESS, importable=True
    )
    last_contact_at: Mapped[datetime | None] = field(
        Moment(), nl="Laatste contact", en="Last contact", category=Category.PROCESS, importable=True
    )
    first_contact_at: Mapped[datetime | None] = field(  # the first attempt: how fast somebody was
        Moment(), nl="Eerste contact", en="First contact", category=Category.PROCESS
    )

    utm_source: Mapped[str | None] = field(
        Text(255), nl="Campagnebron", en="Campaign source", category=Category.PROCESS, importable=True
    )
    utm_medium: Mapped[str | None] = field(
        Text(255), nl="Campagnemedium", en="Campaign medium", category=Category.PROCESS, importable=True
    )
    utm_campaign: Mapped[str | None] = field(
        Text(255), nl="Campagne", en="Campaign", category=Category.PROCESS, importable=True
    )
    utm_term: Mapped[str | None] = field(
        Text(255), nl="Zoekwoord", en="Campaign term", category=Category.PROCESS, importable=True
    )
    utm_content: Mapped[str | None] = field(
        Text(255), nl="Advertentie", en="Campaign content", category=Category.PROCESS, importable=True
    )
    referrer: Mapped[str | None] = field(
        Url(255), nl="Verwijzende pagina", en="Referring page", category=Category.PROCESS, importable=True
    )
    landing: Mapped[str | None] = field(
        Url(255), nl="Landingspagina", en="Landing page", category=Category.PROCESS, importable=True
    )

    # Derived from the persons, the property and the wish by services/derive.py; lists sort and filter on them.
    household_name: Mapped[str] = technical(
        String(255), nl="Klant", en="Client", category=Category.IDENTITY, personal=True, default=""
    )
    sort_name: Mapped[str | None] = technical(String(120, collation="C"), category=Category.IDENTITY, personal=True)
    mortgage_amount: Mapped[int | None] = field(
        Money(),
        nl="Hypotheekbedrag",
        en="Mortgage amount",
        category=Category.MORTGAGE,
        help_nl="De som van de leningdelen, zonder overbrugging.",
        help_en="The sum of the loan parts, without bridging loan.",
    )
    property_value: Mapped[int | None] = field(
        Money(), nl="Waarde woning", en="Property value", category=Category.PROPERTY
    )
    # Kept by the checklists plugin: how many of the documents that this household needs are in. None: not known yet.
    papers_have: Mapped[int | None] = technical(SmallInteger(), nl="Stukken", en="Papers", category=Category.PROCESS)
    papers_need: Mapped[int | None] = technical(
        SmallInteger(), nl="Stukken nodig", en="Papers needed", category=Category.PROCESS
    )
    search: Mapped[str | None] = technical(TSVECTOR(), category=Category.IDENTITY, personal=True, deferred=True)

    # Fields of the company's own (custom_fields), as text by their key; the sensitive ones together in one box.
    custom: Mapped[dict[str, str] | None] = technical(
        JSONB(none_as_null=True), nl="Eigen velden", en="Own fields", category=Category.PROCESS, personal=True,
        deferred=True,
    )
    custom_sealed: Mapped[Sealed | None] = field(
        Values(), nl="Afgeschermde eigen velden", en="Hidden own fields", category=Category.PROCESS, sensitive=True,
        deferred=True,
    )

    import_id: Mapped[UUID | None] = technical(Uuid())
    deleted_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Deleted", audited=True
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Agents see their own, managers those of their company."""
        match viewer.scope:
            case Scope.OWN:
                return and_(cls.company_id == viewer.company_id, cls.owner_id == viewer.user_id)
            case Scope.COMPANY:
                return cls.company_id == viewer.company_id
            case _:
                return super().visible_to(viewer)


class Counter(Base):
    """How many references a company has given out in a year. Closed: only leads_take_numbers() touches it."""

    __tablename__ = "leads_counter"
    __table_args__ = (ForeignKeyConstraint(["company_id"], ["auth_company.id"]),)

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    year: Mapped[int] = technical(Integer(), primary_key=True, autoincrement=False)
    last: Mapped[int] = technical(BigInteger())
