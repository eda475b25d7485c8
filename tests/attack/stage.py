"""The world that is attacked: everybody's rows with canaries in them, put back after every change."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
from flask import Flask
from psycopg import sql
from psycopg.types.json import Jsonb

from leadcrm.core.scope import Scope
from tests.attack import canaries
from tests.attack.canaries import Canary
from tests.attack.policy import Principal, Relation
from tests.foreign import Planted, plant
from tests.people import ADA, ANN, BOB, ELSEWHERE, EVE, HOME, IVO, MEG, Person, _id
from tests.world import Browser, forget_what_tests_wrote, sign_in_as

CLOSED = _id("Gesloten Kantoor")
MIA = Person("Mia Post", "companymanager", ELSEWHERE, Scope.COMPANY)
DAN = Person("Dan Kuiper", "agent", HOME, Scope.OWN)
OTTO = Person("Otto Prins", "agent", CLOSED, Scope.OWN)
WIM = Person("Wim Bos", "agent", HOME, Scope.OWN)
GUESTS = (MIA, DAN, OTTO, WIM)
EVERYBODY = {person.name: person for person in (ANN, BOB, MEG, EVE, ADA, IVO, *GUESTS)}
CODES = {person.id: person.name.split()[0].lower() for person in EVERYBODY.values()}
KINDS_OF_SOURCE = ("leads_source", "leads_label", "leads_supplier")
USED_ONCE = (*((table, "name") for table in KINDS_OF_SOURCE), ("leads_source", "key"), ("watch_incident", "about"),
             ("tags_tag", "word"), ("pipelines_reason", "name"), ("pipelines_pipeline", "name"))  # fmt: skip
WATCHED = {"watch_incident": "incident_id", "core_notice": "notice_id", "annex_version": "version_id",
           "annex_supplier": "supplier_id", "auth_passkey": "passkey_id", "auth_device": "device_id"}  # fmt: skip
OF_OFFICE = {"checklists_rule": "rule_id", "imports_import": "import_id", "bulk_batch": "batch_id",
             "exports_export": "export_id", "saved_views_view": "view_id", "notifications_news": "news_id",
             "tags_tag": "tag_id", "custom_fields_definition": "own_field_id", "pipelines_step": "step_id",
             "pipelines_pipeline": "line_id", "pipelines_reason": "reason_id", "distribution_rule": "way_id",
             "distribution_absence": "absence_id", "distribution_handover": "handover_id", "intake_inlet": "inlet_id",
             "intake_key": "key_id", "intake_form": "form_id", "intake_arrival": "arrival_id"}  # fmt: skip
STEPPED_UP_SECONDS = 120  # then they step up again
UNTOUCHED = ("alembic_version", "leads_norm")
WRITTEN_BY = "xmin::text::bigint"  # the transaction that wrote a row
# The first that may write here after this: one still under way, or the next. Those of other databases write there.
NEXT_WRITER = """SELECT least(pg_snapshot_xmax(pg_current_snapshot())::text::bigint, min(backend_xid::text::bigint))
    FROM pg_stat_activity WHERE datname = current_database()"""
WRONG_SESSIONS = {
    "expired": "expires_at = now() - interval '1 minute'",
    "idle": "last_seen_at = now() - interval '31 minutes'",
    "ended": "revoked_at = now()",
}


@dataclass
class Target:
    """Somebody's set of rows, as one of the objects of the matrix."""

    owner: Person | None
    rows: Planted
    deleted: bool = False

    @property
    def name(self) -> str:
        return "nobody's" if self.owner is None else f"{self.owner.name}'s{' deleted' * self.deleted}"

    def relation(self, person: Person | None) -> Relation:
        if self.owner is None or person is None:
            return Relation.ABSENT
        if self.owner.id == person.id:
            return Relation.OWN
        return Relation.COLLEAGUE if self.owner.company_id == person.company_id else Relation.ELSEWHERE


