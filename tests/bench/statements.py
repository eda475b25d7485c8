"""The statements of the list, through both walls and without any; and how the database plans them."""

import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import ClientCursor, Connection
from sqlalchemy import event

from leadcrm.auth.permissions import SCOPES
from leadcrm.core.databases import web_database_url
from leadcrm.core.db import database, session
from leadcrm.core.paging import paginate
from leadcrm.core.postgres import conninfo
from leadcrm.core.scope import Viewer, told, viewing_as
from leadcrm.demo.services.offices import Account
from leadcrm.leads.queries.lists import COLUMNS, Filters, counted, leads_with
from leadcrm.leads.views.list_state import DEFAULT_SORT, read_sort
from tests.bench.instance import Bench

ROWS = 25
TIMES = 200
TOLD = "SELECT set_config('role', %(role)s, true), set_config('app.company', %(company)s, true), " \
       "set_config('app.user', %(user)s, true)"  # fmt: skip
PARAMETER = re.compile(r"%\((\w+)\)s")
INDEX = re.compile(r"(?:using|Bitmap Index Scan on) (\w+)")
SLOW = re.compile(r"Seq Scan on leads_(?!label|source|supplier)\w+|hashed SubPlan")  # those have a handful of rows


@dataclass(frozen=True)
class Statement:
    """As the application sends it."""

    name: str
    text: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Compared:
    """Milliseconds, at the median. `kept`: bare, when the server keeps the plan of exactly these literals."""

    walls: float
    bare: float
    kept: float

    @property
    def ratio(self) -> float:
        return self.walls / self.bare


@dataclass(frozen=True)
class Plan:
    """How a statement runs as the restricted role."""

    who: str
    statement: str
    form: str
    milliseconds: float
    indexes: str
    slow: str


def viewer_of(account: Account) -> Viewer:
    return Viewer(SCOPES[account.role], account.company_id, account.id)


def of_list(viewer: Viewer, filters: Filters) -> list[Statement]:
    """What the list page asks of the table of leads: the rows of a page, and their number."""
    columns = tuple(column for column in COLUMNS if column.default)
    found: list[Statement] = []

    def keep(_connection: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        if "leads_lead" in text:
            found.append(Statement("rows and count", text, dict(values)))

    event.listen(database().engine, "before_cursor_execute", keep)
    try:
        with viewing_as(viewer):
            paginate(session, leads_with(filters, columns), read_sort(DEFAULT_SORT), None, ROWS, counted(filters))
            session.rollback()
    finally:
        event.remove(database().engine, "before_cursor_execute", keep)
    return found


def compared(bench: Bench, viewer: Viewer, statements: list[Statement]) -> Compared:
    """The same statements in turn, so that what else the machine does hits all alike."""
    with psycopg.connect(bench.superuser) as unwalled, _walled(bench, viewer) as walled:
        texts = [ClientCursor(unwalled).mogrify(each.text, each.values) for each in statements]
        ways = (
            lambda: [walled.execute(each.text, each.values).fetchall() for each in statements],
            lambda: [unwalled.execute(text, prepare=False).fetchall() for text in texts],
            lambda: [unwalled.execute(text, prepare=True).fetchall() for text in texts],
        )
        turns = [[_took(way) for way in ways] for _turn in range(TIMES)]
    return Compared(*(statistics.median(each) * 1000 for each in zip(*turns, strict=True)))


@contextmanager
def _walled(bench: Bench, viewer: Viewer) -> Iterator[Connection[Any]]:
    """A transaction of the application's login, told who is looking."""
    with psycopg.connect(conninfo(web_database_url(bench.config))) as connection:
        connection.execute(TOLD, told(viewer))
        yield connection
        connection.rollback()


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def plans(bench: Bench, who: str, viewer: Viewer, statements: list[Statement]) -> Iterator[Plan]:
    """With the values known, and prepared without them: the server may choose either."""
    for statement in statements:
        with _walled(bench, viewer) as connection:
            literal = ClientCursor(connection)
            known = literal.mogrify(statement.text, statement.values)
            yield _plan(connection, who, statement.name, "custom", f"EXPLAIN (ANALYZE, COSTS OFF) {known}")
            connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            text, names = numbered(statement.text)
            connection.execute(f"PREPARE asked AS {text}")
            values = literal.mogrify(", ".join(["%s"] * len(names)), [statement.values[name] for name in names])
            yield _plan(
                connection, who, statement.name, "generic", f"EXPLAIN (ANALYZE, COSTS OFF) EXECUTE asked({values})"
            )


def numbered(text: str) -> tuple[str, list[str]]:
    """The statement with $1, $2 …, and whose values those are."""
    names = list(dict.fromkeys(PARAMETER.findall(text)))
    return PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", text), names


def _plan(connection: Connection[Any], who: str, name: str, form: str, text: str) -> Plan:
    connection.execute(text)
    lines = "\n".join(line for (line,) in connection.execute(text).fetchall())
    took = re.search(r"Execution Time: ([\d.]+)", lines)
    indexes = dict.fromkeys(INDEX.findall(lines))
    slow = "; ".join(dict.fromkeys(SLOW.findall(lines)))
    return Plan(who, name, form, float(took[1]) if took else 0.0, ", ".join(indexes), slow)
