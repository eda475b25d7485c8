"""Rows that were taken out of a household can be brought back."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leads_removed",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("section", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_leads_removed")),
        sa.ForeignKeyConstraint(
            ["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_leads_removed_company_id_lead_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_leads_removed_company_id_lead_id"), "leads_removed", ["company_id", "lead_id"])
    op.create_index(op.f("ix_leads_removed_at"), "leads_removed", ["at"])


def downgrade() -> None:
    op.drop_table("leads_removed")
