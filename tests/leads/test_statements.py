"""How often a page asks the database: a bounded number of times, whoever looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event

from leadcrm.core.db import database
from tests.leads.conftest import As
from tests.leads.factories import a_full_lead
from tests.people import ANN, MEG
from tests.people import Person as Someone
from tests.world import Browser

ClientAs = Callable[[Someone], Browser]


@pytest.fixture
def lead_id(as_: As) -> UUID:
    """A full household of Ann's."""
    with as_(ANN):
        return a_full_lead().id


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    made: list[str] = []
    with app.app_context():
        engine = database().engine
    event.listen(engine, "before_cursor_execute", keep := lambda *all_of_it: made.append(all_of_it[2]))
    try:
        yield made
    finally:
        event.remove(engine, "before_cursor_execute", keep)


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
@pytest.mark.parametrize("path", ["/leads/", "/leads/?q=vries&sort=-amount&column=iban", "/leads/{lead_id}"])
def test_a_page_makes_at_most_twelve_statements(
    app: Flask, client_as: ClientAs, lead_id: UUID, who: Someone, path: str
) -> None:
    client = client_as(who)
    address = path.format(lead_id=lead_id)
    client.get(address)  # norms are read once a process
    with statements(app) as made:
        assert client.get(address).status_code == 200
    assert len(made) <= 12, "\n".join(made)


@pytest.mark.parametrize("who", [ANN, MEG], ids=["agent", "manager"])
def test_the_list_asks_who_looks_and_what_there_is(app: Flask, client_as: ClientAs, who: Someone) -> None:
    """Two statements. What a menu or the bar offers is fetched when somebody opens it."""
    client = client_as(who)
    with statements(app) as made:
        assert client.get("/leads/").status_code == 200
    assert ["auth_open_session" in each for each in made] == [True, False], "\n".join(made)
