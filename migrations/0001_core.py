"""Core: audit chain, outbox, and the job queue in a schema of its own."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = "leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all"

AUDIT_FUNCTIONS = """
CREATE FUNCTION core_audit_head(company uuid) RETURNS TABLE (seq bigint, mac bytea)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO core_audit_head AS head (company_id, seq, mac) VALUES (company, 0, '')
  -- Locks the head until the commit, also when it was there: two transactions never chain to one line.
  ON CONFLICT (company_id) DO UPDATE SET seq = head.seq
  RETURNING head.seq, head.mac
$$;

CREATE FUNCTION core_audit_append(company uuid, lines jsonb, personal jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  first bigint := (SELECT min((line->>'seq')::bigint) FROM jsonb_array_elements(lines) AS line);
  last jsonb := lines -> -1;
BEGIN
  UPDATE core_audit_head SET seq = (last->>'seq')::bigint, mac = decode(last->>'mac', 'hex')
  WHERE company_id = company AND seq = first - 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'audit chain of % does not end at %', company, first - 1;
  END IF;
  INSERT INTO core_audit_line (company_id, seq, at, actor_id, action, subject, row_id, body, mac)
  SELECT company, l.seq, l.at, l.actor_id, l.action, l.subject, l.row_id, l.body, decode(l.mac, 'hex')
  FROM jsonb_to_recordset(lines) AS l(seq bigint, at timestamptz, actor_id uuid, action text, subject text,
                                      row_id uuid, body text, mac text);
  INSERT INTO core_audit_value (company_id, id, sealed)
  SELECT company, v.id, decode(v.sealed, 'hex') FROM jsonb_to_recordset(personal) AS v(id uuid, sealed text);
END
$$;

CREATE FUNCTION core_audit_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit lines are never changed or removed';
END
$$;
CREATE TRIGGER core_audit_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON core_audit_line
  FOR EACH STATEMENT EXECUTE FUNCTION core_audit_frozen();
"""

JOB_FUNCTION = """
CREATE FUNCTION core_defer_job(task text, queue text, arguments jsonb, lock text, once text, run_at timestamptz)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = procrastinate, pg_temp AS $$
DECLARE
  waiting bigint;
BEGIN
  IF once IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('core_defer_job ' || once, 0));
    SELECT id INTO waiting FROM procrastinate_jobs WHERE queueing_lock = once AND status = 'todo';
    IF waiting IS NOT NULL THEN
      RETURN waiting;
    END IF;
  END IF;
  RETURN (procrastinate_defer_jobs_v1(ARRAY[
    ROW(queue, task, 0, lock, once, arguments, run_at)::procrastinate_job_to_defer_v1
  ]))[1];
END
$$;
"""

ANALYZE_FUNCTION = """
CREATE FUNCTION core_analyze(table_name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  EXECUTE format('ANALYZE public.%I', table_name);
END
$$;
"""


def upgrade() -> None:
    op.create_table(
        "core_audit_head",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_core_audit_head")),
    )
    op.create_table(
        "core_audit_line",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "seq", name=op.f("pk_core_audit_line")),
    )
    op.create_index(op.f("ix_core_audit_line_company_id_at"), "core_audit_line", ["company_id", "at"])
    op.create_index(op.f("ix_core_audit_line_company_id_row_id_at"), "core_audit_line", ["company_id", "row_id", "at"])
    op.create_table(
        "core_audit_value",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_core_audit_value")),
    )
    op.create_table(
        "core_outbox",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_core_outbox")),
    )
    op.create_index(op.f("ix_core_outbox_sent_at_created_at"), "core_outbox", ["sent_at", "created_at"])
    for statement in (AUDIT_FUNCTIONS, ANALYZE_FUNCTION):
        run(statement)
    queue_schema()
    closed_but_for(ROLES, "core_audit_head(uuid)", "core_audit_append(uuid, jsonb, jsonb)",
                   "core_defer_job(text, text, jsonb, text, text, timestamptz)")
    closed_but_for("leadcrm_all", "core_analyze(text)")


def queue_schema() -> None:
    """Only workers read the queue; everybody else queues through core_defer_job."""
    run("CREATE SCHEMA procrastinate; SET LOCAL search_path = procrastinate")
    run(SchemaManager.get_schema())
    run("SET LOCAL search_path = public")
    run(JOB_FUNCTION)
    run("""
        GRANT USAGE ON SCHEMA procrastinate TO leadcrm_worker;
        GRANT ALL ON ALL TABLES IN SCHEMA procrastinate TO leadcrm_worker;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA procrastinate TO leadcrm_worker;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA procrastinate TO leadcrm_worker;
    """)


def closed_but_for(roles: str, *functions: str) -> None:
    for function in functions:
        run(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)


def downgrade() -> None:
    run("DROP SCHEMA procrastinate CASCADE")
    run("DROP FUNCTION core_defer_job, core_analyze, core_audit_append, core_audit_head")
    for table in ("core_outbox", "core_audit_value", "core_audit_line", "core_audit_head"):
        op.drop_table(table)
    run("DROP FUNCTION core_audit_frozen")
