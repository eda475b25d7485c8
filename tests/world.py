"""The world of every test: two companies, the platform, five people; browsers that sign in; and cleaning up."""

import re
import secrets
from functools import cache, lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

import psycopg
import werkzeug.test
from flask import Flask, Response
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from psycopg import sql
from sqlalchemy import create_engine
from werkzeug.test import TestResponse

from leadcrm.auth.models.people import Company, User
from leadcrm.auth.services import old_hashes
from leadcrm.core.db import PLATFORM_ID, CrmSession
from leadcrm.core.scope import Everything, Scope, Viewer, viewing_as
from tests.people import COMPANIES, PEOPLE, Person

ORIGIN = "https://localhost"
WORLD = ("auth_company", "auth_user")  # is put back as it was
KEPT = (*WORLD, "core_company_key", "leads_norm", "alembic_version")
CHANGED = "SELECT '{0}' WHERE EXISTS (TABLE {0} EXCEPT TABLE world.{0}) OR EXISTS (TABLE world.{0} EXCEPT TABLE {0})"
PUT_BACK = """
DELETE FROM {0} AS it WHERE NOT EXISTS (SELECT FROM world.{0} AS was WHERE was IS NOT DISTINCT FROM it);
INSERT INTO {0} SELECT was.* FROM world.{0} AS was WHERE NOT EXISTS (SELECT FROM {0} AS it WHERE it.id = was.id);
"""

# Now and then werkzeug makes a boundary longer than the 70 characters that RFC 2046 allows and that we accept.
werkzeug.test.random = lambda: 0.5  # type: ignore[attr-defined]

# Half of all hashing was of one password with one salt: a process does that once. tests/attack measures, and does not.
old_hashes.hash_secret = lru_cache(old_hashes.hash_secret)  # type: ignore[attr-defined]


def make_world(worker_url: str) -> None:
    """Companies and people, for good; tests that change them put them back."""
    engine = create_engine(worker_url)
    with viewing_as(Everything("the world of the tests")), CrmSession(engine) as session:
        names = COMPANIES | {PLATFORM_ID: "leadcrm"}
        known = set(session.query(Company.id).all())
        session.add_all(
            Company(id=ident, name=name, slug=name.lower().replace(" ", "-"))
            for ident, name in names.items()
            if (ident,) not in known
        )
        session.flush()
        session.add_all(
            User(company_id=who.company_id, id=who.id, name=who.name, email=who.email, role=who.role, **who.days)
            for who in PEOPLE
        )
        session.flush()
        session.info.pop("audit", None)  # how the world was made is no test's business
        session.commit()
    engine.dispose()


def remember_the_world(admin_url: str) -> None:
    """Keeps companies and people as they are now, for `forget_what_tests_wrote` to go back to."""
    admin = superuser(admin_url)
    admin.execute("DROP SCHEMA IF EXISTS world CASCADE")
    admin.execute("CREATE SCHEMA world")
    for table in WORLD:
        admin.execute(sql.SQL("CREATE TABLE world.{0} AS TABLE {0}").format(sql.Identifier(table)))


def viewer_of(person: Person, permissions: frozenset[str] = frozenset()) -> Viewer:
    """This person looking, for tests below the web."""
    return Viewer(
        person.scope,
        person.company_id,
        person.id,
        name=person.name,
        role=person.role,
        permissions=permissions,
        read_only=person.role == "auditor",
    )


def nobody_of(company_id: UUID) -> Viewer:
    return Viewer(Scope.NONE, company_id, company_id)


# Without triggers, since the audit trail's guard allows no removal; a test that leaves a transaction open is told so.
CLEANING = "-c session_replication_role=replica -c lock_timeout=20s"
_superusers: dict[tuple[str, str], psycopg.Connection] = {}


def superuser(admin_url: str, options: str = "") -> psycopg.Connection:
    """The superuser's one connection of this process, in autocommit: thousands of tests need it twice each."""
    known = _superusers.get((admin_url, options))
    if known is None or known.closed:
        known = psycopg.connect(admin_url, autocommit=True, options=options)
        _superusers[admin_url, options] = known
    return known


