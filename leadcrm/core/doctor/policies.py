"""Wall 2 as it stands in the database: row security, policies, definer functions; and that limits count together."""

from functools import partial

import psycopg
from flask_babel import lazy_gettext as _
from flask_limiter import Limiter
from sqlalchemy import Connection, literal_column, select, table, text
from sqlalchemy.exc import ProgrammingError

from leadcrm.core.databases import web_database_url, worker_database_url
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, skip
from leadcrm.core.doctor.subject import Subject, connected
from leadcrm.core.limits import PostgresStorage
from leadcrm.core.postgres.roles import OWNER
from leadcrm.core.scope import scoped_models
from leadcrm.core.walls import raise_walls

MEND = "leadcrm migrate"
POLICIES = text(
    "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'"
)
TABLES = text("""
    SELECT c.relname, c.relrowsecurity, count(p.polname) AS policies,
           has_table_privilege('leadcrm_own', c.oid, 'SELECT') AS opened
    FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
    GROUP BY c.oid, c.relname, c.relrowsecurity
""")
OWNERS = text("""
    SELECT r.rolname FROM pg_roles r
    WHERE r.rolcanlogin AND NOT r.rolsuper AND pg_has_role(r.oid, :owner, 'MEMBER') AND r.rolname <> 'leadcrm_migrator'
    UNION SELECT rolname FROM pg_roles WHERE rolname = :owner AND rolcanlogin
""")
FUNCTIONS = text("""
    SELECT p.proname, r.rolname AS owner, coalesce(array_to_string(p.proconfig, ','), '') AS settings,
           has_function_privilege('public', p.oid, 'EXECUTE') AS everybody
    FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
    WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
""")


def policies(subject: Subject) -> Outcome:
    """Raised anew in a transaction that is undone: what then differs is not what the models say."""
    with subject.as_owner() as connection:
        before = set(connection.execute(POLICIES))
        raise_walls(connection)
        after = set(connection.execute(POLICIES))
    if before != after:
        differing = sorted({row.tablename for row in before ^ after})
        return fail(_("they differ from what the program says"), MEND, ", ".join(differing))
    return ok(_("%(count)d policies, as the program says", count=len(after)))


def row_security(subject: Subject) -> Outcome:
    """On for every table; and nobody who logs in may become the owner, whom row security does not hold."""
    with subject.as_owner() as connection:
        tables = connection.execute(TABLES).all()
        owners = list(connection.execute(OWNERS, {"owner": OWNER}).scalars())
    off = [each.relname for each in tables if not each.relrowsecurity]
    bare = [each.relname for each in tables if each.opened and not each.policies]
    if off or bare:
        return fail(_("it is off, or without policies, on some tables"), MEND, ", ".join(off + bare))
    if owners:
        return fail(_("a login may become the owner of the tables"), _("revoke that"), ", ".join(owners))
    return ok(_("on for all %(count)d tables; nobody logs in as their owner", count=len(tables)))


def nobody_looks(subject: Subject) -> Outcome:
    """Tried for real: the logins read nothing as long as they do not say who looks."""
    readable = []
    for url in (web_database_url(subject.config), worker_database_url(subject.config)):
        with connected(url) as connection:
            readable += [name for name in _tables() if _reads(connection, name)]
    if readable:
        return fail(_("tables can be read without saying who looks"), MEND, ", ".join(sorted(set(readable))))
    return ok(_("%(count)d tables give nothing to a login that does not say who looks", count=len(_tables())))


def _tables() -> list[str]:
    return sorted(str(model.__tablename__) for model in scoped_models())  # type: ignore[attr-defined]


def _reads(connection: Connection, name: str) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(select(literal_column("1")).select_from(table(name)).limit(1))
    except ProgrammingError as refused:
        if isinstance(refused.orig, psycopg.errors.InsufficientPrivilege):
            return False
        raise
    return True


def functions(subject: Subject) -> Outcome:
    """A definer function with an open search_path, or of a foreign owner, is a door beside the policies."""
    with subject.as_owner() as connection:
        found = connection.execute(FUNCTIONS).all()
    loose = [each.proname for each in found if "search_path=" not in each.settings or each.owner != OWNER]
    everybody = [each.proname for each in found if each.everybody]
    if loose or everybody:
        named = ", ".join(sorted({*loose, *everybody}))
        return fail(_("functions with the owner's rights are not closed"), MEND, named)
    return ok(_("%(count)d reviewed functions: path pinned, owner right, not for everybody", count=len(found)))


def limits(subject: Subject) -> Outcome:
    """Counted in the database, so that all workers count together; in memory each would allow the whole limit."""
    if subject.app is None:
        return skip(_("not seen: the application does not start"))
    counted = {type(each.storage) for each in subject.app.extensions["limiter"] if isinstance(each, Limiter)}
    workers = subject.config.web_workers
    if counted != {PostgresStorage}:
        named = ", ".join(sorted(each.__name__ for each in counted))
        remedy = _("count in the database: storage_uri=leadcrm://")
        return fail(_("%(count)d web processes count each for themselves", count=workers), remedy, named)
    return ok(_("in the database, %(count)d web processes together", count=workers))


_wall = partial(Check, group=Group.DATABASE)
CHECKS = (
    _wall("walls.policies", _("Row policies"), look=policies, clauses=("A12",)),
    _wall("walls.row_security", _("Row security on every table"), look=row_security, clauses=("A12",)),
    _wall("walls.nobody", _("Reading without saying who looks"), look=nobody_looks, clauses=("A3", "A12")),
    _wall("walls.functions", _("Functions with the owner's rights"), look=functions, clauses=("A12",)),
    _wall("limits.storage", _("Limits count together"), look=limits, clauses=("A14",)),
)
