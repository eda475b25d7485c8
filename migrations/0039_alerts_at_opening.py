"""The count of unread alerts is asked with the session of every request, like the other counts of the frame; and what
is asked there keeps its plans.

A function in SQL is read and planned each time it is called from another statement, a function in PL/pgSQL once for
each connection. So the words of those that every request calls stay as they are, in the other language.
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
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

KEPT = (
    "auth_live_session", "auth_described", "auth_glass_of", "auth_taste", "addresses_admit", "notifications_unread",
    "saved_views_of", "exports_agents_may", "intake_quarantined",
)  # fmt: skip
DEFINITION = sa.text("""
    SELECT pg_get_functiondef(p.oid), p.proretset, (
      SELECT string_agg(each.name, ', ' ORDER BY each.at)
      FROM unnest(p.proargnames, p.proargmodes) WITH ORDINALITY AS each (name, mode, at) WHERE each.mode = 't')
    FROM pg_proc p WHERE p.proname = :name
""")
BODY = re.compile(r"(?<=AS \$function\$).*(?=\$function\$)", re.DOTALL)


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UNREAD)
    for name in KEPT:
        rewrite(name, "sql", "plpgsql", lambda words, begin, end: f"\n{begin}{words.strip()}{end}\n")


def downgrade() -> None:
    for name in KEPT:
        rewrite(name, "plpgsql", "sql", lambda words, begin, end: words.replace(begin, "  ").replace(end, ""))
    op.execute("DROP FUNCTION core_notices_unread(uuid, uuid, text, integer)")


def rewrite(name: str, was: str, will_be: str, body_of: Callable[[str, str, str], str]) -> None:
    """In another language, with the same owner and rights."""
    definition, many, columns = op.get_bind().execute(DEFINITION, {"name": name}).one()
    found = BODY.search(definition)
    if found is None or f"LANGUAGE {was}\n" not in definition:
        raise RuntimeError(f"{name}() is not the function in {was} that was expected")
    head = definition[: found.start()].replace(f"LANGUAGE {was}\n", f"LANGUAGE {will_be}\n")
    written = head + body_of(found[0], *around(many, columns)) + definition[found.end() :]
    op.get_bind().exec_driver_sql(written)


def around(many: bool, columns: str | None) -> tuple[str, str]:
    """What stands before and behind the statement. As in SQL, a name that is a column and a parameter is the column;
    and a value of another type than the result's column becomes one of that type."""
    begin = "#variable_conflict use_column\nBEGIN\n  "
    if columns:
        return f"{begin}FOR {columns} IN ", " LOOP\n    RETURN NEXT;\n  END LOOP;\nEND"
    return (f"{begin}RETURN QUERY ", ";\nEND") if many else (f"{begin}RETURN (", ");\nEND")
