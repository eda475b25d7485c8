"""What people are told when the database is away, busy or too slow: to come back, on a page that needs no database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from flask import Flask
from psycopg.errors import LockNotAvailable
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from leadcrm.core.db import Database
from leadcrm.core.errors import not_now
from leadcrm.core.postgres.urls import Urls
from tests.people import ANN, Person
from tests.world import Browser

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
WAIT = "Een ogenblik"
Clients = Callable[[Person], Browser]


@contextmanager
def instead(app: Flask, database: Database) -> Iterator[None]:
    kept = app.extensions["database"]
    app.extensions["database"] = database
    try:
        yield
    finally:
        database.close()
        app.extensions["database"] = kept


def away(urls: Urls) -> Database:
    nowhere = make_url(urls.app).update_query_dict({"host": "/nowhere"})
    return Database(nowhere.render_as_string(hide_password=False))


@pytest.mark.asvs("V16.5.1", "V16.5.2")
@pytest.mark.parametrize("path", ["/", "/leads/", "/leads/import", "/auth/account", "/auth/sign-in"])
def test_whoever_is_signed_in_is_told_that_the_database_is_away(
    app: Flask, urls: Urls, client_as: Clients, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And stays signed in: who it is could not be looked up, which is not the same as nobody."""
    ann = client_as(ANN)
    with instead(app, away(urls)):
        answer = ann.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert WAIT in answer.text and ANN.name not in answer.text
    assert '<a class="btn btn-primary" href="">Opnieuw proberen</a>' in answer.text
    assert "connection is bad" in caplog.text and "Traceback" not in caplog.text
    assert ann.get("/leads/").status_code == 200


def test_what_a_stranger_sends_is_refused_for_now(app: Flask, urls: Urls, stranger: Browser) -> None:
    with instead(app, away(urls)):
        assert stranger.get("/auth/sign-in").status_code == 200
        token = stranger.csrf_token()
        answer = stranger.post("/auth/sign-in", data={"email": ANN.email, "password": "een paard", "csrf_token": token})
    assert answer.status_code == 503 and WAIT in answer.text


def test_what_was_typed_is_there_to_be_sent_again(app: Flask, urls: Urls, client_as: Clients) -> None:
    """But for secrets, which never come back into a page."""
    ann, kept = client_as(ANN), {"last_name": "Van der Meer", "postcode": "1234 AB"}
    secrets = dict.fromkeys(("new_password", "code", "recovery_code"), "een paard") | {"csrf_token": ann.csrf_token()}
    with instead(app, away(urls)):
        answer = ann.post("/leads/new", data=kept | secrets)
    assert answer.status_code == 503 and 'action="/leads/new"' in answer.text
    assert all(f'name="{name}" value="{value}"' in answer.text for name, value in kept.items())
    assert "een paard" not in answer.text


def test_an_error_page_that_wanted_the_database_gives_way(
    app: Flask, urls: Urls, client_as: Clients, stranger: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of what is not there asks who looks; a form that is not ours is written down."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # as in production
    ann = client_as(ANN)
    with instead(app, away(urls)):
        answers = [ann.get("/no/such/page"), stranger.post("/auth/sign-in", data={"email": ANN.email})]
    assert [(each.status_code, WAIT in each.text) for each in answers] == [(503, True)] * 2


def test_a_part_of_a_page_gets_a_message_on_top(app: Flask, urls: Urls, client_as: Clients) -> None:
    ann = client_as(ANN)
    with instead(app, away(urls)):
        answer = ann.get("/leads/", headers=FRAGMENT)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (503, "#notices")
    assert WAIT in answer.text and "<html" not in answer.text


def test_a_page_that_takes_too_long_is_given_up(
    app: Flask, urls: Urls, client_as: Clients, admin_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    ann = client_as(ANN)
    with psycopg.connect(admin_url) as other, instead(app, Database(urls.app, statement_timeout_ms=300)):
        other.execute("LOCK TABLE leads_lead")
        answer = ann.get("/leads/")
    assert answer.status_code == 503 and WAIT in answer.text
    assert "GET /leads/: canceling statement due to statement timeout" in caplog.text


def test_when_every_connection_is_in_use(
    app: Flask, urls: Urls, client_as: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    ann, full = client_as(ANN), Database(urls.app)
    full.engine = create_engine(urls.app, pool_size=1, max_overflow=0, pool_timeout=0.1)
    with instead(app, full), full.engine.connect():
        answer = ann.get("/leads/")
    assert answer.status_code == 503 and WAIT in answer.text
    assert "QueuePool limit" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("", {}, psycopg.errors.AdminShutdown("ended")), 503),
        (OperationalError("", {}, psycopg.errors.CannotConnectNow("starting")), 503),
        (OperationalError("", {}, psycopg.errors.TooManyConnections("full")), 503),
        (OperationalError("", {}, psycopg.OperationalError("the connection is closed")), 503),
        (NoConnectionFree("full"), 503),
        (OperationalError("", {}, LockNotAvailable("taken")), 500),
        (OperationalError("", {}, psycopg.errors.DeadlockDetected("each other")), 500),
    ],
    ids=lambda given: type(getattr(given, "orig", given)).__name__,
)
def test_what_passes_and_what_does_not(app: Flask, error: OperationalError, status: int) -> None:
    with app.test_request_context("/leads/"):
        assert app.make_response(not_now(error)).status_code == status
