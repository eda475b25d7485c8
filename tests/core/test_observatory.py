"""Our answers by the published rules of MDN's HTTP Observatory, version 2: from 100 on it is A+, and we hold 135.

The figures are those of its scoring table. Bonuses count only when nothing was taken off first (a score of 90 or more).
A rule that depends on the outside is read strictly: we are on no preload list and have no certificate of an authority.
Outcomes that cannot occur here are left out where a stricter assertion stands in their place.
"""

import re
from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
from werkzeug.datastructures import Headers

from tests.people import ANN, MEG
from tests.world import Browser

ClientAs = Callable[..., Browser]
BONUS_FROM = 90
HALF_A_YEAR = 15_768_000
WIDE = ("*", "http:", "https:", "data:", "blob:", "'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'")


def policy_of(headers: Headers) -> dict[str, list[str]]:
    parts = [part.split() for part in headers.get("Content-Security-Policy", "").split(";")]
    return {part[0]: part[1:] for part in parts if part}


def content_security_policy(headers: Headers) -> int:
    """None -25; unsafe-inline or wide scripts -20, unsafe-eval -10, unsafe styles 0; safe 5, with default none 10."""
    policy = policy_of(headers)
    if not policy:
        return -25
    scripts = policy.get("script-src", policy.get("default-src", ["*"]))
    with_nonce = any(source.startswith(("'nonce-", "'sha")) for source in scripts)
    if not (with_nonce and "'strict-dynamic'" in scripts) and any(source in WIDE[:6] for source in scripts):
        return -20
    if "'unsafe-eval'" in scripts:
        return -10
    styles = policy.get("style-src", policy.get("default-src", ["*"]))
    if any(source in WIDE for source in styles):
        return 0
    return 10 if policy.get("default-src") == ["'none'"] else 5


def cookies(headers: Headers) -> int:
    """Without Secure -20 (-40 for a session), without HttpOnly -30 for a session; all of them with SameSite 5."""
    worst = 5
    for line in headers.getlist("Set-Cookie"):
        for cookie in SimpleCookie(line).values():
            if not cookie["secure"]:
                worst = min(worst, -40)
            elif not cookie["httponly"]:
                worst = min(worst, -30)
            elif cookie["samesite"].lower() not in ("lax", "strict"):
                worst = min(worst, 0)
    return worst


def cross_origin_resource_sharing(headers: Headers) -> int:
    """Open to every origin -50."""
    return -50 if headers.get("Access-Control-Allow-Origin") else 0


def redirection(stranger: Browser) -> int:
    """To the same host over TLS at once 0; no redirect -20."""
    answer = stranger.get("/auth/sign-in", base_url="http://localhost")
    return 0 if answer.status_code in (301, 308) and answer.location.startswith("https://localhost") else -20


def referrer_policy(headers: Headers) -> int:
    """A private one 5, none 0, an open one -5."""
    private = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
    return 5 if headers.get("Referrer-Policy") in private else 0 if not headers.get("Referrer-Policy") else -5


def strict_transport_security(headers: Headers) -> int:
    """Half a year or more 0 (on the preload list 5: we are not), less -10, none -20."""
    found = re.match(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    return -20 if found is None else 0 if int(found[1]) >= HALF_A_YEAR else -10


def subresource_integrity(page: str, own: str = "/static/") -> int:
    """Scripts of our own origin only, over TLS: 0, and 5 when every one of them carries its hash."""
    scripts = re.findall(r"<script[^>]*\ssrc=\"([^\"]+)\"[^>]*>", page)
    tags = re.findall(r"<script[^>]*\ssrc=[^>]*>", page)
    if any(not source.startswith(own) for source in scripts):
        return -50
    return 5 if tags and all("integrity=" in tag for tag in tags) else 0


def x_content_type_options(headers: Headers) -> int:
    return 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5


def x_frame_options(headers: Headers) -> int:
    """frame-ancestors in the policy 5, the header alone 0, neither -20."""
    if policy_of(headers).get("frame-ancestors") in (["'none'"], ["'self'"]):
        return 5
    return 0 if headers.get("X-Frame-Options") in ("DENY", "SAMEORIGIN") else -20


def cross_origin_resource_policy(headers: Headers) -> int:
    """same-origin or same-site 10, none 0, cross-origin -5."""
    said = headers.get("Cross-Origin-Resource-Policy")
    return 10 if said in ("same-origin", "same-site") else 0 if said is None else -5


def score(headers: Headers, page: str, redirected: int) -> tuple[int, dict[str, int]]:
    parts = {
        "content-security-policy": content_security_policy(headers),
        "cookies": cookies(headers),
        "cross-origin-resource-sharing": cross_origin_resource_sharing(headers),
        "redirection": redirected,
        "referrer-policy": referrer_policy(headers),
        "strict-transport-security": strict_transport_security(headers),
        "subresource-integrity": subresource_integrity(page),
        "x-content-type-options": x_content_type_options(headers),
        "x-frame-options": x_frame_options(headers),
        "cross-origin-resource-policy": cross_origin_resource_policy(headers),
    }
    without = 100 + sum(part for part in parts.values() if part < 0)
    bonus = sum(part for part in parts.values() if part > 0) if without >= BONUS_FROM else 0
    return without + bonus, parts


@pytest.mark.asvs("V3.4.3")
@pytest.mark.parametrize("path", ["/auth/sign-in", "/nowhere"])
def test_a_stranger_sees_a_plus(stranger: Browser, path: str) -> None:
    answer = stranger.get(path)
    total, parts = score(answer.headers, answer.text, redirection(stranger))
    assert min(parts.values()) >= 0, parts
    assert total >= 135, parts


@pytest.mark.parametrize("path", ["/leads/", "/leads/new", "/auth/account", "/addresses/"])
def test_and_so_does_everybody_else(client_as: ClientAs, stranger: Browser, path: str) -> None:
    answer = client_as(MEG if path.startswith("/addresses") else ANN).get(path, follow_redirects=True)
    total, parts = score(answer.headers, answer.text, redirection(stranger))
    assert answer.status_code == 200
    assert total >= 135, parts


@pytest.mark.parametrize(
    ("name", "value", "lost"),
    [
        ("Content-Security-Policy", None, 25),
        ("Content-Security-Policy", "script-src 'unsafe-inline'", 20),
        ("Strict-Transport-Security", None, 20),
        ("Strict-Transport-Security", "max-age=60", 10),
        ("X-Content-Type-Options", None, 5),
        ("Referrer-Policy", "unsafe-url", 5),
        ("Access-Control-Allow-Origin", "*", 50),
        ("Set-Cookie", "__Host-leadcrm=x; Path=/; HttpOnly", 40),
        ("Set-Cookie", "__Host-leadcrm=x; Path=/; Secure", 30),
    ],
)
def test_the_rules_take_off_what_is_missing(stranger: Browser, name: str, value: str | None, lost: int) -> None:
    answer = stranger.get("/auth/sign-in")
    headers = Headers(answer.headers)
    headers.remove(name)
    if value:
        headers.add(name, value)
    _total, parts = score(headers, answer.text, 0)
    assert min(parts.values()) == -lost
