"""One client address: counted from the right through the proxies that the configuration trusts, and from nowhere else.

Everything that needs an address (limits, lists, audit) asks client_address(), or reads `request.remote_addr`, which
this middleware has settled.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
             "HTTP_X_FORWARDED_PREFIX", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def canonical(text: str) -> Address | None:
    """The address without zone, IPv4 also when it came mapped into IPv6; None when it is none."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_of(peer: str, forwarded_for: str, trusted: Iterable[Network]) -> Address | None:
    """The first address from the right that is no trusted proxy; None when the chain is malformed or too short."""
    chain = [part for part in forwarded_for.split(",") if part.strip()]
    address = canonical(peer)
    networks = tuple(trusted)
    while address is not None and any(address in network for network in networks):
        if not chain:
            return None if forwarded_for else address
        address = canonical(chain.pop())
    return address


def client_address() -> Address | None:
    """Where this request comes from; None when nobody can say, which no list admits."""
    return canonical(request.remote_addr or "")


class TrustedProxies:
    """Settles REMOTE_ADDR and the scheme, then removes every forward header so that nothing else can read one."""

    def __init__(self, application: WSGIApplication, trusted: tuple[Network, ...]):
        self.application = application
        self.trusted = trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.settle(environ)
        return self.application(environ, start_response)

    def settle(self, environ: dict[str, Any]) -> None:
        peer = canonical(environ.get("REMOTE_ADDR", ""))
        behind_proxy = peer is not None and any(peer in network for network in self.trusted)
        client = client_of(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""), self.trusted)
        environ["REMOTE_ADDR"] = str(client) if client else ""
        if behind_proxy:
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
            environ["wsgi.url_scheme"] = "https" if scheme == "https" else "http"
        for header in FORWARDED:
            environ.pop(header, None)
