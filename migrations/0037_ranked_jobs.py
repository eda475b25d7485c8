"""Jobs have a rank, so that upkeep gives way to what people wait for; and a walk of upkeep remembers where it is."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

PERSON = 30  # jobs.Rank, as it was when this was written
NO_ARGUMENTS = """'{"company": null, "user": null, "ids": []}'::jsonb"""

# As in 0001, with the rank, which is procrastinate's priority. Its default is for processes of before, which may still
# be running while this is done.
DEFER = """
DROP FUNCTION core_defer_job(text, text, jsonb, text, text, timestamptz);
CREATE FUNCTION core_defer_job(
  task text, queue text, arguments jsonb, lock text, once text, run_at timestamptz%(parameter)s)
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
    ROW(queue, task, %(rank)s, lock, once, arguments, run_at)::procrastinate_job_to_defer_v1
  ]))[1];
END
$$;
REVOKE ALL ON FUNCTION core_defer_job FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core_defer_job TO leadcrm_own, leadcrm_company, leadcrm_none, leadcrm_all;
"""
WAKE = """
CREATE OR REPLACE FUNCTION intake_wake(task text, named text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM procrastinate.procrastinate_jobs j
                 WHERE j.queueing_lock = named AND j.status = 'todo') THEN
    PERFORM core_defer_job(task, 'intake', %(arguments)s, named, named, NULL%(rank)s);
  END IF;
END
$$;
"""


def upgrade() -> None:
    run(DEFER % {"parameter": ", rank integer DEFAULT 0", "rank": "rank"})
    run(WAKE % {"arguments": NO_ARGUMENTS, "rank": f", {PERSON}"})
    op.create_table(
        "core_job_place",
        sa.Column("walk", sa.String(length=100), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_core_job_place")),
    )
    op.create_index(op.f("ix_core_job_place_company_id_walk"), "core_job_place", ["company_id", "walk"], unique=True)


def downgrade() -> None:
    op.drop_table("core_job_place")
    six = "DROP FUNCTION core_defer_job(text, text, jsonb, text, text, timestamptz);"
    seven = "DROP FUNCTION core_defer_job(text, text, jsonb, text, text, timestamptz, integer);"
    run((DEFER % {"parameter": "", "rank": "0"}).replace(six, seven))
    run(WAKE % {"arguments": NO_ARGUMENTS, "rank": ""})


def run(statements: str) -> None:
    """Several statements at once, percent signs as they are."""
    op.get_bind().connection.cursor().execute(statements)
