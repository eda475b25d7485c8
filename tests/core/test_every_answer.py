"""Every answer has the whole set of headers: pages, parts, files, 304, redirects, refusals, and what nobody caught."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from leadcrm.core.headers import ALWAYS, FROM_ANYBODY, OnEveryAnswer
from leadcrm.core.server import redirects
from tests.people import ADA, ANN
from tests.world import ORIGIN, Browser

ClientAs = Callable[..., Browser]


def complete(answer: TestResponse) -> None:
    for name, value in FROM_ANYBODY.items():
        assert answer.headers.getlist(name) == [value], (name, answer.headers.getlist(name))
    assert len(answer.headers.getlist("Content-Security-Policy")) == 1
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert answer.headers.getlist("Server") == ["leadcrm"]
    assert len(answer.headers.getlist("Cache-Control")) == 1
    if not answer.request.path.startswith("/static/"):
        assert answer.headers["Cache-Control"] == "no-store"


def asset_of(browser: Browser) -> str:
    page = browser.get("/auth/sign-in").text
    return "/static/" + page.partition('src="/static/')[2].partition('"')[0]


@pytest.mark.asvs("V3.4.1", "V3.4.3", "V3.4.4", "V3.4.5", "V3.4.6", "V3.4.8", "V3.2.1")
@pytest.mark.parametrize(
    ("status", "how"),
    [
        (200, {"path": "/auth/sign-in"}),
        (200, {"path": "/healthz"}),
        (200, {"path": "/auth/sign-in", "method": "HEAD"}),
        (303, {"path": "/leads/"}),
        (308, {"path": "/leads"}),
        (404, {"path": "/nowhere"}),
        (404, {"path": "/static/nowhere.css"}),
        (404, {"path": "/leads/0"}),
        (405, {"path": "/auth/sign-in", "method": "DELETE"}),
        (405, {"path": "/healthz", "method": "TRACE"}),
        (405, {"path": "/healthz", "method": "BREW"}),
        (200, {"path": "/healthz", "method": "OPTIONS"}),
        (419, {"path": "/auth/sign-in", "method": "POST"}),
        (403, {"path": "/auth/sign-in", "method": "POST", "headers": {"Origin": "https://evil.example"}}),
        (400, {"path": "/auth/sign-in", "headers": {"Host": "evil.example"}}),
        (400, {"path": "/static/app.css", "headers": {"Host": "evil.example"}}),
        (400, {"path": "/healthz?a=1&a=2"}),
        (414, {"path": "/healthz?" + "a" * 20_000}),
        (413, {"path": "/auth/sign-in", "method": "POST", "data": {"a": "b" * 3_000_000}}),
        (204, {"path": "/reports", "method": "POST", "data": "{}", "content_type": "application/csp-report"}),
    ],
    ids=lambda each: each if isinstance(each, int) else each["path"][:40],
)
def test_whoever_answers(stranger: Browser, status: int, how: dict[str, Any]) -> None:
    answer = stranger.open(**how)
    assert answer.status_code == status
    complete(answer)


def test_files_and_the_answer_that_they_have_not_changed(stranger: Browser) -> None:
    path = asset_of(stranger)
    whole = stranger.get(path)
    assert whole.status_code == 200 and "immutable" in whole.headers["Cache-Control"]
    complete(whole)
    unchanged = stranger.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    assert (unchanged.status_code, unchanged.text) == (304, "")
    complete(unchanged)


def test_pages_parts_and_refusals_of_people(client_as: ClientAs) -> None:
    ann = client_as(ANN)
    for answer in (ann.get("/leads/"), ann.part("/leads/"), ann.get("/admin/users"), client_as(ADA).get("/leads/"),
                   ann.send("/leads/new", {"birth_name": ""}), ann.send("/auth/sign-out")):  # fmt: skip
        complete(answer)


@pytest.mark.asvs("V16.5.4")
def test_what_nobody_caught(app: Flask) -> None:
    def careless(environ: Any, start: Any) -> Any:
        raise RuntimeError("with a secret in it")

    answer = Client(OnEveryAnswer(careless)).get("/", base_url=ORIGIN)
    assert (answer.status_code, answer.text) == (500, "500\n")
    complete(answer)


def test_an_error_in_a_page(app: Flask, stranger: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_arguments: Any) -> str:
        raise RuntimeError("with a secret in it")

    monkeypatch.setitem(app.view_functions, "core.healthz", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = stranger.get("/healthz")
    assert answer.status_code == 500 and "secret" not in answer.text
    complete(answer)


def test_in_clear_there_is_no_hsts_and_all_the_rest() -> None:
    plain = Client(redirects("https://crm.example", ["crm.example"]))
    for answer in (plain.get("/", headers={"Host": "crm.example"}), plain.get("/"), plain.post("/")):
        assert answer.status_code in (301, 400, 403)
        assert "Strict-Transport-Security" not in answer.headers
        for name, value in ALWAYS.items():
            assert answer.headers[name] == value


def test_hsts_may_spare_the_hosts_below(app: Flask) -> None:
    answer = Client(OnEveryAnswer(app.response_class(), subdomains=False)).get("/", base_url=ORIGIN)
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"


@pytest.mark.asvs("V13.4.6")
def test_nobody_says_what_we_run_on() -> None:
    def talkative(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Server", "granian/2.8"), ("X-Powered-By", "Flask"), ("server", "again")])
        return [b""]

    answer = Client(OnEveryAnswer(talkative)).get("/", base_url=ORIGIN)
    assert answer.headers.getlist("Server") == ["leadcrm"] and "X-Powered-By" not in answer.headers


def test_signing_out_empties_the_browser(client_as: ClientAs) -> None:
    answer = client_as(ANN).send("/auth/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-leadcrm="))
    assert "Max-Age=0" in cookie
