"""What every answer carries and every request must pass."""

from collections.abc import Callable

import pytest
from flask import Flask

from leadcrm.core.web import PluginBlueprint
from tests.people import ADA, ANN
from tests.world import Browser

ANSWERS = [
    "/healthz",
    "/auth/sign-in",
    "/nowhere",
    "/leads/",
    "/static/nowhere.css",
    "/leads/00000000-0000-4000-8000-00000000000f",
]
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cache-Control": "no-store",
}


@pytest.mark.asvs("V3.4.1", "V3.4.3", "V3.4.4", "V3.4.5", "V3.4.6")
@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_has_the_headers(stranger: Browser, path: str) -> None:
    headers = stranger.get(path).headers
    for name, value in HEADERS.items():
        assert headers[name] == value, name
    assert "max-age=63072000" in headers["Strict-Transport-Security"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy


@pytest.mark.asvs("V3.4.3")
def test_the_nonce_is_new_every_time(stranger: Browser) -> None:
    policies = {stranger.get("/auth/sign-in").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


@pytest.mark.asvs("V13.4.5", "V13.4.6")
def test_health_says_nothing_of_use(stranger: Browser) -> None:
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Server"] == "leadcrm"  # granian puts its own name where there is none
    assert "X-Powered-By" not in answer.headers


@pytest.mark.asvs("V12.2.1")
def test_a_page_in_clear_is_asked_for_again_over_tls(stranger: Browser) -> None:
    answer = stranger.get("/leads/?stage=new", base_url="http://localhost")
    assert (answer.status_code, answer.location) == (301, "https://localhost:8443/leads/?stage=new")


def test_the_redirect_goes_to_the_configured_host_only(stranger: Browser) -> None:
    answer = stranger.get(
        "/leads/", base_url="http://localhost", headers={"Host": "localhost:1", "X-Forwarded-Host": "evil.example"}
    )
    assert answer.location.startswith("https://localhost:8443/")


@pytest.mark.asvs("V12.2.1", "V4.1.2")
def test_data_in_clear_is_refused(stranger: Browser) -> None:
    assert stranger.post("/auth/sign-in", base_url="http://localhost", data={"email": "a"}).status_code == 403


def test_a_client_cannot_claim_https(stranger: Browser) -> None:
    answer = stranger.get("/auth/sign-in", base_url="http://localhost", headers={"X-Forwarded-Proto": "https"})
    assert answer.status_code == 301


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "127.0.0.2"])
@pytest.mark.parametrize("path", ["/healthz", "/auth/sign-in", "/static/x.css"])
def test_an_unknown_host_is_refused(stranger: Browser, host: str, path: str) -> None:
    assert stranger.get(path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8443", "127.0.0.1:8443"])
def test_a_known_host_is_answered(stranger: Browser, host: str) -> None:
    assert stranger.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.asvs("V3.5.1")
def test_a_form_without_its_token_is_refused(stranger: Browser) -> None:
    answer = stranger.post("/auth/sign-in", data={"email": "ann@example.org", "password": "kept-nowhere"})
    assert answer.status_code == 419
    assert "kept-nowhere" not in answer.text


@pytest.mark.asvs("V3.5.1", "V3.5.2")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused_even_with_its_token(stranger: Browser, headers: dict[str, str]) -> None:
    form = {"csrf_token": stranger.csrf_token(), "email": "ann@example.org", "password": "x"}
    assert stranger.post("/auth/sign-in", data=form, headers=headers).status_code == 403


def test_a_form_from_our_own_page_passes(stranger: Browser) -> None:
    assert stranger.send("/auth/sign-in", {"email": "ann@example.org", "password": "x"}).status_code == 422


@pytest.mark.asvs("V5.2.1", "V2.4.1")
def test_an_oversized_body_is_refused(stranger: Browser) -> None:
    answer = stranger.send("/auth/sign-in", {"email": "a" * 3_000_000})
    assert answer.status_code == 413


def test_a_stranger_comes_back_after_signing_in(stranger: Browser) -> None:
    answer = stranger.get("/leads/?stage=new")
    assert (answer.status_code, answer.location) == (303, "/auth/sign-in?next=%2Fleads%2F%3Fstage%3Dnew")


def test_htmx_is_told_to_leave_the_page(stranger: Browser) -> None:
    answer = stranger.part("/leads/")
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["HX-Redirect"].startswith("/auth/sign-in")


def test_what_was_typed_outlives_the_session(stranger: Browser) -> None:
    typed = {"birth_name": "De <b>Vries</b>", "postcode": "1234 AB", "current_password": "geheim", "code": "123456"}
    answer = stranger.send("/leads/new", typed)
    assert answer.status_code == 401
    assert 'name="birth_name" value="De &lt;b&gt;Vries&lt;/b&gt;"' in answer.text
    assert 'name="postcode" value="1234 AB"' in answer.text
    assert 'action="/leads/new"' in answer.text
    assert "geheim" not in answer.text and "123456" not in answer.text


def test_a_form_in_a_page_stays_there_when_the_session_is_over(stranger: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "Origin": "https://localhost"}
    form = {"csrf_token": stranger.csrf_token(), "birth_name": "De Vries"}
    answer = stranger.post("/leads/new", data=form, headers=headers)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, "#notices")
    assert "HX-Redirect" not in answer.headers


def test_pages_of_the_gates_have_their_nonce(stranger: Browser) -> None:
    for answer in (
        stranger.post("/auth/sign-in", data={"email": "ann@example.org"}),  # no token
        stranger.post("/auth/sign-in", headers={"Origin": "https://evil.example"}),
    ):
        assert answer.status_code in (403, 419)
        nonce = answer.headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
        assert nonce and f'nonce="{nonce}"' in answer.text


def test_the_wrong_role_is_refused(client_as: Callable[..., Browser]) -> None:
    assert client_as(ADA).get("/leads/").status_code == 403
    assert client_as(ANN).get("/leads/").status_code == 200


def test_a_route_without_a_permission_cannot_be_written() -> None:
    careless = PluginBlueprint("careless", __name__)
    with pytest.raises(TypeError, match="who may open"):
        careless.get("/secrets")(lambda: "")
    with pytest.raises(TypeError, match="who may open"):
        careless.add_url_rule("/secrets", view_func=lambda: "")


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4")
def test_cookies_are_as_private_as_they_can_be(app: Flask, stranger: Browser) -> None:
    cookie = stranger.get("/auth/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-leadcrm-form=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie and "Max-Age" not in cookie and "Expires" not in cookie


@pytest.mark.asvs("V14.2.2", "V14.3.2")
def test_a_signed_in_page_is_never_cached(client_as: Callable[..., Browser]) -> None:
    assert client_as(ANN).get("/leads/").headers["Cache-Control"] == "no-store"
