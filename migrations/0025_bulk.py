"""Actions for many leads: batches, their leads in chunks, and what became of each."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_batch()
    create_chunk()
    create_item()


def create_batch() -> None:
    op.create_table("bulk_batch",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("listed", sa.String(length=4000), nullable=True),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("gathered", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_bulk_batch_company_id")),
        sa.ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_bulk_batch_company_id_user_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_bulk_batch")),
    )
    op.create_index(op.f("ix_bulk_batch_company_id_user_id_created_at_id"), "bulk_batch",
                    ["company_id", "user_id", "created_at", "id"])
    op.create_index(op.f("ix_bulk_batch_company_id_created_at_id"), "bulk_batch", ["company_id", "created_at", "id"])


def create_chunk() -> None:
    op.create_table("bulk_chunk",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lead_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("known_as", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "batch_id"], ["bulk_batch.company_id", "bulk_batch.id"],
            name=op.f("fk_bulk_chunk_company_id_batch_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_bulk_chunk")),
        sa.UniqueConstraint("company_id", "batch_id", "number", name=op.f("uq_bulk_chunk_company_id_batch_id_number")),
    )


def create_item() -> None:
    op.create_table("bulk_item",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("was", sa.String(length=1000), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "batch_id"], ["bulk_batch.company_id", "bulk_batch.id"],
            name=op.f("fk_bulk_item_company_id_batch_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_bulk_item")),
    )
    op.create_index(op.f("ix_bulk_item_company_id_batch_id_result_number_id"), "bulk_item",
                    ["company_id", "batch_id", "result", "number", "id"])


def downgrade() -> None:
    op.drop_table("bulk_item")
    op.drop_table("bulk_chunk")
    op.drop_table("bulk_batch")
