"""What a company keeps of its own leads besides: required here as in the form, and nobody else's."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from leadcrm.core.db import session
from leadcrm.core.scope import Scope
from leadcrm.custom_fields.services import values
from leadcrm.custom_fields.services.definitions import OwnField
from leadcrm.intake.models.terms import State, Why
from leadcrm.leads.models.lead import Lead
from tests.custom_fields.factories import a_field
from tests.intake.conftest import LEAD, As, Given, Post
from tests.people import EVE, MEG
from tests.people import Person as Somebody
from tests.world import Browser

Work = Callable[[], int]
Arrivals = Callable[[], list[Any]]


@pytest.fixture
def must(as_: As) -> OwnField:
    with as_(MEG):
        return a_field("Vestiging", required=True)


def test_a_required_one_that_is_missing_waits_for_somebody(
    as_: As, must: OwnField, given: Given, post: Post, work: Work, arrivals: Arrivals,
    client_as: Callable[[Somebody], Browser],
) -> None:  # fmt: skip
    post(given)
    work()
    (arrived,) = arrivals()
    assert (arrived.state, arrived.why, arrived.problems) == (State.QUARANTINED, Why.INVALID, 1)
    meg = client_as(MEG)
    address = f"/intake/arrivals/{arrived.id}"
    page = meg.get(address).text
    assert "Vestiging ontbreekt" in page and f'name="own.{must.key}"' in page
    assert meg.send(address, {f"own.{must.key}": "Gouda", "then": "release"}).status_code == 303
    with as_(MEG):
        lead = session.get(Lead, arrivals()[0].lead_id)
        assert values.texts_of(lead) == {must.key: "Gouda"}


@pytest.mark.parametrize("name", ["vestiging", "own."], ids=["by its name", "by its key"])
def test_a_supplier_may_send_it(
    as_: As, must: OwnField, given: Given, post: Post, work: Work, arrivals: Arrivals, name: str
) -> None:
    post(given, LEAD | {f"own.{must.key}" if name == "own." else name: "Gouda"})
    work()
    (arrived,) = arrivals()
    assert arrived.state == State.LEAD
    with as_(MEG):
        assert values.texts_of(session.get(Lead, arrived.lead_id)) == {must.key: "Gouda"}


def test_the_same_name_elsewhere_is_another_field(
    as_: As, app: Flask, must: OwnField, given: Given, make_source: Any, post: Post, work: Work, arrivals: Arrivals
) -> None:
    """One worker serves all: what it remembers of names is what counts for every company."""
    manager = replace(EVE, role="companymanager", scope=Scope.COMPANY)
    with as_(manager):
        other = a_field("Vestiging")
    post(given, LEAD | {"vestiging": "Gouda"})
    post(make_source(manager, "elders"), LEAD | {"vestiging": "Breda"})
    assert work() == 2
    with as_(manager):
        lead: Any = session.scalars(select(Lead)).one()
        assert values.texts_of(lead) == {other.key: "Breda"}
