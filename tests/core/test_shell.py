"""Language and colours on every page, signed in or not; and never a way to another site."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from jinja2.meta import find_undeclared_variables

from leadcrm.core.i18n import PACKAGE
from tests.people import ANN, Person
from tests.world import Browser


def test_a_stranger_chooses_a_language_for_this_browser(stranger: Browser) -> None:
    assert 'lang="nl"' in stranger.get("/auth/sign-in").text
    answer = stranger.send("/preferences", {"language": "en", "next": "/auth/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/auth/sign-in")
    assert 'lang="en"' in stranger.get("/auth/sign-in").text


def test_error_pages_speak_to_each_reader(stranger: Browser) -> None:
    assert "Deze pagina is er niet" in stranger.get("/nowhere").text
    stranger.send("/preferences", {"language": "en", "next": "/auth/sign-in"})
    assert "This page is not here" in stranger.get("/nowhere").text


def test_colours_are_kept_in_a_cookie_that_scripts_cannot_read(stranger: Browser) -> None:
    answer = stranger.send("/preferences", {"theme": "dark", "next": "/auth/sign-in"})
    (cookie,) = (value for value in answer.headers.getlist("Set-Cookie") if "theme" in value)
    assert cookie.startswith("__Host-leadcrm-theme=dark;")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert 'data-bs-theme="dark"' in stranger.get("/auth/sign-in").text


@pytest.mark.parametrize("field", ["language", "theme"])
def test_an_unknown_choice_changes_nothing(stranger: Browser, field: str) -> None:
    answer = stranger.send("/preferences", {field: "<script>"})
    assert answer.status_code == 303
    assert "theme" not in str(answer.headers.getlist("Set-Cookie"))
    assert 'lang="nl" data-bs-theme="auto"' in stranger.get("/auth/sign-in").text


def test_a_script_that_only_tells_gets_no_page(stranger: Browser) -> None:
    headers = {"HX-Request": "true", "Origin": "https://localhost", "X-CSRFToken": stranger.csrf_token()}
    assert stranger.post("/preferences", data={"theme": "light"}, headers=headers).status_code == 204


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org",
        "/\\example.org",
        "\t//example.org",
        "javascript:alert(1)",
        "/nowhere",
        "//auth/sign-in",
        "auth/sign-in",
        "/auth/sign-in?a\r\nX-Header: b",
        "",
    ],
)
def test_the_way_back_is_a_page_of_ours_or_the_first_one(stranger: Browser, elsewhere: str) -> None:
    assert stranger.send("/preferences", {"language": "en", "next": elsewhere}).location == "/"


def test_the_way_back_keeps_the_filters(stranger: Browser) -> None:
    assert (
        stranger.send("/preferences", {"next": "/auth/sign-in?next=%2Fleads%2F"}).location
        == "/auth/sign-in?next=%2Fleads%2F"
    )


def test_without_a_token_nothing_is_changed(stranger: Browser) -> None:
    answer = stranger.post("/preferences", data={"language": "en"}, headers={"Origin": "https://localhost"})
    assert answer.status_code == 419


def test_every_page_carries_the_policy_and_its_own_nonce(app: Flask, stranger: Browser) -> None:
    answer = stranger.get("/auth/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in policy
    assert "trusted-types htmx" in policy
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert answer.text.count("<script") == answer.text.count(f'nonce="{nonce}"') >= 1
    assert "style=" not in answer.text
    assert "onclick" not in answer.text


DRAWN = re.compile(r'drawn\("([^"]+)"\)')


def test_what_is_drawn_once_uses_nothing_of_a_request(app: Flask) -> None:
    """Else one person would see what was drawn for another."""
    named = {name for file in PACKAGE.rglob("templates/**/*.html") for name in DRAWN.findall(file.read_text())}
    assert named >= {"core/_script_texts.html"}
    for name in named:
        source = (PACKAGE / "core" / "templates" / name).read_text()
        used = find_undeclared_variables(app.jinja_env.parse(source))
        assert used <= {"_", "icon", "asset"}, name
        assert "{% include" not in source and "{% from" not in source


def test_what_is_drawn_once_is_in_the_language_of_who_reads(client_as: Callable[[Person], Browser]) -> None:
    for language, words in (("nl", "Sneltoetsen"), ("en", "Keyboard shortcuts"), ("nl", "Sneltoetsen")):
        browser = client_as(ANN)
        browser.send("/preferences", {"language": language, "next": "/"})
        assert f'keys-title">{words}' in browser.get("/auth/account").get_data(as_text=True)
