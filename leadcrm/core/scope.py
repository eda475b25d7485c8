"""Row scope, wall 1: every statement is narrowed to what the viewer may see, and fails without a viewer.

A model whose rows not everybody sees inherits Scoped and says who sees which; no view, query or template repeats it.
walls.py turns the same expression into PostgreSQL policies (wall 2). What these listeners cannot see (SQL text, Core
tables, session.connection()) is forbidden outside core by tests/test_architecture.py.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    Select,
    Uuid,
    bindparam,
    event,
    false,
    select,
    text,
    true,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.sql.visitors import InternalTraversal

from leadcrm.core.db import Base, CrmSession


class Scope(StrEnum):
    """How far a viewer sees; each is a role of the database, `leadcrm_own` and so on."""

    OWN = "own"
    COMPANY = "company"
    NONE = "none"
    ALL = "all"


class NoViewer(RuntimeError):
    """A scoped model was used outside viewing_as()."""


class OutOfScope(RuntimeError):
    """The viewer would have written a row that they may not see or change."""


class OnlyLooks(OutOfScope):
    """The viewer may look and change nothing: an auditor, or an admin who broke the glass."""


@dataclass(frozen=True, eq=False)
class Viewer:
    """Who is looking. Attributes are values for wall 1, SQL expressions for wall 2."""

    scope: Scope
    company_id: UUID
    user_id: UUID
    name: str = ""
    role: str = ""
    company_name: str = ""
    language: str = "nl"
    theme: str = "auto"
    email: str = ""
    permissions: frozenset[str] = field(default_factory=frozenset)
    session_id: UUID | None = None
    stepped_up_at: datetime | None = None  # when the holder of this session last proved to be it, with a second factor
    read_only: bool = False  # both walls refuse every change of data; lines of the audit trail are written all the same

    def can(self, permission: str) -> bool:
        return permission in self.permissions


@dataclass(frozen=True, eq=False)
class Everything:
    """The viewer of maintenance jobs and commands. The reason is for who reads the code and the audit log."""

    reason: str
    scope: ClassVar[Scope] = Scope.ALL
    company_id: ClassVar[None] = None
    user_id: ClassVar[None] = None
    read_only: ClassVar[bool] = False


NOBODY = Viewer(Scope.NONE, cast(UUID, None), cast(UUID, None))

_viewer: ContextVar[Viewer | Everything | None] = ContextVar("viewer", default=None)


class Scoped:
    """A model whose rows have a scope. `may` are its table privileges for the scope roles."""

    may: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"
    own_taste: ClassVar[bool] = False  # how somebody likes it: whoever may only look may change this all the same

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The WHERE clause of the rows this viewer sees, one for each scope."""
        return false()

    @classmethod
    def changeable_by(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The rows this viewer may add, change and remove."""
        return cls.visible_to(viewer)


@contextmanager
def viewing_as(viewer: Viewer | Everything | None) -> Iterator[Viewer | Everything | None]:
    token = _viewer.set(viewer)
    try:
        yield viewer
    finally:
        _viewer.reset(token)


def current_viewer() -> Viewer | Everything:
    viewer = _viewer.get()
    if viewer is None:
        raise NoViewer("nobody is looking: use viewing_as()")
    return viewer


def signed_in_viewer() -> Viewer:
    """The person who is looking; a maintenance job is not one."""
    viewer = current_viewer()
    if not isinstance(viewer, Viewer):
        raise NoViewer(f"no person is looking, only {viewer}")
    return viewer


def scoped_models() -> list[type[Scoped]]:
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Scoped)]


def _looking(attribute: str) -> BindParameter[UUID]:
    """A parameter that is read from whoever looks when the statement runs, never from when it was made."""
    return bindparam(
        f"viewer_{attribute}", callable_=lambda: getattr(_viewer.get() or NOBODY, attribute), type_=Uuid()
    )  # fmt: skip


def _whoever_looks(scope: Scope) -> Viewer:
    """The viewer of statements that are made once."""
    return Viewer(scope, cast(UUID, _looking("company_id")), cast(UUID, _looking("user_id")))


class Narrowing(CriteriaOption):
    """The criteria of every scoped model, for one scope, as one option.

    Made once: 21 separate options cost 0.3 ms of cache key a statement, and 16 ms when made for each viewer anew; this
    one costs 0.02 ms. It is keyed by the scope alone, since who looks is a parameter and not part of the statement.
    """

    __slots__ = ("scope", "criteria")
    _traverse_internals = [("scope", InternalTraversal.dp_string)]
    propagate_to_loaders = True  # otherwise joinedload() escapes the scope

    def __init__(self, scope: Scope | None):
        viewer = scope and _whoever_looks(scope)
        self.scope = str(scope)
        self.criteria = [
            with_loader_criteria(model, model.visible_to(viewer) if viewer else false(), include_aliases=True)
            for model in scoped_models()
        ]

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        for each in self.criteria:
            each.get_global_criteria(attributes)

    def process_compile_state(self, compile_state: Any) -> None:
        self.get_global_criteria(compile_state.global_attributes)

    def process_compile_state_replaced_entities(self, compile_state: Any, mapper_entities: Any) -> None:
        self.process_compile_state(compile_state)


@cache
def narrowing(scope: Scope | None) -> Narrowing:
    """Without a scope, for nobody, no row of any scoped model is seen."""
    return Narrowing(scope)


@event.listens_for(CrmSession, "do_orm_execute")
def narrow(execution: ORMExecuteState) -> None:
    viewer = _viewer.get()
    announce_again(execution.session, viewer)
    if isinstance(viewer, Everything) or execution.is_column_load or not execution.is_orm_statement:
        return
    scoped = _scoped_in(execution)
    if scoped and viewer is None:
        raise NoViewer(str(execution.statement))
    by_key = execution.is_update and execution.parameters
    refuse_changes(viewer, scoped if execution.is_insert or execution.is_update or execution.is_delete else ())
    if execution.is_insert or (scoped and (by_key or execution.is_from_statement)):
        raise OutOfScope("these skip the scope: add and change objects instead")
    execution.statement = _narrowed(execution.statement, viewer.scope if viewer else None)


_scoped_models_of: WeakKeyDictionary[Executable, list[type]] = WeakKeyDictionary()


def _scoped_in(execution: ORMExecuteState) -> list[type]:
    """The scoped models that a statement is about; worked out once for each that is kept."""
    known = _scoped_models_of.get(execution.statement)
    if known is None:
        known = [mapper.class_ for mapper in execution.all_mappers if issubclass(mapper.class_, Scoped)]
        _scoped_models_of[execution.statement] = known
    return known


_narrowed_statements: WeakKeyDictionary[Executable, dict[Scope | None, Executable]] = WeakKeyDictionary()


def _narrowed(statement: Executable, scope: Scope | None) -> Executable:
    """Kept as long as the statement is: what is asked again and again is narrowed and analysed once a scope."""
    kept = _narrowed_statements.setdefault(statement, {})
    if scope not in kept:
        kept[scope] = statement.options(narrowing(scope))
    return kept[scope]


def refuse_changes(viewer: Viewer | Everything | None, models: Iterable[type]) -> None:
    """Who may only look changes no row of these models."""
    if viewer is not None and viewer.read_only:
        changed = sorted(model.__name__ for model in models if not getattr(model, "own_taste", False))
        if changed:
            raise OnlyLooks(f"{', '.join(changed)}: this viewer may look, and change nothing")


@cache
def _changeable(model: Any, scope: Scope) -> Select[tuple[UUID]] | None:
    """Which of the wanted rows a viewer of this scope may add and change; made once, since that costs more than asking.

    None of a journal: anyone adds, the privileges of the table forbid the rest.
    """
    rule = model.changeable_by(_whoever_looks(scope))
    if rule.compare(true()):
        return None
    return select(model.id).where(model.id.in_(bindparam("wanted", expanding=True)), rule)


def refuse_unseen(session: Session, rows: Iterable[object]) -> None:
    viewer = _viewer.get()
    if isinstance(viewer, Everything):
        return
    ids: dict[Any, set[UUID]] = defaultdict(set)
    for row in rows:
        if isinstance(row, Scoped):
            ids[type(row)].add(row.id)  # type: ignore[attr-defined]  # every scoped table has an id, test_every_table
    for model, wanted in ids.items():
        asking = _changeable(model, (viewer or NOBODY).scope)
        if asking is None:
            continue
        with session.no_autoflush:
            seen = set(session.scalars(asking, {"wanted": list(wanted)}))
        if seen != wanted:
            raise OutOfScope(f"{model.__name__} {sorted(map(str, wanted - seen))}")


@event.listens_for(CrmSession, "before_flush")
def check_deleted(session: Session, _flush: object, _instances: object) -> None:
    announce_again(session, _viewer.get())
    changed = (row for row in session.dirty if session.is_modified(row))
    refuse_changes(_viewer.get(), {type(row) for row in (*session.new, *changed, *session.deleted)})
    refuse_unseen(session, session.deleted)


@event.listens_for(CrmSession, "after_flush")
def check_written(session: Session, _flush: object) -> None:
    changed = [row for row in session.dirty if session.is_modified(row)]
    refuse_unseen(session, [*session.new, *changed])


TELL = text(
    "SELECT set_config('role', :role, true), set_config('app.company', :company, true), "
    "set_config('app.user', :user, true), set_config('app.read_only', :read_only, true)"
)


def told(viewer: Viewer | Everything) -> dict[str, str]:
    """What the database is told of a viewer: every setting, empty ones too."""
    return {
        "role": f"leadcrm_{viewer.scope}",
        "company": str(viewer.company_id or ""),
        "user": str(viewer.user_id or ""),
        "read_only": "on" if viewer.read_only else "",
    }


@event.listens_for(CrmSession, "after_begin")
def announce(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """At every begin: what a pooled connection saw before must not linger."""
    if transaction.nested:
        return
    viewer = _viewer.get()
    opener = session.info.pop("opener", None)
    if opener is not None:
        opener(connection)  # reads who is looking and tells the database in one round trip: auth
        session.info["told"] = None
        return
    connection.execute(TELL, told(viewer or NOBODY))
    session.info["told"] = viewer


def begin_with(session: Session, opener: Callable[[Connection], None]) -> None:
    """Begin the transaction with a statement that itself finds out who is looking, and tells the database at once."""
    session.rollback()
    session.info["opener"] = opener
    session.connection()


def announce_again(session: Session, viewer: Viewer | Everything | None) -> None:
    """When the viewer changed in the middle of a transaction, the database must know before the next statement."""
    if session.in_transaction() and session.info.get("told", viewer) is not viewer and "told" in session.info:
        session.info["told"] = viewer
        session.connection().execute(TELL, told(viewer or NOBODY))
