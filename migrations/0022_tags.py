"""Tags of leads."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# A lead that comes to another moment in time takes its tags along: lists of one tag are in the order of that moment.
FOLLOWING = """
CREATE FUNCTION tags_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE tags_put SET lead_created_at = NEW.created_at WHERE company_id = NEW.company_id AND lead_id = NEW.id;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION tags_follow() FROM PUBLIC;
CREATE TRIGGER tags_follow AFTER UPDATE OF created_at ON leads_lead
  FOR EACH ROW WHEN (NEW.created_at IS DISTINCT FROM OLD.created_at) EXECUTE FUNCTION tags_follow();
"""


def upgrade() -> None:
    op.create_table("tags_tag",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.Column("colour", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        *row("tags_tag"),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_tags_tag_company_id")),
    )  # fmt: skip
    op.create_index("uq_tags_tag_company_id_word", "tags_tag", ["company_id", "word"], unique=True,
                    postgresql_where=sa.text("removed_at IS NULL"))  # fmt: skip
    op.create_table("tags_put",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("lead_created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("merged_from", sa.Uuid(), nullable=True),
        *row("tags_put"),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
                                name=op.f("fk_tags_put_company_id_lead_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["company_id", "tag_id"], ["tags_tag.company_id", "tags_tag.id"],
                                name=op.f("fk_tags_put_company_id_tag_id")),
        sa.UniqueConstraint("company_id", "lead_id", "tag_id", name=op.f("uq_tags_put_company_id_lead_id_tag_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_tags_put_company_id_tag_id_lead_created_at_lead_id"), "tags_put",
                    ["company_id", "tag_id", "lead_created_at", "lead_id"])  # fmt: skip
    op.create_index(op.f("ix_tags_put_company_id_batch_id"), "tags_put", ["company_id", "batch_id"],
                    postgresql_where=sa.text("batch_id IS NOT NULL"))  # fmt: skip
    op.get_bind().exec_driver_sql(FOLLOWING)


def row(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.execute("DROP TRIGGER tags_follow ON leads_lead")
    op.execute("DROP FUNCTION tags_follow()")
    op.drop_table("tags_put")
    op.drop_table("tags_tag")
