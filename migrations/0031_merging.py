"""Duplicates merged."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ROLES = "leadcrm_own, leadcrm_company"

# Who may: the merge was recorded by this viewer (its row went through the walls), and both leads are theirs to see.
CHECK = """
  SELECT m.lead_id, m.merged_id INTO kept_lead, merged_lead FROM merging_merge m
   WHERE m.company_id = company AND m.id = merge AND m.undone_at IS NULL
     AND (m.by_id = viewer OR current_setting('role') = 'leadcrm_company');
  IF (SELECT count(*) FROM leads_lead l
       WHERE l.company_id = company AND l.id IN (kept_lead, merged_lead)
         AND CASE current_setting('role')
               WHEN 'leadcrm_company' THEN true
               WHEN 'leadcrm_own' THEN l.owner_id = viewer
               ELSE false END) <> 2 THEN
    RAISE EXCEPTION 'these leads are not both to be seen' USING ERRCODE = 'insufficient_privilege';
  END IF;
"""

HEAD = """
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  company uuid := nullif(current_setting('app.company', true), '')::uuid;
  viewer uuid := nullif(current_setting('app.user', true), '')::uuid;
  kept_lead uuid;
  merged_lead uuid;
  part record;
  line record;
  many integer := 0;
BEGIN
"""

# Every row that belongs to a lead, of tables not yet written too, except those of `staying` tables. What only a person
# has goes to the person that `people` names. Where the lead that is kept has such a row itself, the row stays behind.
# Some of these rows are append-only for people: they are not changed, they go along.
MOVE = "CREATE FUNCTION merging_move(merge uuid, staying text[], people jsonb) RETURNS integer" + HEAD + CHECK + """
  FOR part IN SELECT * FROM merging_tables() t WHERE t.name <> ALL (staying) LOOP
    FOR line IN EXECUTE format(
      'SELECT id, %s AS person FROM %I WHERE company_id = $1 AND lead_id = $2 ORDER BY id',
      CASE WHEN part.personal THEN 'person_id' ELSE 'NULL::uuid' END, part.name) USING company, merged_lead
    LOOP
      BEGIN
        IF line.person IS NULL THEN
          EXECUTE format('UPDATE %I SET lead_id = $1 WHERE company_id = $2 AND id = $3', part.name)
            USING kept_lead, company, line.id;
        ELSE
          EXECUTE format('UPDATE %I SET lead_id = $1, person_id = $4 WHERE company_id = $2 AND id = $3', part.name)
            USING kept_lead, company, line.id, (people ->> line.person::text)::uuid;
        END IF;
        INSERT INTO merging_moved (company_id, id, merge_id, table_name, row_id, person_id)
          VALUES (company, gen_random_uuid(), merge, part.name, line.id, line.person);
        many := many + 1;
      EXCEPTION WHEN unique_violation THEN
        NULL;
      END;
    END LOOP;
  END LOOP;
  RETURN many;
END $$;
"""  # noqa: S608  words of this file

# The rows that went along, as far as they are still there; and what was since noted of a person who came along.
BACK = "CREATE FUNCTION merging_move_back(merge uuid, added jsonb) RETURNS integer" + HEAD + CHECK + """
  FOR line IN SELECT * FROM merging_moved m WHERE m.company_id = company AND m.merge_id = merge LOOP
    IF line.person_id IS NULL THEN
      EXECUTE format('UPDATE %I SET lead_id = $1 WHERE company_id = $2 AND id = $3 AND lead_id = $4', line.table_name)
        USING merged_lead, company, line.row_id, kept_lead;
    ELSE
      EXECUTE format('UPDATE %I SET lead_id = $1, person_id = $5 WHERE company_id = $2 AND id = $3 AND lead_id = $4',
                     line.table_name)
        USING merged_lead, company, line.row_id, kept_lead, line.person_id;
    END IF;
    many := many + 1;
  END LOOP;
  FOR part IN SELECT * FROM merging_tables() t WHERE t.personal LOOP
    FOR line IN SELECT key::uuid AS came, value::uuid AS original FROM jsonb_each_text(added) LOOP
      EXECUTE format('UPDATE %I SET lead_id = $1, person_id = $2 '
                     'WHERE company_id = $3 AND lead_id = $4 AND person_id = $5', part.name)
        USING merged_lead, line.original, company, kept_lead, line.came;
    END LOOP;
  END LOOP;
  DELETE FROM merging_moved m WHERE m.company_id = company AND m.merge_id = merge;
  RETURN many;
END $$;
"""  # noqa: S608  words of this file

TABLES = """
CREATE FUNCTION merging_tables() RETURNS TABLE (name text, personal boolean)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT c.relname::text, bool_or(a.attname = 'person_id')
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE k.contype = 'f' AND k.confrelid = 'leads_lead'::regclass
     AND (SELECT array_agg(f.attname::text ORDER BY f.attname) FROM pg_attribute f
           WHERE f.attrelid = c.oid AND f.attnum = ANY (k.conkey)) = ARRAY['company_id', 'lead_id']
     AND c.relname NOT LIKE 'merging\\_%'
   GROUP BY c.oid, c.relname
  HAVING bool_or(a.attname = 'id')
   ORDER BY EXISTS (SELECT FROM pg_constraint n  -- first what others follow by themselves
                     WHERE n.confrelid = c.oid AND n.contype = 'f' AND n.confupdtype = 'c') DESC, c.relname
$$;
"""


def upgrade() -> None:
    op.create_table(
        "merging_merge",
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_merging_merge")),
        *(
            sa.ForeignKeyConstraint(
                ["company_id", column], ["leads_lead.company_id", "leads_lead.id"],
                name=op.f(f"fk_merging_merge_company_id_{column}"), ondelete="CASCADE",
            )
            for column in ("lead_id", "merged_id")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_merging_merge_company_id_lead_id_at"), "merging_merge", ["company_id", "lead_id", "at"])
    op.create_index(op.f("ix_merging_merge_company_id_merged_id"), "merging_merge", ["company_id", "merged_id"])
    moved()
    links_follow("CASCADE")
    for statement in (TABLES, MOVE, BACK):
        op.get_bind().connection.cursor().execute(statement)
    op.execute("REVOKE ALL ON FUNCTION merging_tables() FROM PUBLIC")
    for function in ("merging_move(uuid, text[], jsonb)", "merging_move_back(uuid, jsonb)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {ROLES}")


def links_follow(onupdate: str | None) -> None:
    """What belongs to a link goes to another lead with it."""
    for table in ("collecting_arrival", "collecting_ask", "collecting_visit"):
        name = op.f(f"fk_{table}_company_id_lead_id_link_id")
        op.drop_constraint(name, table, type_="foreignkey")
        op.create_foreign_key(
            name, table, "collecting_link", ["company_id", "lead_id", "link_id"], ["company_id", "lead_id", "id"],
            ondelete="CASCADE", onupdate=onupdate,
        )  # fmt: skip


def moved() -> None:
    op.create_table(
        "merging_moved",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_merging_moved")),
        sa.ForeignKeyConstraint(
            ["company_id", "merge_id"], ["merging_merge.company_id", "merging_merge.id"],
            name=op.f("fk_merging_moved_company_id_merge_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_merging_moved_company_id_merge_id"), "merging_moved", ["company_id", "merge_id"])


def downgrade() -> None:
    op.execute("DROP FUNCTION merging_move, merging_move_back, merging_tables")
    links_follow(None)
    op.drop_table("merging_moved")
    op.drop_table("merging_merge")
