"""Everything that arrived: a row each, before anything is thought of it. What it said is sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, LargeBinary, SmallInteger, String, Uuid, text
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, now
from leadcrm.core.fields.facts import Boxed, Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import LongText
from leadcrm.intake.models.inlet import OfManagers, to_inlet
from leadcrm.intake.models.terms import Discarded, State, Way, Why


class Arrival(CompanyRow, OfManagers, Base):
    """`mark` is a keyed fingerprint of what tells it apart for its sender: the same again is no second arrival."""

    __tablename__ = "intake_arrival"
    __table_args__ = (
        to_inlet(),
        Index(None, "company_id", "arrived_at", "id", postgresql_include=["state"]),
        Index(None, "company_id", "state", "arrived_at", "id"),
        Index(None, "company_id", "inlet_id", "arrived_at", "id"),
        Index(None, "company_id", "inlet_id", "mark", unique=True, postgresql_where=text("mark IS NOT NULL")),
        Index("ix_intake_arrival_waiting", "arrived_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_intake_arrival_kept", "arrived_at", postgresql_where=text("sealed IS NOT NULL")),
        Index(None, "company_id", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
    )
    may = "SELECT, INSERT, UPDATE"

    inlet_id: Mapped[UUID] = technical(Uuid(), nl="Leadbron", en="Lead source", category=Category.PROCESS)
    way: Mapped[Way] = field(
        Choice(Way), nl="Langs", en="Through", category=Category.PROCESS, purpose=Purpose.OPERATION
    )
    via_id: Mapped[UUID | None] = technical(Uuid())  # the key, the form or the mailbox
    arrived_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Binnengekomen", en="Arrived", category=Category.PROCESS, default=now
    )
    state: Mapped[State] = field(
        Choice(State), nl="Stand", en="State", category=Category.PROCESS, purpose=Purpose.OPERATION,
        default=State.WAITING,
    )
    why: Mapped[Why | None] = field(
        Choice(Why), nl="Waarom in quarantaine", en="Why in quarantine", category=Category.PROCESS,
        purpose=Purpose.OPERATION,
    )
    sealed: Mapped[bytes | None] = technical(
        LargeBinary(), category=Category.IDENTITY, personal=True, boxed=Boxed()
    )
    mark: Mapped[bytes | None] = technical(LargeBinary())
    digest: Mapped[bytes] = technical(LargeBinary())  # keyed, of all that it said
    suspect: Mapped[bool] = technical(
        Boolean(), nl="Mogelijk spam", en="Possibly spam", category=Category.PROCESS, default=False
    )
    problems: Mapped[int] = technical(
        SmallInteger(), nl="Onbruikbare velden", en="Fields that cannot be used", category=Category.PROCESS, default=0
    )
    lead_id: Mapped[UUID | None] = technical(Uuid(), nl="Lead", en="Lead", category=Category.PROCESS)
    like_id: Mapped[UUID | None] = technical(Uuid(), nl="Lijkt op", en="Looks like", category=Category.PROCESS)
    like_why: Mapped[str | None] = technical(
        String(40), nl="Gelijk aan", en="Alike in", category=Category.PROCESS
    )
    text_version: Mapped[str | None] = technical(
        String(60), nl="Toestemmingstekst", en="Text of the consent", category=Category.CONSENT
    )
    set_aside: Mapped[Discarded | None] = field(
        Choice(Discarded), nl="Waarom weggelegd", en="Why set aside", category=Category.PROCESS,
        purpose=Purpose.OPERATION, required=True,
    )
    remark: Mapped[str | None] = field(
        LongText(300), nl="Toelichting", en="Remark", category=Category.PROCESS, purpose=Purpose.OPERATION,
        personal=True,
    )
    decided_by: Mapped[UUID | None] = technical(Uuid(), nl="Besloten door", en="Decided by", category=Category.PROCESS)
    decided_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Besloten op", en="Decided on", category=Category.PROCESS
    )
