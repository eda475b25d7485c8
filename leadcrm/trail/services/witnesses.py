"""Anchors to places that whoever holds this machine cannot reach: a syslog server (RFC 5424), a mailbox."""

import socket
import ssl
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from leadcrm.core import outbox
from leadcrm.core.config import Config
from leadcrm.core.db import PLATFORM_ID
from leadcrm.trail.services.anchors import Anchor

FACILITY_AUDIT, SEVERITY_NOTICE = 13, 5
PRIORITY = FACILITY_AUDIT * 8 + SEVERITY_NOTICE
TIMEOUT_SECONDS = 10
SYSLOG_TLS_PORT = 6514


def send(config: Config, anchor: Anchor, at: datetime) -> list[str]:
    """To each that is configured; the names of those that could not be reached."""
    missed = []
    if config.anchor_syslog:
        try:
            to_syslog(config.anchor_syslog, config.anchor_syslog_ca_file, message(anchor, at))
        except (OSError, ValueError):
            missed.append("syslog")
    if config.anchor_mail:
        outbox.send(config.anchor_mail, f"leadcrm anchor {anchor.number}", f"{anchor.text}\n", PLATFORM_ID)
    return missed


def message(anchor: Anchor, at: datetime) -> bytes:
    """One line of syslog; the anchor stands in it as it stands in the file."""
    head = f"<{PRIORITY}>1 {at.isoformat(timespec='milliseconds')} {socket.gethostname()[:255]} leadcrm - anchor -"
    return f"{head} {anchor.text}".encode()


def to_syslog(address: str, ca_file: Path | None, content: bytes) -> None:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
            local.settimeout(TIMEOUT_SECONDS)
            local.connect(parts.path)
            local.send(content)
        return
    if parts.scheme != "tls" or not parts.hostname:
        raise ValueError("anchor_syslog must be tls://host:port or unix:/path")
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    with (
        socket.create_connection((parts.hostname, parts.port or SYSLOG_TLS_PORT), TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
    ):
        secured.sendall(b"%d " % len(content) + content)  # octet counting, RFC 5425
