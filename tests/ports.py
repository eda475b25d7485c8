"""Where servers of tests listen."""

import secrets
import socket
from pathlib import Path

FIRST = 12_000
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """Below those that the system gives out by itself: any connection could take one of them before the server does."""
    below = max(int(OUTGOING.read_text().split()[0]), FIRST + 10_000)
    while True:
        port = FIRST + secrets.randbelow(below - FIRST)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """On every address: some servers listen on all of them."""
    with socket.socket() as attempt:
        try:
            attempt.bind(("", port))
        except OSError:
            return False
    return True
