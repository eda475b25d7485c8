"""A company's pipelines: its own steps, and its own reasons for closing a lead.

A company that changed nothing has no rows here: its one pipeline is made from the standard stages, see services/layout.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, ForeignKeyConstraint, SmallInteger, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped

from leadcrm.core.db import Base, CompanyRow, Stamped
from leadcrm.core.fields.facts import Category, field, technical
from leadcrm.core.fields.money import Whole
from leadcrm.core.fields.terms import Choice, YesNo
from leadcrm.core.fields.text import Text
from leadcrm.leads.models.source import OfCompany
from leadcrm.leads.models.terms import Stage

MOST_ATTEMPTS = 20


class Pipeline(CompanyRow, Stamped, OfCompany, Base):
    """A row of steps. The standard one is where leads come in; it cannot be removed."""

    __tablename__ = "pipelines_pipeline"
    __table_args__ = (ForeignKeyConstraint(["company_id"], ["auth_company.id"]),)

    name: Mapped[str] = field(
        Text(60), nl="Naam van de pijplijn", en="Name of the pipeline", category=Category.PROCESS, required=True,
        audited=True, help_nl="Bijvoorbeeld: Oversluiten.", help_en="For example: Remortgages.",
    )
    is_standard: Mapped[bool] = technical(Boolean(), default=False)
    position: Mapped[int] = technical(SmallInteger(), default=0)
    removed_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Removed", category=Category.PROCESS, audited=True
    )


class Step(CompanyRow, Stamped, OfCompany, Base):
    """A column of the board. It counts as one standard stage; of several that do, one takes in what comes as a stage.

    A step that was removed stays as a row that says where its leads went, until they are all there.
    """

    __tablename__ = "pipelines_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "pipeline_id"], ["pipelines_pipeline.company_id", "pipelines_pipeline.id"],
            ondelete="CASCADE",
        ),
    )

    pipeline_id: Mapped[UUID] = technical(Uuid(), nl="Pijplijn", en="Pipeline", category=Category.PROCESS)
    name: Mapped[str] = field(
        Text(40), nl="Naam van de stap", en="Name of the step", category=Category.PROCESS, required=True, audited=True,
    )
    stage: Mapped[Stage] = field(
        Choice(Stage), nl="Telt als", en="Counts as", category=Category.PROCESS, required=True, audited=True,
        help_nl="De standaardfase waarmee cijfers, lijsten en koppelingen rekenen.",
        help_en="The standard stage that figures, lists and connections work with.",
    )
    position: Mapped[int] = technical(SmallInteger(), default=0)
    takes_in: Mapped[bool] = technical(Boolean(), default=False)
    required: Mapped[list[str]] = technical(
        ARRAY(String(40)), nl="Eerst invullen", en="Fill in first", category=Category.PROCESS, default=list,
        audited=True,
    )
    min_attempts: Mapped[int | None] = field(
        Whole(1, MOST_ATTEMPTS, "keer", "times"), nl="Eerst proberen te bereiken", en="Try to reach first",
        category=Category.PROCESS, audited=True,
        help_nl="Zo vaak moet er contact zijn gezocht voordat een lead hierheen mag.",
        help_en="So often somebody must have tried to make contact before a lead may come here.",
    )
    removed_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Verwijderd", en="Removed", category=Category.PROCESS, audited=True
    )
    moved_to_id: Mapped[UUID | None] = technical(
        Uuid(), nl="Leads gaan naar", en="Leads go to", category=Category.PROCESS, audited=True
    )
    emptied_at: Mapped[datetime | None] = technical(
        DateTime(timezone=True), nl="Leeg sinds", en="Empty since", category=Category.PROCESS
    )


class Reason(CompanyRow, Stamped, OfCompany, Base):
    """Why leads are lost, in the company's own words. With any of these, closing a lead asks for one."""

    __tablename__ = "pipelines_reason"
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["auth_company.id"]), UniqueConstraint("company_id", "name"),
    )

    name: Mapped[str] = field(
        Text(80), nl="Reden", en="Reason", category=Category.PROCESS, required=True, audited=True,
        help_nl="Bijvoorbeeld: koos voor de eigen bank.", help_en="For example: stayed with their own bank.",
    )
    stage: Mapped[Stage | None] = field(
        Choice(Stage), nl="Alleen bij", en="Only with", category=Category.PROCESS,
        help_nl="Leeg: bij elke stap waarmee een lead wordt gesloten, behalve dubbel en geretourneerd.",
        help_en="Empty: with every step that closes a lead, except duplicate and returned.",
    )
    active: Mapped[bool] = field(
        YesNo(), nl="In gebruik", en="In use", category=Category.PROCESS, required=True, audited=True, default=True,
    )
