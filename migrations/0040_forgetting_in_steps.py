"""What is forgotten at night goes in steps, like all upkeep: an attack leaves millions of failed logins, and if one
statement for all of them once took longer than a statement may, none would ever go."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# Found again by where they lie: how many is not known when the function is planned, and by their keys it would read the
# whole table in each step. What another transaction holds waits for the next night.
IN_STEPS = """
CREATE FUNCTION auth_forget_sessions(most integer) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH devices AS (DELETE FROM auth_device WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM auth_device WHERE last_seen_at < now() - interval '1 year'
         LIMIT most FOR UPDATE SKIP LOCKED)) RETURNING 1),
       sessions AS (DELETE FROM auth_session WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM auth_session WHERE expires_at < now() - interval '30 days'
         LIMIT most FOR UPDATE SKIP LOCKED)) RETURNING 1)
  SELECT greatest((SELECT count(*) FROM devices), (SELECT count(*) FROM sessions))::integer
$$;

CREATE FUNCTION watch_forget(
  failures_before timestamptz, incidents_before timestamptz, notices_before timestamptz, most integer)
RETURNS TABLE (failures bigint, incidents bigint, notices bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH f AS (DELETE FROM auth_failed_login WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM auth_failed_login WHERE at < failures_before
         LIMIT most FOR UPDATE SKIP LOCKED)) RETURNING 1),
       i AS (DELETE FROM watch_incident WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM watch_incident WHERE last_at < incidents_before
         LIMIT most FOR UPDATE SKIP LOCKED)) RETURNING 1),
       n AS (DELETE FROM core_notice WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM core_notice WHERE at < notices_before
         LIMIT most FOR UPDATE SKIP LOCKED)) RETURNING id),
       s AS (DELETE FROM core_notice_seen WHERE notice_id IN (SELECT id FROM n) RETURNING 1)
  SELECT (SELECT count(*) FROM f), (SELECT count(*) FROM i), (SELECT count(*) FROM n)
$$;

CREATE FUNCTION collecting_forget(most integer) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH v AS (DELETE FROM collecting_visit WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM collecting_visit WHERE expires_at < now()
         LIMIT most FOR UPDATE SKIP LOCKED)) RETURNING 1),
       a AS (DELETE FROM collecting_arrival WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM collecting_arrival
         WHERE arrived_at IS NULL AND begun_at < now() - interval '2 days'
         LIMIT most FOR UPDATE SKIP LOCKED)) RETURNING 1)
  SELECT greatest((SELECT count(*) FROM v), (SELECT count(*) FROM a))::integer
$$;
"""

AT_ONCE = """
CREATE FUNCTION auth_forget_sessions() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH devices AS (DELETE FROM auth_device WHERE last_seen_at < now() - interval '1 year'),
  gone AS (DELETE FROM auth_session WHERE expires_at < now() - interval '30 days' RETURNING id)
  SELECT count(*)::integer FROM gone
$$;

CREATE FUNCTION watch_forget(failures_before timestamptz, incidents_before timestamptz, notices_before timestamptz)
RETURNS TABLE (failures bigint, incidents bigint, notices bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH f AS (DELETE FROM auth_failed_login WHERE at < failures_before RETURNING 1),
       i AS (DELETE FROM watch_incident WHERE last_at < incidents_before RETURNING 1),
       n AS (DELETE FROM core_notice WHERE at < notices_before RETURNING id),
       s AS (DELETE FROM core_notice_seen WHERE notice_id IN (SELECT id FROM n) RETURNING 1)
  SELECT (SELECT count(*) FROM f), (SELECT count(*) FROM i), (SELECT count(*) FROM n)
$$;

CREATE FUNCTION collecting_forget() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH v AS (DELETE FROM collecting_visit WHERE expires_at < clock_timestamp() RETURNING 1),
       a AS (DELETE FROM collecting_arrival
             WHERE arrived_at IS NULL AND begun_at < clock_timestamp() - interval '2 days' RETURNING 1)
  SELECT ((SELECT count(*) FROM v) + (SELECT count(*) FROM a))::integer
$$;
"""

MOMENTS = "timestamptz, timestamptz, timestamptz"
STEPPED = ("auth_forget_sessions(integer)", f"watch_forget({MOMENTS}, integer)", "collecting_forget(integer)")
WHOLE = ("auth_forget_sessions()", f"watch_forget({MOMENTS})", "collecting_forget()")


def upgrade() -> None:
    replace(WHOLE, STEPPED, IN_STEPS)


def downgrade() -> None:
    replace(STEPPED, WHOLE, AT_ONCE)


def replace(old: tuple[str, ...], new: tuple[str, ...], functions: str) -> None:
    """For maintenance alone, before and after."""
    for function in old:
        op.execute(f"DROP FUNCTION {function}")
    op.get_bind().exec_driver_sql(functions)
    for function in new:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO leadcrm_all")
