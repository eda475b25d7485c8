"""Forty sets of forged headers, past each way in to the server: nobody is somebody else, nothing in clear becomes TLS.

What the corpus holds is what a client sends. Each way adds what its proxies add, as nginx and HAProxy do.
"""

from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest

from leadcrm.core.proxy import FORWARDED, TrustedProxies
from tests.together import together

LISTED = "203.0.113.7"  # the address that a thief would like to have
PROXIES = (ip_network("10.0.0.0/24"), ip_network("fd00::/64"))
FORGED: list[dict[str, str]] = [
    {},
    {"X-Forwarded-For": LISTED},
    {"X-Forwarded-For": f"{LISTED}, 10.0.0.1"},
    {"X-Forwarded-For": f"10.0.0.1, {LISTED}"},
    {"X-Forwarded-For": f"{LISTED},{LISTED},{LISTED}"},
    {"X-Forwarded-For": f" {LISTED} "},
    {"X-Forwarded-For": f"\t{LISTED}\t,"},
    {"X-Forwarded-For": f",{LISTED}"},
    {"X-Forwarded-For": ",,,"},
    {"X-Forwarded-For": f"::ffff:{LISTED}"},
    {"X-Forwarded-For": f"::ffff:{LISTED}%eth0"},
    {"X-Forwarded-For": f"{LISTED}:443"},
    {"X-Forwarded-For": f'"{LISTED}"'},
    {"X-Forwarded-For": f"for={LISTED}"},
    {"X-Forwarded-For": "unknown"},
    {"X-Forwarded-For": "_hidden"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "::1"},
    {"X-Forwarded-For": "10.0.0.1"},
    {"X-Forwarded-For": "fd00::1"},
    {"X-Forwarded-For": "0.0.0.0"},
    {"X-Forwarded-For": "3405803783"},
    {"X-Forwarded-For": "0xcb.0.113.7"},
    {"X-Forwarded-For": "203.0.113.007"},
    {"X-Forwarded-For": "a" * 60_000},
    {"X-Forwarded-For": f"{LISTED}, " * 5_000 + LISTED},
    {"X-Forwarded-For": f"{LISTED}\x00"},
    {"X-Forwarded-For": "\u0662\u0660\u0663.0.113.7"},
    {"X-Real-IP": LISTED},
    {"X-Client-IP": LISTED},
    {"Client-IP": LISTED},
    {"True-Client-IP": LISTED},
    {"CF-Connecting-IP": LISTED},
    {"Fastly-Client-IP": LISTED},
    {"X-Cluster-Client-IP": LISTED},
    {"X-Original-Forwarded-For": LISTED},
    {"Forwarded": f"for={LISTED};proto=https"},
    {"Forwarded": f'for="[::ffff:{LISTED}]"'},
    {"X-Forwarded": f"for={LISTED}"},
    {"Forwarded-For": LISTED},
    {"X-Forwarded-For": LISTED, "X-Real-IP": LISTED, "Forwarded": f"for={LISTED}", "X-Forwarded-Proto": "https"},
    {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "Front-End-Https": "on", "X-Url-Scheme": "https"},
]


@dataclass(frozen=True)
class Way:
    """How a request comes in: the peer of the socket, what the proxies before it append, and who really asks."""

    peer: str
    client: str
    appended: tuple[str, ...] = ()
    socket: bool = False


WAYS = {
    "direct": Way("198.51.100.23", "198.51.100.23"),
    "one proxy": Way("10.0.0.1", "198.51.100.23", ("198.51.100.23",)),
    "two proxies": Way("10.0.0.1", "198.51.100.23", ("198.51.100.23", "10.0.0.2")),
    "unix socket": Way("", "198.51.100.23", ("198.51.100.23",), socket=True),
    "unix socket, two": Way("unix:", "198.51.100.23", ("198.51.100.23", "10.0.0.2"), socket=True),
    "direct IPv6": Way("2001:db8::23", "2001:db8::23"),
    "IPv6 behind IPv6": Way("fd00::1", "2001:db8::23", ("2001:db8::23",)),
    "a mapped peer": Way("::ffff:198.51.100.23", "198.51.100.23"),
    "a mapped proxy": Way("::ffff:10.0.0.1", "198.51.100.23", ("198.51.100.23",)),
    "a proxy with a zone": Way("fd00::1%eth0", "2001:db8::23", ("2001:db8::23",)),
}


def settled(way: Way, sent: dict[str, str], scheme: str = "http") -> dict[str, Any]:
    environ: dict[str, Any] = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.items()}
    if way.appended:
        environ["HTTP_X_FORWARDED_FOR"] = ",".join([*filter(None, [sent.get("X-Forwarded-For")]), *way.appended])
        environ["HTTP_X_FORWARDED_PROTO"] = ",".join([*filter(None, [sent.get("X-Forwarded-Proto")]), scheme])
    environ |= {"REMOTE_ADDR": way.peer, "wsgi.url_scheme": "http" if way.appended else scheme}
    TrustedProxies(lambda *_: [], PROXIES, way.socket).settle(environ)  # type: ignore[arg-type,return-value]
    return environ


@pytest.mark.asvs("V15.3.4", "V4.1.3")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_nobody_is_somebody_else(way: Way) -> None:
    with together() as case:
        for sent in FORGED:
            with case(repr(sent)[:60]):
                environ = settled(way, sent)
                assert environ["REMOTE_ADDR"] == way.client
                assert environ["wsgi.url_scheme"] == "http"
                assert settled(way, sent, "https")["wsgi.url_scheme"] == "https"
                assert not set(FORWARDED) & environ.keys()
                assert LISTED not in repr(environ)


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(FORGED) >= 40


@pytest.mark.parametrize("peer", ["", "unix:", "unix", "nonsense", "/run/x.sock"])
def test_a_peer_that_nobody_trusts_or_knows_is_nobody(peer: str) -> None:
    """A socket counts only where the configuration says so; what is no address is none."""
    with together() as case:
        for sent in FORGED:
            with case(repr(sent)[:60]):
                assert settled(Way(peer, ""), sent)["REMOTE_ADDR"] == ""


@pytest.mark.parametrize("chain", ["x", "", " ", "198.51.100.23,", "198.51.100.23 10.0.0.2", "198.51.100.23;10.0.0.2"])
def test_a_proxy_that_tells_nonsense_is_not_believed(chain: str) -> None:
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": chain, "wsgi.url_scheme": "http"}
    TrustedProxies(lambda *_: [], PROXIES).settle(environ)  # type: ignore[arg-type,return-value]
    assert environ["REMOTE_ADDR"] == ("10.0.0.1" if chain == "" else "")
