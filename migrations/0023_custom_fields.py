"""Fields of a company's own: what they are, their values with the lead, and the short ones once more to find by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Under the policies no index on JSON is used. So the values that lists are narrowed to (keys of `f…`) stand in a table
# of their own, kept by the database itself: neither the bulk writer nor a plugin can forget it.
FOLLOWING = """
CREATE FUNCTION custom_fields_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM custom_fields_found f
    WHERE f.company_id = NEW.company_id AND f.lead_id = NEW.id
      AND (f.lead_created_at <> NEW.created_at OR (NEW.custom ->> f.key) IS DISTINCT FROM f.value);
  END IF;
  INSERT INTO custom_fields_found (company_id, id, lead_id, key, value, lead_created_at, created_at, updated_at)
  SELECT NEW.company_id, gen_random_uuid(), NEW.id, e.key, e.value, NEW.created_at, now(), now()
  FROM jsonb_each_text(coalesce(NEW.custom, '{}'::jsonb)) AS e
  WHERE left(e.key, 1) = 'f' AND length(e.value) BETWEEN 1 AND 120
  ON CONFLICT (company_id, lead_id, key) DO NOTHING;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION custom_fields_follow() FROM PUBLIC;
CREATE TRIGGER custom_fields_added AFTER INSERT ON leads_lead
  FOR EACH ROW WHEN (NEW.custom IS NOT NULL) EXECUTE FUNCTION custom_fields_follow();
CREATE TRIGGER custom_fields_changed AFTER UPDATE OF custom, created_at ON leads_lead
  FOR EACH ROW WHEN (NEW.custom IS DISTINCT FROM OLD.custom OR NEW.created_at IS DISTINCT FROM OLD.created_at)
  EXECUTE FUNCTION custom_fields_follow();
"""


def upgrade() -> None:
    op.add_column("leads_lead", sa.Column("custom", postgresql.JSONB(), nullable=True))
    op.add_column("leads_lead", sa.Column("custom_sealed", sa.LargeBinary(), nullable=True))
    definition()
    op.create_table("custom_fields_found",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("lead_created_at", sa.DateTime(timezone=True), nullable=False),
        *row("custom_fields_found"),
        sa.ForeignKeyConstraint(["company_id", "lead_id"], ["leads_lead.company_id", "leads_lead.id"],
                                name=op.f("fk_custom_fields_found_company_id_lead_id"), ondelete="CASCADE"),
        sa.UniqueConstraint("company_id", "lead_id", "key", name=op.f("uq_custom_fields_found_company_id_lead_id_key")),
    )  # fmt: skip
    op.create_index(op.f("ix_custom_fields_found_company_id_key_value_lead_created_at_lead_id"), "custom_fields_found",
                    ["company_id", "key", "value", "lead_created_at", "lead_id"])  # fmt: skip
    op.get_bind().exec_driver_sql(FOLLOWING)


def definition() -> None:
    op.create_table("custom_fields_definition",
        sa.Column("key", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("help", sa.String(length=200), nullable=True),
        sa.Column("unit", sa.String(length=12), nullable=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("on_new", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        *row("custom_fields_definition"),
        sa.ForeignKeyConstraint(["company_id"], ["auth_company.id"],
                                name=op.f("fk_custom_fields_definition_company_id")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_custom_fields_definition_company_id_key")),
    )  # fmt: skip


def row(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.execute("DROP TRIGGER custom_fields_added ON leads_lead")
    op.execute("DROP TRIGGER custom_fields_changed ON leads_lead")
    op.execute("DROP FUNCTION custom_fields_follow()")
    op.drop_table("custom_fields_found")
    op.drop_table("custom_fields_definition")
    op.drop_column("leads_lead", "custom_sealed")
    op.drop_column("leads_lead", "custom")
