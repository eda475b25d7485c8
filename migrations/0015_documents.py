"""Documents of leads and their versions. A file that no version needs any more is doomed, whatever removed that."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DOOMING = """
CREATE FUNCTION documents_doom() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE core_blob SET state = 'doomed' WHERE company_id = OLD.company_id AND id = OLD.blob_id;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION documents_doom() FROM PUBLIC;
CREATE TRIGGER documents_doom AFTER DELETE ON documents_version
  FOR EACH ROW WHEN (OLD.blob_id IS NOT NULL) EXECUTE FUNCTION documents_doom();
"""


def upgrade() -> None:
    create_document()
    create_version()
    create_upload()
    op.get_bind().exec_driver_sql(DOOMING)


def create_document() -> None:
    op.create_table("documents_document",
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("arrived_through", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_documents_document_company_id_lead_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["company_id", "lead_id", "person_id"],
            ["leads_person.company_id", "leads_person.lead_id", "leads_person.id"],
            name=op.f("fk_documents_document_company_id_lead_id_person_id"), ondelete="SET NULL (person_id)"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_documents_document")),
        sa.UniqueConstraint("company_id", "lead_id", "id", name=op.f("uq_documents_document_company_id_lead_id_id")),
    )
    op.create_index(op.f("ix_documents_document_company_id_lead_id_created_at_id"), "documents_document",
                    ["company_id", "lead_id", "created_at", "id"])
    op.create_index(op.f("ix_documents_document_company_id_expires_on"), "documents_document",
                    ["company_id", "expires_on"],
                    postgresql_where=sa.text("deleted_at IS NULL AND expires_on IS NOT NULL"))
    op.create_index(op.f("ix_documents_document_deleted_at"), "documents_document", ["deleted_at"],
                    postgresql_where=sa.text("deleted_at IS NOT NULL"))


def create_version() -> None:
    op.create_table("documents_version",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("masked", sa.Integer(), nullable=False),
        sa.Column("scan", sa.String(length=100), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("arrived_through", sa.String(length=20), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id", "document_id"],
            ["documents_document.company_id", "documents_document.lead_id", "documents_document.id"],
            name=op.f("fk_documents_version_company_id_lead_id_document_id"),
            ondelete="CASCADE", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(["company_id", "blob_id"], ["core_blob.company_id", "core_blob.id"],
            name=op.f("fk_documents_version_company_id_blob_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_documents_version")),
        sa.UniqueConstraint("company_id", "document_id", "number",
            name=op.f("uq_documents_version_company_id_document_id_number")),
    )
    op.create_index(op.f("ix_documents_version_company_id_lead_id_document_id"), "documents_version",
                    ["company_id", "lead_id", "document_id"])
    op.create_index(op.f("ix_documents_version_company_id_blob_id"), "documents_version", ["company_id", "blob_id"])
    op.create_index(op.f("ix_documents_version_created_at"), "documents_version", ["created_at"],
                    postgresql_where=sa.text("state = 'quarantined'"))


def create_upload() -> None:
    op.create_table("documents_upload",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("made_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
            name=op.f("fk_documents_upload_company_id_lead_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_documents_upload")),
    )
    op.create_index(op.f("ix_documents_upload_company_id_lead_id"), "documents_upload", ["company_id", "lead_id"])
    op.create_index(op.f("ix_documents_upload_created_at"), "documents_upload", ["created_at"])


def downgrade() -> None:
    op.drop_table("documents_upload")
    op.drop_table("documents_version")
    op.drop_table("documents_document")
    op.execute("DROP FUNCTION documents_doom()")
