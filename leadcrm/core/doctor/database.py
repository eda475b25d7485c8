"""The database: reachable, current, spoken to safely, its logins harmless, its clock ours."""

import time
from datetime import UTC, date, datetime
from functools import partial

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, make_url, text

from leadcrm.core import migrate
from leadcrm.core.databases import embedded_server, web_database_url, worker_database_url
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject, connected
from leadcrm.core.postgres import UnsafeLogin, refuse_unsafe_login
from leadcrm.core.postgres.roles import OLDEST

SLOW_SECONDS = 0.25
APART_SECONDS = 5.0
SPARE_CONNECTIONS = 10
LAST_RELEASE = {  # major version → when its makers stop mending it
    15: date(2027, 11, 11), 16: date(2028, 11, 9), 17: date(2029, 11, 8), 18: date(2030, 11, 14),
}  # fmt: skip
CLOCK = text("SELECT clock_timestamp()")


def reachable(subject: Subject) -> Outcome:
    embedded = embedded_server(subject.config)
    if embedded:
        embedded.ensure_running()
    with connected(web_database_url(subject.config)) as connection:
        connection.execute(CLOCK)
        start = time.perf_counter()
        connection.execute(CLOCK)
        seconds = time.perf_counter() - start
    found = _("answers in %(ms).1f ms", ms=seconds * 1000)
    if seconds > SLOW_SECONDS:
        return warn(found, _("every page waits for it several times: bring it nearer"))
    return ok(found)


def version(subject: Subject) -> Outcome:
    with connected(web_database_url(subject.config)) as connection:
        number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    major, said = number // 10000, f"PostgreSQL {number // 10000}.{number % 100}"
    if number < OLDEST:
        return fail(said, _("PostgreSQL 15 or newer is needed"))
    until = LAST_RELEASE.get(major)
    if until and until < datetime.now(UTC).date():
        return warn(_("%(said)s gets no security releases any more", said=said), _("move to a newer release"))
    return ok(_("%(said)s, security releases until %(until)s", said=said, until=until or "?"))


def web_login(subject: Subject) -> Outcome:
    return _login(web_database_url(subject.config), worker=False)


def worker_login(subject: Subject) -> Outcome:
    return _login(worker_database_url(subject.config), worker=True)


def _login(url: str, worker: bool) -> Outcome:
    try:
        with connected(url) as connection:
            refuse_unsafe_login(connection, worker=worker)
    except UnsafeLogin as problem:
        return fail(_("the policies do not hold it"), _("use the logins that `leadcrm init` makes"), str(problem))
    return ok(_("no superuser, owns nothing, held by the policies"))


def in_private(subject: Subject) -> Outcome:
    """Over the network only with a verified certificate; a local socket leaves no machine."""
    with connected(web_database_url(subject.config)) as connection:
        local = connection.execute(text("SELECT inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' "
                                        "OR inet_server_addr() = '::1'")).scalar_one()  # fmt: skip
    mode = make_url(web_database_url(subject.config)).query.get("sslmode")
    if not local and mode != "verify-full":
        remedy = _("add sslmode=verify-full and sslrootcert to the database addresses")
        return fail(_("it is reached over the network without a verified certificate"), remedy)
    return ok(_("on this machine, over a local connection") if local else _("TLS, certificate verified (verify-full)"))


def migrations(subject: Subject) -> Outcome:
    with connected(web_database_url(subject.config)) as connection:
        current = migrate.current(connection)
    if current != migrate.heads():
        found = _("at %(current)s, wanted %(wanted)s", current=current or "-", wanted=migrate.heads())
        return fail(found, "leadcrm migrate")
    return ok(_("current, at %(current)s", current=current))


def clock(subject: Subject) -> Outcome:
    """Sessions and links end by the database's clock, one-time codes by ours."""
    with connected(web_database_url(subject.config)) as connection:
        apart = abs((connection.execute(CLOCK).scalar_one() - datetime.now(UTC)).total_seconds())
    found = _("%(seconds).2f s apart", seconds=apart)
    if apart > APART_SECONDS:
        return fail(found, _("let a time server keep both machines right"))
    return ok(found)


def connections(subject: Subject) -> Outcome:
    config = subject.config
    with connected(web_database_url(config)) as connection:
        most = _number(connection, "SHOW max_connections")
    each = config.database_pool + 8  # with what may overflow, and the journal's own
    wanted = (config.web_workers + config.job_workers) * each + SPARE_CONNECTIONS
    found = _("%(most)d allowed, %(wanted)d wanted at the busiest", most=most, wanted=wanted)
    if wanted > most:
        return warn(found, _("lower database_pool or the number of workers, or raise max_connections"))
    return ok(found)


def _number(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())


_database = partial(Check, group=Group.DATABASE)
CHECKS = (
    _database("database.reachable", _("Database reachable"), look=reachable),
    _database("database.version", _("Version of PostgreSQL"), look=version, clauses=("A18",)),
    _database("database.private", _("Connection to the database"), look=in_private, clauses=("A2",)),
    _database("database.web_login", _("Login of the web processes"), look=web_login, clauses=("A12",)),
    _database("database.worker_login", _("Login of the workers"), look=worker_login, clauses=("A12",)),
    _database("database.migrations", _("Migrations"), look=migrations),
    _database("database.connections", _("Room for connections"), look=connections),
    _database("machine.same_time", _("Clock against the database"), look=clock),
)
