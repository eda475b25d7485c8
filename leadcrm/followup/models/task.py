"""Something to do for a lead, by somebody, before some moment."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Uuid, text
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.facts import Category, Purpose, field, technical
from leadcrm.core.fields.terms import Choice
from leadcrm.core.fields.text import LongText
from leadcrm.followup.models.terms import Priority, RemindBefore, TaskKind
from leadcrm.leads.models.kinds import Line
from leadcrm.leads.models.of_lead import OfLead, to_lead


class Task(OfLead, Base):
    """`due_at` at midnight means some time that day. `removed_at` marks what can still be undone."""

    __tablename__ = "followup_task"
    __table_args__ = (
        to_lead(),
        ForeignKeyConstraint(["company_id", "assignee_id"], ["auth_user.company_id", "auth_user.id"]),
        Index(None, "company_id", "lead_id", "due_at"),
        Index(
            None, "company_id", "assignee_id", "due_at", "id",
            postgresql_where=text("done_at IS NULL AND removed_at IS NULL"),
        ),
        Index(
            "ix_followup_task_company_id_due_at", "company_id", "due_at", "id",
            postgresql_where=text("done_at IS NULL AND removed_at IS NULL"),
        ),
        Index(None, "remind_at", postgresql_where=text("reminded_at IS NULL")),
    )

    title: Mapped[str] = field(
        Line(200), nl="Wat", en="What", category=Category.PROCESS, purpose=Purpose.SERVICE, personal=True,
        required=True,
    )
    kind: Mapped[TaskKind] = field(
        Choice(TaskKind, 20), nl="Soort", en="Kind", category=Category.PROCESS, purpose=Purpose.SERVICE,
        required=True, default=TaskKind.TODO,
    )
    due_at: Mapped[datetime] = field(
        Moment(), nl="Uiterlijk", en="Due", category=Category.PROCESS, purpose=Purpose.SERVICE, required=True,
        help_nl="Een dag, of een dag met een tijd: 24-11-2026 14:30.",
        help_en="A day, or a day with a time: 24-11-2026 14:30.",
    )
    priority: Mapped[Priority] = field(
        Choice(Priority, 20), nl="Prioriteit", en="Priority", category=Category.PROCESS, purpose=Purpose.SERVICE,
        required=True, default=Priority.NORMAL,
    )
    remind_before: Mapped[RemindBefore | None] = field(
        Choice(RemindBefore, 10), nl="Herinnering", en="Reminder", category=Category.PROCESS, purpose=Purpose.SERVICE,
    )
    note: Mapped[str | None] = field(
        LongText(2_000), nl="Toelichting", en="Explanation", category=Category.PROCESS, purpose=Purpose.SERVICE,
        personal=True, help_nl="Geen gezondheid, geen BSN.", help_en="No health matters, no citizen service number.",
    )
    assignee_id: Mapped[UUID | None] = technical(Uuid(), nl="Voor", en="For", category=Category.PROCESS)
    by_id: Mapped[UUID | None] = technical(Uuid(), nl="Gemaakt door", en="Made by", category=Category.PROCESS)
    remind_at: Mapped[datetime | None] = technical(DateTime(timezone=True))
    reminded_at: Mapped[datetime | None] = technical(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Afgerond", en="Done", category=Category.PROCESS
    )
    done_by_id: Mapped[UUID | None] = technical(Uuid(), nl="Afgerond door", en="Done by", category=Category.PROCESS)
    removed_at: Mapped[datetime | None] = technical(DateTime(timezone=True))

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.removed_at is None