@dataclass
class Stage:
    app: Flask
    admin: psycopg.Connection[Any]
    admin_url: str
    targets: list[Target] = field(default_factory=list)
    released: set[Canary] = field(default_factory=set)
    since: int = 0  # the first transaction that restore() has to undo
    looking: bytes = b""  # what touched() asks
    tokens: dict[str, str] = field(default_factory=dict)
    woken: float = field(default_factory=time.monotonic)

    def browser(self, principal: Principal) -> Browser:
        """Their browser as it was when the curtain rose, whatever happened to its cookie since."""
        self._stay_stepped_up()
        browser = Browser(self.app)
        if principal.name in self.tokens:
            token = self.tokens[principal.name]
            browser.set_cookie("__Host-leadcrm", token, domain="localhost", secure=True)
        return browser

    def _stay_stepped_up(self) -> None:
        """A step-up is worth five minutes, and an admin who does nothing is let go after fifteen; a whole run takes
        that. So it was always just now, at signing in, and who was idle stays idle for as long."""
        passed = time.monotonic() - self.woken
        if passed > STEPPED_UP_SECONDS:
            for schema in ("public", "kept"):
                table = sql.Identifier(schema, "auth_session")
                seen = "UPDATE {} SET last_seen_at = least(now(), last_seen_at + make_interval(secs => %s))"
                self.admin.execute(sql.SQL(seen).format(table), [passed])
                again = sql.SQL("UPDATE {} SET created_at = now(), stepup_at = now() WHERE stepup_at IS NOT NULL")
                self.admin.execute(again.format(table))
            self.woken = time.monotonic()

    @contextmanager
    def granted(self, principal: Principal) -> Iterator[None]:
        """Their extra rights, for as long as it takes."""
        self.grant(principal)
        try:
            yield
        finally:
            self.admin.execute("DELETE FROM auth_grant WHERE id NOT IN (SELECT id FROM kept.auth_grant)")

    def grant(self, principal: Principal) -> None:
        if principal.extras:
            person = EVERYBODY[principal.who]
            self.admin.execute(
                "INSERT INTO auth_grant (company_id, id, user_id, permission, granted_at) "
                "SELECT %s, gen_random_uuid(), %s, unnest(%s::text[]), now()",
                [person.company_id, person.id, sorted(principal.extras)],
            )

    def keep(self) -> None:
        """What stands now is what restore() goes back to."""
        found = self.admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        tables = [name for (name,) in found if name not in UNTOUCHED]
        self.admin.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
        for table in tables:
            name = sql.Identifier(table)
            self.admin.execute(sql.SQL("CREATE TABLE kept.{0} AS TABLE public.{0}").format(name))
        self.admin.execute("SET max_parallel_workers_per_gather = 0")  # to start two takes ten times as long as to look
        self.looking = sql.SQL(" UNION ALL ").join(map(self._look_at, tables)).as_bytes()
        self._settle()

    def _look_at(self, table: str) -> sql.Composed:
        """Names the table when it has more or fewer rows than were kept, or one that was written since; and says
        whether all that were kept are still there."""
        rows = self.admin.execute(sql.SQL("SELECT FROM kept.{}").format(sql.Identifier(table))).rowcount
        return sql.SQL(
            "SELECT {0}, {2} = count(*) FILTER (WHERE {3} < %(since)s) FROM {1} "
            "HAVING count(*) <> {2} OR count(*) FILTER (WHERE {3} >= %(since)s) > 0"
        ).format(sql.Literal(table), sql.Identifier("public", table), sql.Literal(rows), sql.SQL(WRITTEN_BY))

    def _settle(self) -> None:
        found = self.admin.execute(NEXT_WRITER).fetchone()
        self.since = found[0] if found else 0

    def touched(self) -> dict[str, bool]:
        """The tables that are not as they were kept, and whether there is only more in them."""
        return dict(self.admin.execute(self.looking, {"since": self.since}, prepare=True))

    def restore(self) -> None:
        """Only what was touched: all of it each time would leave so many dead rows that everything slows down."""
        again = [
            f"DELETE FROM {table} WHERE {WRITTEN_BY} >= {self.since}" if only_more
            else f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept.{table}"
            for table, only_more in self.touched().items()
        ]  # fmt: skip
        statements: Any = "; ".join([*again, "DELETE FROM procrastinate.procrastinate_jobs"])
        self.admin.execute(statements)
        self._settle()

    def restore_now(self, principal: Principal) -> None:
        """In the middle of a principal's turn: their extra rights stay."""
        self.restore()
        self.grant(principal)

    def mails(self) -> list[tuple[UUID, str]]:
        """What has been written to whom since the curtain rose, by company."""
        return self.admin.execute(
            "SELECT company_id, concat_ws(' ', recipient, subject, body) FROM core_outbox "
            "WHERE id NOT IN (SELECT id FROM kept.core_outbox)"
        ).fetchall()


