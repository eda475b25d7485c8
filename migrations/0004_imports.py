"""Imports: files in sealed chunks, findings, templates; leads are found by the reference of their supplier."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_import()
    create_chunk()
    create_finding()
    create_template()
    op.create_index(
        op.f("ix_leads_lead_company_id_external_reference"), "leads_lead", ["company_id", "external_reference"],
        postgresql_where=sa.text("external_reference IS NOT NULL"),
    )


def create_import() -> None:
    op.create_table("imports_import",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("on_problem", sa.String(length=9), nullable=False),
        sa.Column("on_duplicate", sa.String(length=6), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("masked", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_imports_import_company_id_user_id")),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_imports_import_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_imports_import"))
    )
    op.create_index(op.f("ix_imports_import_company_id_fingerprint"), "imports_import", ["company_id", "fingerprint"])
    op.create_index(op.f("ix_imports_import_company_id_user_id_created_at"), "imports_import",
                    ["company_id", "user_id", "created_at"])


def create_chunk() -> None:
    op.create_table("imports_chunk",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("clean", sa.Integer(), nullable=False),
        sa.Column("flawed", sa.Integer(), nullable=False),
        sa.Column("fatal", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "import_id"], ["imports_import.company_id", "imports_import.id"],
            name=op.f("fk_imports_chunk_company_id_import_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_imports_chunk")),
        sa.UniqueConstraint("company_id", "import_id", "number",
            name=op.f("uq_imports_chunk_company_id_import_id_number"))
    )


def create_finding() -> None:
    op.create_table("imports_finding",
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "import_id"], ["imports_import.company_id", "imports_import.id"],
            name=op.f("fk_imports_finding_company_id_import_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_imports_finding"))
    )
    op.create_index(op.f("ix_imports_finding_company_id_import_id_chunk_line"), "imports_finding",
                    ["company_id", "import_id", "chunk", "line"])


def create_template() -> None:
    op.create_table("imports_template",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_imports_template_company_id_user_id")),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_imports_template_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_imports_template")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_imports_template_company_id_name"))
    )
