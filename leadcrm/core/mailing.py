"""Connections to mail servers: over verified TLS, never in clear; what a company chose reaches the internet only."""

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

Network = IPv4Network | IPv6Network
TIMEOUT_SECONDS = 20
MAIL_PORTS = frozenset({25, 465, 587, 2525})
READING_PORTS = frozenset({143, 993})  # of IMAP
# Addresses that look public and lead back inside: IPv4 within IPv6.
DISGUISED = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))


class NotAllowed(OSError):
    """The server's address is inside a network, where a company's own settings must not lead us."""


@dataclass(frozen=True)
class Server:
    """One mail server and how to sign in there. `guarded`: a company chose it, not who runs the installation."""

    host: str
    port: int
    security: str  # "starttls" or "tls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    guarded: bool = False
    inside: tuple[Network, ...] = ()  # networks that a guarded server may be in all the same


def is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return address.is_global and not address.is_multicast and not any(address in network for network in DISGUISED)


def permitted(server: Server, ports: frozenset[int] = MAIL_PORTS) -> str:
    """The address to connect to: looked up once and then held to, so that a name cannot change its mind meanwhile.

    Every address of the name must be permitted. Raises NotAllowed or socket.gaierror.
    """
    found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        inside = any(address in network for network in server.inside)
        if not inside and not (is_public(address) and server.port in ports):
            raise NotAllowed(f"{server.host} is not a mail server on the internet")
    return str(addresses[0])


class _Held(smtplib.SMTP):
    """Connects to an address that was judged before; the certificate is still that of the name."""

    address = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return socket.create_connection((self.address or host, port), timeout)


class _HeldTls(smtplib.SMTP_SSL):
    address = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        plain = socket.create_connection((self.address or host, port), timeout)
        return self.context.wrap_socket(plain, server_hostname=host)


def connect(server: Server) -> smtplib.SMTP:
    """Signed in, over TLS whose certificate was verified; there is no way to switch that off."""
    context = ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)
    if server.ca_file:
        context.load_default_certs()
    address = permitted(server) if server.guarded else ""
    if server.security == "tls":
        connection: smtplib.SMTP = _HeldTls(timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = _Held(timeout=TIMEOUT_SECONDS)
    connection.address = address  # type: ignore[attr-defined]  # of both classes above
    connection._host = server.host  # type: ignore[attr-defined]  # what the certificate is compared with
    try:
        _open(connection, server, context)
    except BaseException:
        connection.close()
        raise
    return connection


def _open(connection: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    connection.connect(server.host, server.port)
    if server.security != "tls":
        connection.starttls(context=context)
    if server.user and server.password is not None:
        connection.login(server.user, server.password)


def kind_of(problem: Exception) -> str:
    """A word for what went wrong, which tells nothing of what a server inside a network may have answered."""
    if isinstance(problem, NotAllowed):
        return "not_allowed"
    if isinstance(problem, socket.gaierror):
        return "unknown_host"
    if isinstance(problem, ssl.SSLError):
        return "certificate" if isinstance(problem, ssl.SSLCertVerificationError) else "tls"
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return "password"
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        return "tls"
    if isinstance(problem, smtplib.SMTPSenderRefused):
        return "sender"
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return "recipient"
    if isinstance(problem, TimeoutError | ConnectionError | smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError):
        return "no_answer"
    return "refused"
