"""A company's own settings lead to public mail servers only: never into the network that we stand in."""

import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from leadcrm.core.mailing import NotAllowed, Server, is_public, permitted

INSIDE = [
    "127.0.0.1", "127.1.2.3", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001::1", "ff02::1", "::127.0.0.1",
]  # fmt: skip


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def getaddrinfo(_host: str, port: int, **_more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.asvs("V1.3.6", "V13.2.4")
@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert not is_public(ip_address(address))
    answers(monkeypatch, address)
    with pytest.raises(NotAllowed):
        permitted(Server("smtp.example.nl", 587, "starttls", guarded=True))


@pytest.mark.asvs("V1.3.6")
def test_one_inside_among_many_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(NotAllowed):
        permitted(Server("smtp.example.nl", 587, "starttls", guarded=True))


@pytest.mark.parametrize("written", ["localhost", "127.1", "2130706433", "0x7f000001", "017700000001"])
def test_other_ways_to_write_it(written: str) -> None:
    with pytest.raises((NotAllowed, socket.gaierror)):
        permitted(Server(written, 587, "starttls", guarded=True))


@pytest.mark.asvs("V1.3.6", "V13.2.4")
@pytest.mark.parametrize("port", [22, 80, 5432, 6379, 8443])
def test_only_ports_of_mail(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    answers(monkeypatch, "93.184.216.34")
    with pytest.raises(NotAllowed):
        permitted(Server("smtp.example.nl", port, "starttls", guarded=True))


def test_the_public_internet_is_fine_and_so_is_what_the_installation_names(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "93.184.216.34")
    assert permitted(Server("smtp.example.nl", 587, "starttls", guarded=True)) == "93.184.216.34"
    answers(monkeypatch, "10.1.2.3")
    ours = (ip_network("10.1.2.0/24"),)
    assert permitted(Server("mail.office", 2500, "starttls", guarded=True, inside=ours)) == "10.1.2.3"
