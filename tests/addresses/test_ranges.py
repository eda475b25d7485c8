"""Ranges as people type them: one meaning each, or refused."""

from ipaddress import ip_address, ip_network

import pytest
from flask import Flask

from leadcrm.addresses.services import ranges
from leadcrm.addresses.services.ranges import Entry
from leadcrm.core.fields.kinds import Invalid


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        (" 203.0.113.0/24 ", "203.0.113.0/24"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("::ffff:cb00:7107", "203.0.113.7/32"),
    ],
)
def test_what_is_typed_has_one_form(typed: str, meant: str) -> None:
    assert ranges.parse(typed) == ip_network(meant)


@pytest.mark.parametrize(
    "typed",
    [
        "", "x", "203.0.113", "203.0.113.256", "203.0.113.7/33", "203.0.113.07", "0/0", "0.0.0.0/0", "::/0",
        "203.0.113.7/24", "2001:db8::1/64", "::ffff:203.0.113.7/120", "::ffff:0:0/90", "203.0.113.0/255.255.255.0",
        "203.0.113.0/0.0.0.255", "203.0.113.0/", "/24", "203.0.113.0/-1", "203.0.113.0/+24", "203.0.113.0 /24",
        "fe80::1%eth0", "203.0.113.7%eth0", "203.0.113.7:443", "[2001:db8::1]", "203.0.113.0-203.0.113.9",
        "203.0.113.*", "3405803783", "0xcb007107", "::g", "1::2::3", "\u0662\u0660\u0663.0.113.7", "203.0.113.7\x00",
        "a" * 5000, "localhost", "203.0.113.0/24/24", "203.0.113.7\n198.51.100.1",
    ],
)  # fmt: skip
def test_what_could_mean_something_else_is_refused(app: Flask, typed: str) -> None:
    with app.test_request_context(), pytest.raises(Invalid):
        ranges.parse(typed)


def test_the_whole_range_or_the_one_address_is_proposed(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(Invalid) as refused:
        ranges.parse("203.0.113.7/24")
    assert "203.0.113.0/24" in str(refused.value.message)
    assert "203.0.113.7" in str(refused.value.message)


def said(app: Flask, *networks: str) -> list[str]:
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        return list(ranges.warnings([Entry(ip_network(network)) for network in networks]))


@pytest.mark.parametrize(
    ("networks", "words"),
    [
        (["52.0.0.0/8"], "erg ruim"),
        (["2000::/16"], "erg ruim"),
        (["192.168.1.0/24"], "intern adres"),
        (["127.0.0.1/32"], "nooit iemand"),
        (["2a02:a210::1/128"], "/64"),
        (["203.0.112.0/22", "203.0.113.7/32"], "valt al binnen"),
    ],
)
def test_what_is_often_not_meant_is_said(app: Flask, networks: list[str], words: str) -> None:
    assert any(words in warning for warning in said(app, *networks)), said(app, *networks)


def test_an_ordinary_list_needs_no_words(app: Flask) -> None:
    assert said(app, "81.204.10.0/29", "145.53.1.2/32", "2a02:a210:1:2::/64") == []


@pytest.mark.parametrize(
    ("address", "offered"), [("203.0.113.7", "203.0.113.7"), ("2001:db8:7:8:9::1", "2001:db8:7:8::/64")]
)
def test_my_address_is_what_my_device_keeps(address: str, offered: str) -> None:
    assert ranges.shown(ranges.around(ip_address(address))) == offered
