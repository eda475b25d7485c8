"""The count of unread alerts is asked with the session of every request, like the other counts of the frame."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# Before there is a viewer, so it repeats who sees what (see core/notices.py). Looks no further than the bell can show.
UNREAD = """
CREATE FUNCTION core_notices_unread(company uuid, person uuid, role text, days integer) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF role = 'companymanager' THEN
    RETURN (SELECT count(*) FROM (
      SELECT 1 FROM core_notice n
      WHERE n.company_id = company AND n.at > now() - make_interval(days => days) AND NOT EXISTS (
        SELECT 1 FROM core_notice_seen s WHERE s.user_id = person AND s.notice_id = n.id)
      LIMIT 100) AS unread);
  ELSIF role = 'admin' THEN
    RETURN (SELECT count(*) FROM (
      SELECT 1 FROM core_notice n
      WHERE n.at > now() - make_interval(days => days) AND NOT EXISTS (
        SELECT 1 FROM core_notice_seen s WHERE s.user_id = person AND s.notice_id = n.id)
      LIMIT 100) AS unread);
  END IF;
  RETURN 0;
END
$$;
REVOKE ALL ON FUNCTION core_notices_unread(uuid, uuid, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION core_notices_unread(uuid, uuid, text, integer) TO leadcrm_app, leadcrm_worker;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UNREAD)


def downgrade() -> None:
    op.execute("DROP FUNCTION core_notices_unread(uuid, uuid, text, integer)")
