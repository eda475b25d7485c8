"""Rows that say the same are not written again; whatever changes in a row, it is."""

from collections import namedtuple
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from flask import Flask

from leadcrm.core.fields.language import speaking
from leadcrm.core.patterns import Pattern, hole, pieces_of
from leadcrm.leads.models.terms import Stage
from leadcrm.leads.queries.lists import BY_NAME, Column
from leadcrm.leads.views import kept_rows
from leadcrm.leads.views.cells import day_of
from leadcrm.leads.views.kept_rows import KeptRows

NAMES = ("id", "name", "reference", "cells")
PATTERN = Pattern(pieces_of("".join(hole(name) for name in NAMES)), NAMES)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
COLUMNS = tuple(BY_NAME[name] for name in ("stage", "next_action", "last_contact_at"))
Row = namedtuple("Row", "id name reference stage_0 next_action_0 next_action_1 last_contact_at_0")
SEEN = Row(uuid4(), "Els", "L-2", Stage.NEW, "", None, NOON - timedelta(days=1))
ANNE = Row(uuid4(), "Anne <b>", "L-1", Stage.NEW, "Bellen", NOON, NOON - timedelta(days=1))


def rows_of(*columns: Column) -> KeptRows:
    return KeptRows(columns or COLUMNS, usual=False)


def times_written(rows: KeptRows, *shown: tuple[Any, datetime]) -> int:
    """How often a row had to be written to show these at these moments."""
    with patch.object(kept_rows, "row_cells", wraps=kept_rows.row_cells) as writing:
        for row, moment in shown:
            rows.written(PATTERN, [row], moment)
    return writing.call_count


@pytest.fixture(autouse=True)
def in_the_application(app: Flask) -> Any:
    with app.test_request_context():
        yield


def test_the_same_values_are_written_once() -> None:
    rows = rows_of()
    assert times_written(rows, (ANNE, NOON), (ANNE, NOON), (Row(*ANNE), NOON - timedelta(seconds=1))) == 1
    assert rows.written(PATTERN, [ANNE, ANNE], NOON).count("Anne &lt;b&gt;") == 2


@pytest.mark.parametrize("field", Row._fields)
def test_a_changed_value_is_shown(field: str) -> None:
    later = {"stage_0": Stage.ENGAGED, "next_action_1": NOON + timedelta(days=9), "last_contact_at_0": None}
    changed = ANNE._replace(**{field: later.get(field, "Anders")})
    rows = rows_of()
    before, after = rows.written(PATTERN, [ANNE], NOON), rows.written(PATTERN, [changed], NOON)
    assert before != after == rows_of().written(PATTERN, [changed], NOON)


def test_an_action_becomes_late_by_the_clock_alone() -> None:
    rows = rows_of()
    assert "is-late" not in rows.written(PATTERN, [ANNE], NOON)
    assert "is-late" in rows.written(PATTERN, [ANNE], NOON + timedelta(seconds=1))


@pytest.mark.parametrize("name", ["birth_date", "iban"])
def test_what_is_sealed_is_opened_each_time(name: str) -> None:
    """Otherwise it would be shown after its key was destroyed."""
    sealed = namedtuple("sealed", f"id name reference {name}_0")  # type: ignore[misc]
    row = sealed(uuid4(), "Anne", "L-1", None)
    assert times_written(rows_of(BY_NAME[name]), (row, NOON), (row, NOON)) == 2


def test_cells_of_plugins_are_written_each_time() -> None:
    """What they look at besides the row is theirs to know."""
    bare = namedtuple("bare", "id name reference")
    brought = Column("own.x", label="X", cell=lambda _column: lambda _row: "x")
    row = bare(uuid4(), "Anne", "L-1")
    assert times_written(rows_of(brought), (row, NOON), (row, NOON)) == 2


def test_language_day_and_address_are_what_rows_are_kept_by() -> None:
    def text(language: str, moment: datetime, path: str = "/leads/", choose: bool = True) -> str:
        with speaking(language):
            rows = kept_rows.kept_rows(COLUMNS, False, choose, path, language, day_of(moment))
            return rows.written(Pattern(pieces_of(f"{path}{choose}{hole('cells')}"), NAMES), [SEEN], moment)

    seen = [text("nl", NOON), text("en", NOON), text("nl", NOON + timedelta(days=1)), text("nl", NOON, "/crm/leads/"),
            text("nl", NOON, choose=False)]  # fmt: skip
    assert "gisteren" in seen[0] and "yesterday" in seen[1] and "gisteren" not in seen[2]
    assert len(set(seen)) == len(seen)


def test_no_more_is_kept_than_there_is_room_for() -> None:
    rows = rows_of()
    with patch.object(rows._kept, "_most", 3):
        rows.written(PATTERN, [ANNE._replace(id=uuid4()) for _ in range(5)], NOON)
    assert len(rows._kept) == 3