def raise_curtain(app: Flask, admin_url: str, principals: list[Principal]) -> Iterator[Stage]:
    """Plants, marks and remembers; afterwards everything is as it was, people and companies included."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        stage = Stage(app, admin, admin_url)
        admin.execute("SET session_replication_role = replica")  # the audit trail's guard allows no change
        admin.execute("CREATE SCHEMA IF NOT EXISTS before")
        for table in ("auth_user", "auth_company"):
            admin.execute(f"DROP TABLE IF EXISTS before.{table}; CREATE TABLE before.{table} AS TABLE public.{table}")
        try:
            _guests(admin)
            _plant(stage)
            _sign_in(stage, principals)
            stage.keep()
            yield stage
        finally:
            forget_what_tests_wrote(admin_url)
            for table in ("auth_user", "auth_company"):
                admin.execute(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM before.{table}")
            admin.execute("DROP SCHEMA IF EXISTS kept CASCADE; DROP SCHEMA before CASCADE")


def _guests(admin: psycopg.Connection[Any]) -> None:
    """People and a company that no other test has."""
    admin.execute(
        "INSERT INTO auth_company SELECT (jsonb_populate_record(c, jsonb_build_object('company_id', %s::text, 'id', "
        "%s::text, 'name', 'Gesloten', 'slug', 'gesloten', 'active', false))).* FROM auth_company c WHERE id = %s",
        [CLOSED, CLOSED, HOME],
    )
    for guest in GUESTS:
        changed = {"company_id": str(guest.company_id), "id": str(guest.id), "email": guest.email, "name": guest.name,
                   "role": guest.role, "active": guest is not DAN}  # fmt: skip
        admin.execute(
            "INSERT INTO auth_user SELECT (jsonb_populate_record(u, %s)).* FROM auth_user u WHERE id = %s",
            [Jsonb(changed), ANN.id],
        )
    admin.execute("UPDATE auth_user SET joined_at = now() WHERE joined_at IS NULL")
    admin.execute(  # Wim may come in from one office only, and never does
        "INSERT INTO addresses_range SELECT (jsonb_populate_record(NULL::addresses_range, jsonb_build_object("
        "'company_id', %s::text, 'id', gen_random_uuid(), 'user_id', %s::text, 'network', '198.51.100.0/24', 'label', "
        "'x', 'created_at', now(), 'updated_at', now()))).*",
        [HOME, WIM.id],
    )


def _plant(stage: Stage) -> None:
    gone = plant(stage.app, stage.admin_url)[ANN.name]
    for table, column in USED_ONCE:
        rename = sql.SQL("UPDATE {0} SET {1} = {1} || '-before'").format(sql.Identifier(table), sql.Identifier(column))
        stage.admin.execute(rename)
    stage.admin.execute("DELETE FROM followup_feed")  # everybody has one only
    alive = plant(stage.app, stage.admin_url)
    stage.targets = [
        *(Target(EVERYBODY[name], rows) for name, rows in alive.items()),
        Target(ANN, gone, deleted=True),
        Target(None, Planted({})),
    ]
    leads = stage.admin.execute("SELECT id, owner_id FROM leads_lead").fetchall()
    stage.released = canaries.release(stage.admin, {lead: CODES[owner] for lead, owner in leads}, CODES)
    _delete(stage.admin, gone)


def _delete(admin: psycopg.Connection[Any], gone: Planted) -> None:
    """As people delete: a lead is marked; what has no mark is gone. Users and companies are never deleted."""
    ids = gone.ids
    admin.execute("UPDATE leads_lead SET deleted_at = now() WHERE id = %s", [ids["lead_id"]])
    admin.execute("UPDATE auth_session SET revoked_at = now() WHERE id = %s", [ids["session_id"]])
    for table in KINDS_OF_SOURCE:
        removal = sql.SQL("DELETE FROM {} WHERE id = ANY(%s)").format(sql.Identifier(table))
        admin.execute(removal, [list(gone.of_section.values())])
    for table, name in (WATCHED | OF_OFFICE).items():
        admin.execute(sql.SQL("DELETE FROM {} WHERE id = %s").format(sql.Identifier(table)), [ids[name]])
    ids["user_id"] = ids["company_id"] = uuid4()


def _sign_in(stage: Stage, principals: list[Principal]) -> None:
    for principal in principals:
        if principal.session == "forged":
            stage.tokens[principal.name] = secrets.token_urlsafe(32)
        elif principal.who:
            stage.tokens[principal.name] = _session_of(stage, principal)


def _session_of(stage: Stage, principal: Principal) -> str:
    browser = sign_in_as(stage.app, EVERYBODY[principal.who], stage.admin_url, level=principal.level,
                         stepped_up=principal.stepped_up)  # fmt: skip
    cookie = browser.get_cookie("__Host-leadcrm", domain="localhost")
    assert cookie is not None
    if principal.session:
        stage.admin.execute(
            f"UPDATE auth_session SET {WRONG_SESSIONS[principal.session]} WHERE id_hash = %s",  # type: ignore[arg-type]  # ours
            [sha256(cookie.value.encode()).digest()],
        )
    return str(cookie.value)
