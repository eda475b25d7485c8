"""Whoever sends forward headers, the client's address is the one that the trusted proxies saw."""

from ipaddress import ip_network
from typing import Any

import pytest

from leadcrm.core.proxy import FORWARDED, TrustedProxies, canonical, client_of

INNER = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.1/32"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1", "203.0.113.9"),  # no trusted proxy: its claim is nothing
        ("203.0.113.9", "127.0.0.1, 127.0.0.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),  # the left part is what the client itself sent
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),  # two proxies of ours
        ("10.0.0.1", "127.0.0.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),  # the proxy itself asks
        ("10.0.0.1", "10.0.0.2", None),  # the chain ends inside: nobody can say who it was
        ("10.0.0.1", "not-an-address", None),
        ("10.0.0.1", "198.51.100.7:4711", None),
        ("10.0.0.1", "198.51.100.7%eth0", None),  # IPv4 has no zones
        ("10.0.0.1", "unknown", None),
        ("10.0.0.1", ",", None),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("::ffff:203.0.113.9", "1.1.1.1", "203.0.113.9"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("fd00::1%eth0", "2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("", "198.51.100.7", None),
        ("unix:", "198.51.100.7", None),
    ],
)
def test_counted_from_the_right(peer: str, forwarded: str, client: str | None) -> None:
    assert client_of(peer, forwarded, INNER) == (canonical(client) if client else None)


def settled(peer: str, trusted: Any = INNER, **headers: str) -> dict[str, Any]:
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "https"} | headers
    TrustedProxies(lambda _environ, _start: [], trusted)(environ, lambda *_args: None)  # type: ignore[arg-type,return-value]
    return environ


@pytest.mark.asvs("V4.1.3")
def test_no_forward_header_survives() -> None:
    environ = settled("203.0.113.9", **dict.fromkeys(FORWARDED, "127.0.0.1"))
    assert not set(FORWARDED) & environ.keys()
    assert environ["REMOTE_ADDR"] == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "proto", "scheme"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "http", "http"),
        ("10.0.0.1", "https, http", "http"),
        ("10.0.0.1", "", "http"),
        ("203.0.113.9", "http", "https"),
    ],
)
def test_the_scheme_is_believed_of_trusted_proxies_only(peer: str, proto: str, scheme: str) -> None:
    assert settled(peer, HTTP_X_FORWARDED_PROTO=proto)["wsgi.url_scheme"] == scheme


def test_a_stranger_cannot_claim_https() -> None:
    environ: dict[str, Any] = {
        "REMOTE_ADDR": "203.0.113.9",
        "wsgi.url_scheme": "http",
        "HTTP_X_FORWARDED_PROTO": "https",
    }
    TrustedProxies(lambda _environ, _start: [], INNER).settle(environ)  # type: ignore[arg-type,return-value]
    assert environ["wsgi.url_scheme"] == "http"
