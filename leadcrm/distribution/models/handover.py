"""A lead on its way from one agent to another: asked with a reason, theirs only once they accept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Index, String, Uuid, and_, or_, text
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, now
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Money
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import LongText
from leadcrm.core.scope import Scope, Viewer
from leadcrm.distribution.models.scopes import to_user
from leadcrm.distribution.models.terms import HandoverState
from leadcrm.leads.models.of_lead import OfLead, to_lead
from leadcrm.leads.models.terms import Goal


class Handover(OfLead, Base):
    """The lead stays with the giver until the receiver accepts. What tells the receiver about it stands here: they do
    not see the lead. Only distribution_answer() accepts or declines, for nobody but the receiver."""

    __tablename__ = "distribution_handover"
    __table_args__ = (
        to_lead(), to_user("from_id"), to_user("to_id"),
        Index("uq_distribution_handover_open", "company_id", "lead_id", unique=True,
              postgresql_where=text("state = 'waiting'")),
        Index(None, "company_id", "asked_at", "id"),
        Index(None, "company_id", "to_id", "asked_at"),
        Index(None, "company_id", "from_id", "asked_at"),
    )
    may = "SELECT, INSERT, UPDATE"

    from_id: Mapped[UUID | None] = technical(Uuid(), nl="Van", en="From", category=Category.PROCESS, audited=True)
    to_id: Mapped[UUID] = technical(Uuid(), nl="Aan", en="To", category=Category.PROCESS, audited=True)
    by_id: Mapped[UUID] = technical(Uuid(), nl="Gevraagd door", en="Asked by", category=Category.PROCESS)
    asked_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Gevraagd op", en="Asked at", category=Category.PROCESS, default=now
    )
    answered_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Beantwoord op", en="Answered at", category=Category.PROCESS
    )
    state: Mapped[HandoverState] = field(
        Choice(HandoverState, room=20), nl="Stand", en="State", category=Category.PROCESS, audited=True,
        default=HandoverState.WAITING,
    )
    reason: Mapped[str] = field(
        LongText(500), nl="Waarom", en="Why", category=Category.PROCESS, personal=True, audited=True, required=True,
        help_nl="De ontvanger leest dit vóór het aannemen. Geen gezondheid, geen BSN.",
        help_en="The receiver reads this before accepting. No health matters, no citizen service number.",
    )
    answer: Mapped[str | None] = field(
        LongText(500), nl="Waarom niet", en="Why not", category=Category.PROCESS, personal=True, audited=True,
    )
    reference: Mapped[str] = technical(String(20), nl="Kenmerk", en="Reference", category=Category.PROCESS)
    goal: Mapped[Goal | None] = field(Choice(Goal, room=30), nl="Doel", en="Goal", category=Category.MORTGAGE)
    amount: Mapped[int | None] = field(
        Money(), nl="Hypotheekbedrag", en="Mortgage amount", category=Category.MORTGAGE
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        match viewer.scope:
            case Scope.OWN:
                concerned = or_(cls.from_id == viewer.user_id, cls.to_id == viewer.user_id)
                return and_(cls.company_id == viewer.company_id, concerned)
            case _:
                return super().visible_to(viewer)

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Only for a lead of one's own, and as its giver: otherwise a hand-over of a colleague's could be made up."""
        match viewer.scope:
            case Scope.OWN:
                mine = cls._is_of_a_lead_owned_by(viewer.user_id)
                return and_(cls.company_id == viewer.company_id, cls.from_id == viewer.user_id, mine)
            case _:
                return super().visible_to(viewer)
