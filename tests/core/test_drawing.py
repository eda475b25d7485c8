"""Parts that are drawn once: nothing of whoever came first shows through in what others get."""

import re
from collections.abc import Callable

import pytest
from flask import Flask, g, session
from flask_babel import force_locale

from leadcrm.core.drawing import EXTENSION, drawn
from leadcrm.core.fields.language import set_language
from leadcrm.core.patterns import filled_in
from leadcrm.core.scope import NOBODY
from leadcrm.core.web import url_if
from tests.people import ANN, BOB, MEG, Person
from tests.world import ORIGIN, Browser, superuser

ClientAs = Callable[[Person], Browser]
Draw = Callable[..., str]


@pytest.fixture
def written(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Says what every template is from now on."""
    app.extensions[EXTENSION].kept.clear()

    def write(source: str) -> None:
        monkeypatch.setattr(app.jinja_env, "get_template", lambda _name: app.jinja_env.from_string(source))

    return write


def test_it_knows_nothing_of_the_request(app: Flask, written: Callable[[str], None]) -> None:
    written("{{ request.args.q }}{{ request.cookies.a }}{{ session.a }}{{ g.mine }}{{ current_user }}{{ given }}")
    with app.test_request_context("/?q=secret", headers={"Cookie": "a=secret"}, base_url=ORIGIN):
        session["a"] = g.mine = "secret"
        assert drawn("it", given="5") == "5"


@pytest.mark.usefixtures("written")
def test_values_and_language_are_what_it_is_kept_by(app: Flask, written: Callable[[str], None]) -> None:
    written("{{ value }} {{ _('Sign out') }}")
    with app.test_request_context(base_url=ORIGIN):
        seen = [drawn("it", value="a"), drawn("it", value="b"), drawn("it", value="a")]
        with force_locale("en"):
            set_language("en")
            seen.append(drawn("it", value="a"))
        assert seen == ["a Uitloggen", "b Uitloggen", "a Uitloggen", "a Sign out"]
        assert len(app.extensions[EXTENSION].kept) == 3


def test_holes_and_values_are_escaped(app: Flask, written: Callable[[str], None]) -> None:
    written("{{ value }}|{{ filled }}|{{ filled }}")
    with app.test_request_context(base_url=ORIGIN):
        for text in ("<b>", "&amp;", '"'):
            escaped = str(filled_in(["", "x", ""], {"x": text}.__getitem__))
            assert "<" not in escaped and '"' not in escaped
            assert drawn("it", {"filled": text}, value=text) == f"{escaped}|{escaped}|{escaped}"


def test_no_more_is_kept_than_there_is_room_for(
    app: Flask, written: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    written("{{ value }}")
    monkeypatch.setattr(app.extensions[EXTENSION].kept, "_most", 3)
    with app.test_request_context(base_url=ORIGIN):
        for value in range(9):
            drawn("it", value=value)
    assert [key[-1] for key in app.extensions[EXTENSION].kept] == [(("value", each),) for each in (6, 7, 8)]


def one(pattern: str, text: str) -> str:
    found = set(re.findall(pattern, text))
    assert len(found) == 1, found
    return str(found.pop())


@pytest.mark.parametrize("path", ["/leads/", "/auth/account"])
def test_the_second_person_gets_a_page_of_their_own(client_as: ClientAs, path: str) -> None:
    pages = [client_as(who).get(path) for who in (ANN, BOB, ANN)]
    for answer, who, other in zip(pages, (ANN, BOB, ANN), (BOB, ANN, BOB), strict=True):
        assert who.name in answer.text and other.name not in answer.text
        nonce = one(r'nonce="([^"]+)"', answer.text)
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    tokens = [one(r'name="csrf_token" value="([^"]+)"', answer.text) for answer in pages]
    assert len(set(tokens)) == 3


def test_what_may_not_be_opened_is_not_offered_to_the_next(client_as: ClientAs) -> None:
    offered = [("/admin/users" in client_as(who).get("/leads/").text) for who in (MEG, ANN, MEG)]
    assert offered == [True, False, True]


def test_what_may_be_opened_is_found_anew_for_who_looks_now(app: Flask) -> None:
    with app.test_request_context(base_url=ORIGIN):
        for viewer, address in ((None, ""), (NOBODY, "/auth/account"), (None, "")):
            g.viewer = viewer
            assert url_if("auth.account") == address


def test_a_page_is_sent_in_ascii_and_read_as_it_was_meant(client_as: ClientAs, admin_url: str) -> None:
    """Whatever somebody is called, in the frame and in the rows; see patterns.in_ascii()."""
    name = "Zoë <b>Łukasz</b> 李 😀"
    superuser(admin_url).execute("UPDATE auth_user SET name = %s WHERE id = %s", (name, ANN.id))
    answer = client_as(ANN).get("/leads/")
    assert answer.data.isascii() and answer.data.startswith(b"<!doctype html>")
    assert "Zoë &lt;b&gt;Łukasz&lt;/b&gt; 李 😀" in answer.text


@pytest.mark.parametrize("typed", ["\ue000rows\ue000", "\ue000csrf_token\ue000", "\ue000", "rows"])
def test_nobody_makes_a_hole(client_as: ClientAs, typed: str) -> None:
    answer = client_as(ANN).get("/leads/", query_string={"q": typed})
    assert answer.status_code == 200
    assert f"<strong>{typed}</strong>" in answer.text or "rows" not in typed
