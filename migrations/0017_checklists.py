"""Which documents a lead needs."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The figures of a lead stand with the lead: its list shows them without asking another table."""
    op.add_column("leads_lead", sa.Column("papers_have", sa.SmallInteger(), nullable=True))
    op.add_column("leads_lead", sa.Column("papers_need", sa.SmallInteger(), nullable=True))
    rule()
    said()
    extra()
    reminder()


def row(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    ]


def of_lead(table: str) -> list[sa.schema.SchemaItem]:
    to_lead = sa.ForeignKeyConstraint(
        ["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
        name=op.f(f"fk_{table}_company_id_lead_id"), ondelete="CASCADE",
    )  # fmt: skip
    return [sa.Column("lead_id", sa.Uuid(), nullable=False), *row(table), to_lead]


def rule() -> None:
    table = "checklists_rule"
    op.create_table(
        table,
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("per", sa.String(length=20), nullable=False),
        sa.Column("situation", sa.String(length=30), nullable=False),
        sa.Column("goals", sa.ARRAY(sa.String(length=30)), nullable=False),
        sa.Column("incomes", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("name_nl", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=True),
        sa.Column("ask_nl", sa.String(length=400), nullable=True),
        sa.Column("ask_en", sa.String(length=400), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        *row(table),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_checklists_rule_company_id")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_checklists_rule_company_id_key")),
    )


def said() -> None:
    table = "checklists_said"
    op.create_table(
        table,
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        *of_lead(table),
        sa.UniqueConstraint("company_id", "lead_id", "item", name=op.f("uq_checklists_said_company_id_lead_id_item")),
    )


def extra() -> None:
    table = "checklists_extra"
    op.create_table(
        table,
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("ask", sa.String(length=400), nullable=True),
        *of_lead(table),
        sa.ForeignKeyConstraint(
            ["company_id", "lead_id", "person_id"],
            ["leads_person.company_id", "leads_person.lead_id", "leads_person.id"],
            name=op.f("fk_checklists_extra_company_id_lead_id_person_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_checklists_extra_company_id_lead_id"), table, ["company_id", "lead_id"])


def reminder() -> None:
    table = "checklists_reminder"
    op.create_table(
        table,
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        *of_lead(table),
        sa.UniqueConstraint("company_id", "lead_id", name=op.f("uq_checklists_reminder_company_id_lead_id")),
    )
    op.create_index(op.f("ix_checklists_reminder_due_on"), table, ["due_on"])


def downgrade() -> None:
    for table in ("checklists_reminder", "checklists_extra", "checklists_said", "checklists_rule"):
        op.drop_table(table)
    op.drop_column("leads_lead", "papers_need")
    op.drop_column("leads_lead", "papers_have")
