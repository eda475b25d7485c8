"""Cursors: they lead back to exactly where they were made, and nothing that somebody makes up does any harm."""

import base64
import gc
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from leadcrm.core import paging, scope
from leadcrm.core.paging import Place, Sort, cursor_of, place_of
from leadcrm.core.scope import Scope
from leadcrm.leads.models.lead import Lead

ID = UUID(int=7)
CREATED = Sort("created", Lead.created_at, Lead.id)
NAME = Sort("name", Lead.sort_name, Lead.id, nullable=True)
AMOUNT = Sort("amount", Lead.mortgage_amount, Lead.id, descending=True, nullable=True)
SORTS = {"created": CREATED, "name": NAME, "amount": AMOUNT}


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    ("sort", "key"),
    [(CREATED, datetime(2026, 11, 21, 3, 4, 5, 6, tzinfo=UTC)), (NAME, "vries 'jan' €"), (NAME, None), (NAME, ""),
     (AMOUNT, 325_000_00), (AMOUNT, 0), (AMOUNT, None)],
)  # fmt: skip
def test_a_cursor_leads_back(sort: Sort, key: Any, back: bool) -> None:
    place = Place(key, ID, back)
    assert place_of(cursor_of(place, sort), sort) == place


def test_a_cursor_belongs_to_one_order() -> None:
    cursor = cursor_of(Place("bos", ID), NAME)
    assert place_of(cursor, CREATED) is None
    assert place_of(cursor, Sort("name", Lead.sort_name, Lead.id, descending=True, nullable=True)) is None


def made_up(*said: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        (CREATED, ""),
        (CREATED, "x"),
        (CREATED, "é"),
        (CREATED, "A" * 700),
        (CREATED, made_up()),
        (CREATED, made_up("created", 0, 0, None, str(ID))),
        (CREATED, made_up("created", 0, 0, "2026-11-21", str(ID))),
        (CREATED, made_up("created", 0, 0, "2026-11-21T00:00:00", str(ID))),  # without a zone
        (CREATED, made_up("created", 0, 0, "0001-01-01T00:00:00+00:00", str(ID))),
        (CREATED, made_up("created", 0, 0, 5, str(ID))),
        (CREATED, made_up("created", 0, 0, "2026-11-21T00:00:00+00:00", "not an id")),
        (CREATED, made_up("created", 0, 0, "2026-11-21T00:00:00+00:00", 5)),
        (AMOUNT, made_up("amount", 1, 0, 2**63, str(ID))),
        (AMOUNT, made_up("amount", 1, 0, True, str(ID))),
        (AMOUNT, made_up("amount", 1, 0, "5", str(ID))),
        (AMOUNT, made_up("amount", 1, 0, 1.5, str(ID))),
        (NAME, made_up("name", 0, 0, "\x00", str(ID))),
        (NAME, made_up("name", 0, 0, ["a"], str(ID))),
        (NAME, base64.urlsafe_b64encode(b'["name",0,0,"\\ud800","' + str(ID).encode() + b'"]').decode()),
    ],
)
def test_what_makes_no_sense_is_the_first_page(sort: Sort, cursor: str) -> None:
    assert place_of(cursor, sort) is None


@given(st.text(max_size=700), st.sampled_from(list(SORTS)))
def test_any_text_is_answered(cursor: str, sort: str) -> None:
    place_of(cursor, SORTS[sort])


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20), st.lists),
    st.sampled_from(list(SORTS)),
)
def test_any_content_is_answered(said: Any, sort: str) -> None:
    place_of(base64.urlsafe_b64encode(json.dumps(said).encode()).decode(), SORTS[sort])


def test_what_is_kept_of_a_list_goes_with_it() -> None:
    kept = len(paging._stretches)
    for number in range(20):
        statement = select(Lead.id).where(Lead.id == UUID(int=number))
        for counting in (None, statement, select(Lead.id)):
            paging._stretch(paging.List(statement, CREATED, counting), True, False, 26)
    del statement, counting
    gc.collect()
    assert len(paging._stretches) == kept


def test_a_narrowed_statement_goes_with_the_one_it_was_made_of() -> None:
    kept = len(scope._narrowed_statements)
    for number in range(20):
        scope._narrowed(select(Lead.id).where(Lead.id == UUID(int=number)), Scope.OWN)
    gc.collect()
    assert len(scope._narrowed_statements) == kept
