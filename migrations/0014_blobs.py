"""Blobs and spools: files, encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_blob",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('kept', 'doomed')", name=op.f("ck_core_blob_state")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_core_blob")),
        sa.UniqueConstraint("id", name=op.f("uq_core_blob_id")),
    )
    op.create_index("ix_core_blob_doomed", "core_blob", ["id"], postgresql_where=sa.text("state = 'doomed'"))
    op.create_table(
        "core_spool",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("tail", sa.LargeBinary(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_core_spool")),
        sa.UniqueConstraint("id", name=op.f("uq_core_spool_id")),
    )
    op.create_index(op.f("ix_core_spool_expires_at"), "core_spool", ["expires_at"])
    op.create_index(op.f("ix_core_spool_company_id_user_id"), "core_spool", ["company_id", "user_id"])


def downgrade() -> None:
    op.drop_table("core_spool")
    op.drop_table("core_blob")