def forget_superusers() -> None:
    while _superusers:
        _superusers.popitem()[1].close()


@cache
def _forgettable(admin_url: str) -> str:
    """A query for the names of the tables that hold something which a test wrote."""
    tables = superuser(admin_url).execute(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'procrastinate') "
        "AND tablename <> ALL(%s)",
        [list(KEPT)],
    )
    written = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for (table,) in tables]
    return " UNION ALL ".join(written + [CHANGED.format(table) for table in WORLD])


def written_by_tests(admin_url: str) -> list[str]:
    """The tables that hold something else than the world."""
    admin = superuser(admin_url, CLEANING)  # always the same way, or it would plan the long query anew each time
    return [table for (table,) in admin.execute(_forgettable(admin_url), prepare=True)]  # type: ignore[arg-type]  # built above


def forget_what_tests_wrote(admin_url: str) -> None:
    """Everything but the world, as the superuser; companies and people go back to how they were."""
    written = written_by_tests(admin_url)
    if written:
        forget = [PUT_BACK.format(table) if table in WORLD else f"DELETE FROM {table}" for table in written]
        superuser(admin_url, CLEANING).execute("; ".join(forget))  # type: ignore[arg-type]  # one message, one transaction


def as_read(markup: str) -> str:
    """With the characters that our pages write as references: every one beyond ASCII, see core.patterns.in_ascii()."""
    return re.sub(r"&#(\d{3,});", lambda found: chr(int(found[1])), markup)


class Read(Response):
    """An answer whose text is as a person reads it; its data are as they were sent."""

    def get_data(self, as_text: bool = False) -> Any:
        data = super().get_data(as_text)
        return as_read(data) if as_text and self.mimetype == "text/html" else data


class Browser(FlaskClient):
    """A test client over https that sends the CSRF token and Origin as a browser with our pages would."""

    def __init__(self, app: Flask):
        super().__init__(app, Read, use_cookies=True)

    def csrf_token(self) -> str:
        with self.session_transaction(base_url=ORIGIN) as form_session:
            raw = form_session.setdefault("csrf_token", "0" * 40)
        return str(URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(raw))

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", ORIGIN)
        kwargs.setdefault("buffered", True)  # a stream that is not read to its end would keep its request
        return super().open(*args, **kwargs)

    def run_wsgi_app(self, environ: dict[str, Any], buffered: bool = False) -> Any:
        """As ever, and closes the file on the disk that werkzeug makes of a large form and leaves open."""
        try:
            return super().run_wsgi_app(environ, buffered)
        finally:
            if not isinstance(environ["wsgi.input"], BytesIO):
                environ["wsgi.input"].close()

    def send(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """A form as our own page posts it."""
        form = {"csrf_token": self.csrf_token()} | (data or {})
        ours = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
        return self.open(path, data=form, headers=ours, **{"method": "POST"} | kwargs)

    def part(self, path: str, **kwargs: Any) -> TestResponse:
        """What htmx asks for when it swaps a part of the page."""
        return self.get(path, headers={"HX-Request": "true", "HX-Request-Type": "partial"}, **kwargs)


def sign_in_as(app: Flask, person: Person, admin_url: str, level: int = 2, stepped_up: bool = True) -> Browser:
    """A browser of somebody who has signed in; tests/auth walks the whole way there. Level 1: no second factor yet.

    `stepped_up`: the second factor was proved just now, so that no route asks for it again.
    """
    token = secrets.token_urlsafe(32)
    superuser(admin_url).execute(
        "INSERT INTO auth_session (company_id, id, user_id, id_hash, auth_level, created_at, last_seen_at, "
        "expires_at, address_prefix, user_agent, user_agent_hash, stepup_at) VALUES (%s, gen_random_uuid(), %s, "
        "%s, %s, now(), now(), now() + interval '1 hour', '127.0.0.0/24', 'test', '', "
        "CASE WHEN %s THEN now() END)",
        [person.company_id, person.id, sha256(token.encode()).digest(), level, stepped_up and level == 2],
    )
    browser = Browser(app)
    browser.set_cookie("__Host-leadcrm", token, domain="localhost", secure=True)
    return browser
