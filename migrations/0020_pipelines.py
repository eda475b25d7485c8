"""Pipelines and their steps, reasons for closing, and every move of a lead."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BOARD = "ix_leads_lead_company_id_step_id_stage_stage_since_id"


def upgrade() -> None:
    pipeline()
    step()
    reason()
    move()
    for name in ("pipeline_id", "step_id", "lost_reason_id"):
        op.add_column("leads_lead", sa.Column(name, sa.Uuid(), nullable=True))
    op.create_index(
        op.f(BOARD), "leads_lead", ["company_id", "step_id", "stage", "stage_since", "id"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )  # fmt: skip


def keys(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        moment("created_at", nullable=False),
        moment("updated_at", nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    ]


def moment(name: str, *, nullable: bool = True) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def to_company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f(f"fk_{table}_company_id"))


def pipeline() -> None:
    table = "pipelines_pipeline"
    op.create_table(
        table,
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("is_standard", sa.Boolean(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        moment("removed_at"),
        *keys(table),
        to_company(table),
    )


def step() -> None:
    table = "pipelines_step"
    op.create_table(
        table,
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=19), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("takes_in", sa.Boolean(), nullable=False),
        sa.Column("required", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("min_attempts", sa.Integer(), nullable=True),
        moment("removed_at"),
        sa.Column("moved_to_id", sa.Uuid(), nullable=True),
        moment("emptied_at"),
        *keys(table),
        sa.ForeignKeyConstraint(
            ["company_id", "pipeline_id"], ["pipelines_pipeline.company_id", "pipelines_pipeline.id"],
            name=op.f("fk_pipelines_step_company_id_pipeline_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip


def reason() -> None:
    table = "pipelines_reason"
    op.create_table(
        table,
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=19), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        *keys(table),
        to_company(table),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_pipelines_reason_company_id_name")),
    )


def move() -> None:
    table = "pipelines_move"
    op.create_table(
        table,
        moment("at", nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("undoes_id", sa.Uuid(), nullable=True),
        sa.Column("from_pipeline_id", sa.Uuid(), nullable=True),
        sa.Column("from_step_id", sa.Uuid(), nullable=True),
        sa.Column("from_stage", sa.String(length=19), nullable=False),
        moment("from_since", nullable=False),
        sa.Column("from_reason", sa.String(length=500), nullable=True),
        sa.Column("from_return_reason", sa.String(length=30), nullable=True),
        sa.Column("from_lost_reason_id", sa.Uuid(), nullable=True),
        sa.Column("from_attempts", sa.SmallInteger(), nullable=False),
        sa.Column("to_pipeline_id", sa.Uuid(), nullable=True),
        sa.Column("to_step_id", sa.Uuid(), nullable=True),
        sa.Column("to_stage", sa.String(length=19), nullable=False),
        sa.Column("to_name", sa.String(length=60), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        *keys(table),
        sa.ForeignKeyConstraint(
            ["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_pipelines_move_company_id_lead_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_pipelines_move_company_id_lead_id_at"), table, ["company_id", "lead_id", "at"])


def downgrade() -> None:
    op.drop_index(op.f(BOARD), "leads_lead")
    for name in ("lost_reason_id", "step_id", "pipeline_id"):
        op.drop_column("leads_lead", name)
    for table in ("pipelines_move", "pipelines_reason", "pipelines_step", "pipelines_pipeline"):
        op.drop_table(table)
