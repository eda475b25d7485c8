"""The database: one session a request, job or command. web.py and jobs.py commit it; nobody else does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar, cast
from uuid import UUID, uuid4

from flask import Flask, abort, current_app, g
from sqlalchemy import DateTime, Engine, MetaData, Uuid, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session
from werkzeug.local import LocalProxy

from leadcrm.core import connections
from leadcrm.core.fields.facts import technical

PLATFORM_ID = UUID("00000000-0000-4000-8000-000000000001")  # the reserved company of the platform's own staff

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}

Row = TypeVar("Row")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


def now() -> datetime:
    return datetime.now(UTC)


class CompanyRow:
    """The key of every tenant table: the company, then an id that is unique by itself and known before the insert."""

    company_id: Mapped[UUID] = technical(Uuid(), primary_key=True)
    id: Mapped[UUID] = technical(Uuid(), primary_key=True)

    def __init__(self, **values: Any):
        values.setdefault("id", uuid4())  # sealed values are bound to it
        super().__init__(**values)


class Stamped:
    created_at: Mapped[datetime] = technical(DateTime(timezone=True), nl="Aangemaakt", en="Created", default=now)
    updated_at: Mapped[datetime] = technical(
        DateTime(timezone=True), nl="Gewijzigd", en="Changed", default=now, onupdate=now
    )


class CrmSession(Session):
    """See scope.py and audit.py, which listen to this session."""

    def get(self, entity: Any, ident: Any, **_options: Any) -> Any:
        """By id alone, and always by a query: the identity map knows nothing of who is looking."""
        return self.scalars(select(entity).where(entity.id == ident)).one_or_none()

    def _skips_the_scope(self, *_args: Any, **_options: Any) -> NoReturn:
        raise NotImplementedError("legacy bulk methods skip the scope: add and change objects, or use core.bulk")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _skips_the_scope


class Database:
    """The pool of this process, and a small one beside it for what must survive a refused request."""

    def __init__(self, url: str, pool_size: int = 8, statement_timeout_ms: int = 15_000):
        options = {"options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC"}
        # Parameters are people's data: they stay out of error messages, and so out of the logs.
        # Whoever gave its connection back last gives it out first: its statements are prepared, its tables known.
        kept: Any = {"hide_parameters": True, "connect_args": options, "pool_use_lifo": True}
        self.engine = create_engine(url, pool_size=pool_size, max_overflow=4, **kept)
        self.journal_engine = create_engine(url, pool_size=2, max_overflow=2, **kept)
        for engine in (self.engine, self.journal_engine):
            connections.hold(engine)

    def close(self) -> None:
        self.engine.dispose()
        self.journal_engine.dispose()

    def forked(self) -> None:
        """In a child process: the connections belong to the parent, ours are still to be opened."""
        self.engine.dispose(close=False)
        self.journal_engine.dispose(close=False)


def database() -> Database:
    return cast(Database, current_app.extensions["database"])


def current_session() -> CrmSession:
    here = g._get_current_object()  # asked for often, so without asking Flask each time what `g` is
    own = here.get("session")
    if own is None:
        own = here.session = CrmSession(database().engine)
    return cast(CrmSession, own)


session: CrmSession = LocalProxy(current_session)  # type: ignore[assignment]  # stands in for the real one


@contextmanager
def journal() -> Iterator[CrmSession]:
    """A short transaction of its own for what must survive a refused request: failed logins, burned codes, counters."""
    with CrmSession(database().journal_engine) as own:
        yield own
        own.commit()


def get_or_404(model: type[Row], ident: UUID) -> Row:
    """The row, if it exists and the viewer may see it: both failures look the same."""
    row = session.get(model, ident)
    if row is None:
        abort(404)
    return cast(Row, row)


def close_session(_error: BaseException | None = None) -> None:
    if "session" in g:
        g.pop("session").close()  # rolls back whatever was not committed


def start(app: Flask, url: str, pool_size: int = 8, statement_timeout_ms: int = 15_000) -> None:
    app.extensions["database"] = Database(url, pool_size, statement_timeout_ms)
    app.teardown_appcontext(close_session)


def engine_of(app: Flask) -> Engine:
    return cast(Database, app.extensions["database"]).engine
