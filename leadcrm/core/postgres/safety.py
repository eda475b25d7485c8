"""Who may log in for the application: nobody for whom the policies do not count."""

from sqlalchemy import Connection, text

from leadcrm.core.postgres.problems import UnsafeLogin
from leadcrm.core.postgres.roles import EVERYTHING, OWNER

# The login and every role it may become, directly or through others.
REACHABLE = text("""
    SELECT r.rolname,
           r.rolsuper,
           r.rolbypassrls,
           r.rolcreaterole,
           EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE c.relowner = r.oid AND n.nspname = 'public' AND c.relkind IN ('r', 'p')) AS owns_tables
    FROM pg_roles r
    WHERE pg_has_role(session_user, r.oid, 'MEMBER')
    ORDER BY r.rolname <> session_user, r.rolname
""")
REMEDY = "use the login `leadcrm_app` (worker: `leadcrm_worker`) that `leadcrm init --admin-url URL` creates"


def refuse_unsafe_login(connection: Connection, *, worker: bool = False) -> None:
    """Raise UnsafeLogin with reason and remedy. Only a worker's login may become the role that sees everything."""
    login = connection.execute(text("SELECT session_user")).scalar_one()
    for role in connection.execute(REACHABLE):
        reason = _reason(role._asdict(), worker)
        if reason:
            through = "" if role.rolname == login else f", as member of {role.rolname},"
            raise UnsafeLogin(f"the database login {login}{through} {reason}: {REMEDY}")


def _reason(role: dict[str, object], worker: bool) -> str | None:
    reasons = {
        "is a superuser, so no policy holds it": role["rolsuper"],
        "bypasses row-level security": role["rolbypassrls"],
        "may give itself any role (CREATEROLE)": role["rolcreaterole"],
        "may become the owner of all tables": role["rolname"] == OWNER,
        "owns tables, and policies do not hold an owner": role["owns_tables"],
        "may see every company's rows, which only workers need": role["rolname"] == EVERYTHING and not worker,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
