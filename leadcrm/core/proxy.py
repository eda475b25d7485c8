"""One client address: counted from the right through the proxies that the configuration trusts, and from nowhere else.

Everything that needs an address (limits, lists, audit) asks client_address(), or reads `request.remote_addr`, which
this middleware has settled. When nobody can say it, it is empty, and no list admits it.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
FORWARDED = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_SERVER", "HTTP_X_FORWARDED_SSL", "HTTP_X_FORWARDED",
    "HTTP_X_ORIGINAL_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP",
    "HTTP_CLIENT_IP", "HTTP_TRUE_CLIENT_IP", "HTTP_CF_CONNECTING_IP", "HTTP_FASTLY_CLIENT_IP",
    "HTTP_X_CLUSTER_CLIENT_IP", "HTTP_X_ORIGINAL_URL", "HTTP_X_REWRITE_URL", "HTTP_FRONT_END_HTTPS",
    "HTTP_X_URL_SCHEME", "HTTP_X_SCHEME", "HTTP_X_HTTP_METHOD_OVERRIDE",
)  # fmt: skip
SOCKETS = ("", "unix", "unix:")  # what servers say of a peer on a unix socket
LONGEST_KEPT = 200  # characters of a chain whose client is remembered
LONGEST_CHAIN = 20  # addresses; a longer one is no chain of ours


def canonical(text: str) -> Address | None:
    """The address without zone, IPv4 also when it came mapped into IPv6; None when it is none."""
    try:
        address = ip_address(text.strip(" \t"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))  # without the zone, which is our own host's
    return address


def client_of(peer: str, forwarded_for: str, trusted: Iterable[Network], socket: bool = False) -> Address | None:
    """The first address from the right that is no trusted proxy; None when the chain is malformed or too short.

    `socket`: whoever may open our unix socket is a proxy of ours.
    """
    chain = forwarded_for.split(",")[-LONGEST_CHAIN:] if forwarded_for.strip(" \t") else []
    networks = tuple(trusted)
    by_socket = socket and peer in SOCKETS
    address = canonical((chain.pop() if chain else "") if by_socket else peer)
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

    def __init__(self, application: WSGIApplication, trusted: tuple[Network, ...], socket: bool = False):
        self.application, self.trusted, self.socket = application, trusted, socket

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.settle(environ)
        return self.application(environ, start_response)

    def settle(self, environ: dict[str, Any]) -> None:
        chain = environ.get("HTTP_X_FORWARDED_FOR", "")
        settled = _known_place if len(chain) <= LONGEST_KEPT else _place
        environ["REMOTE_ADDR"], proxied = settled(environ.get("REMOTE_ADDR", ""), chain, self.trusted, self.socket)
        if proxied:
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
            environ["wsgi.url_scheme"] = "https" if scheme == "https" else "http"
        for header in FORWARDED:
            environ.pop(header, None)


def _place(peer: str, chain: str, trusted: tuple[Network, ...], socket: bool) -> tuple[str, bool]:
    """The client's address, empty when nobody can say it; and whether a proxy of ours stands between."""
    client = client_of(peer, chain, trusted, socket)
    return str(client) if client else "", _is_proxy(peer, trusted, socket)


_known_place = lru_cache(maxsize=4096)(_place)  # the same few people all day


def _is_proxy(peer: str, trusted: tuple[Network, ...], socket: bool) -> bool:
    address = canonical(peer)
    if address is None:
        return socket and peer in SOCKETS
    return any(address in network for network in trusted)
