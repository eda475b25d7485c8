"""Exports and the rule about them. A file that no export needs any more is doomed, whatever removed that."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

DOOMING = """
CREATE FUNCTION exports_doom() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE core_blob SET state = 'doomed' WHERE company_id = OLD.company_id AND id = OLD.blob_id;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION exports_doom() FROM PUBLIC;
CREATE TRIGGER exports_doom AFTER DELETE ON exports_export
  FOR EACH ROW WHEN (OLD.blob_id IS NOT NULL) EXECUTE FUNCTION exports_doom();
"""

# Asked with the opening of every request, so that lists need not: see leadcrm.exports.services.rules.
ALLOWING = """
CREATE FUNCTION exports_agents_may(company uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT r.agents_may FROM exports_rule r WHERE r.company_id = company AND r.id = company), false)
$$;
REVOKE ALL ON FUNCTION exports_agents_may(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION exports_agents_may(uuid) TO leadcrm_app, leadcrm_worker;
"""


def upgrade() -> None:
    create_export()
    create_rule()
    op.get_bind().exec_driver_sql(DOOMING)
    op.get_bind().exec_driver_sql(ALLOWING)


def create_export() -> None:
    op.create_table("exports_export",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("listed", sa.String(length=4000), nullable=False),
        sa.Column("lead_ids", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("columns", sa.ARRAY(sa.String(length=100)), nullable=False),
        sa.Column("revealed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("blob_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_exports_export_company_id")),
        sa.ForeignKeyConstraint(["company_id", "user_id"], ["auth_user.company_id", "auth_user.id"],
            name=op.f("fk_exports_export_company_id_user_id")),
        sa.ForeignKeyConstraint(["company_id", "blob_id"], ["core_blob.company_id", "core_blob.id"],
            name=op.f("fk_exports_export_company_id_blob_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_exports_export")),
    )
    op.create_index(op.f("ix_exports_export_company_id_user_id_created_at_id"), "exports_export",
                    ["company_id", "user_id", "created_at", "id"])
    op.create_index(op.f("ix_exports_export_company_id_blob_id"), "exports_export", ["company_id", "blob_id"])
    op.create_index(op.f("ix_exports_export_expires_at"), "exports_export", ["expires_at"],
                    postgresql_where=sa.text("blob_id IS NOT NULL"))


def create_rule() -> None:
    op.create_table("exports_rule",
        sa.Column("agents_may", sa.Boolean(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"], name=op.f("fk_exports_rule_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_exports_rule")),
    )


def downgrade() -> None:
    op.drop_table("exports_rule")
    op.drop_table("exports_export")
    op.execute("DROP FUNCTION exports_doom()")
    op.execute("DROP FUNCTION exports_agents_may(uuid)")
