"""After signing in nobody is sent to another site, whatever the address said: the way is built anew."""

from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from leadcrm.auth.views.next_page import safe_next
from leadcrm.core.shell import _ours
from tests.world import ORIGIN, Browser

EVIL = "evil.example"
HOSTILE = [
    f"https://{EVIL}", f"http://{EVIL}", f"//{EVIL}", f"///{EVIL}", f"////{EVIL}", f"/{chr(92)}{EVIL}",
    f"{chr(92)}{chr(92)}{EVIL}", f"{chr(92)}/{EVIL}", f"/{chr(92)}/{EVIL}", f"/{chr(9)}/{EVIL}", f"/{chr(10)}/{EVIL}",
    f"/{chr(13)}/{EVIL}", f"{chr(9)}//{EVIL}", f" //{EVIL}",
    f"/ /{EVIL}", f"/%09/{EVIL}", f"/%2f{EVIL}", f"/%2f%2f{EVIL}",
    f"/%5c{EVIL}", f"%2f%2f{EVIL}", f"http:{EVIL}", f"http:/{EVIL}", f"http:///{EVIL}", f"https:{EVIL}",
    f"https:///{EVIL}",
    f"https:{chr(92)}{chr(92)}{EVIL}", f"ht{chr(10)}tp://{EVIL}", f"hTTps://{EVIL}", f"javascript:alert(1)//{EVIL}",
    f"java{chr(9)}script:alert(1)", "data:text/html,<script>alert(1)</script>", f"vbscript:x//{EVIL}", f"ftp://{EVIL}",
    f"file://{EVIL}/x", f"blob:https://{EVIL}", f"https://localhost@{EVIL}", f"//localhost@{EVIL}",
    f"//localhost:8443@{EVIL}/", f"https://localhost.{EVIL}", f"https://{EVIL}/localhost", f"//{EVIL}/%2f..",
    f"/leads/../..//{EVIL}", f"/./{chr(92)}{EVIL}", f"/..//{EVIL}", f"/.//{EVIL}", f"/leads//{EVIL}", f"/;@{EVIL}",
    f"/leads/@{EVIL}", f"/@{EVIL}", f"@{EVIL}", f".{EVIL}", f"//{EVIL}{chr(0)}",
    f"/{chr(0)}/{EVIL}", f"//{EVIL}?/leads/",
    f"//{EVIL}#/leads/", f"/leads/?next=//{EVIL}", f"/leads/#//{EVIL}", f"/\u2028/{EVIL}", f"/\u3000/{EVIL}",
    f"/\uff0f{EVIL}", f"\uff0f\uff0f{EVIL}", "//\u24d4vil.example", "//0x7f000001", "//2130706433/", "//[::1]/",
    f"/leads/%0d%0aLocation:%20https://{EVIL}", f"/leads/{chr(13)}{chr(10)}Location: https://{EVIL}",
    f"/auth/sign-out?next=//{EVIL}", "/auth/sign-in", "/static/x.css", "/nowhere", "", "a" * 5000, "/" * 3000,
]  # fmt: skip


def stays_here(address: str) -> bool:
    """As a browser reads it: whitespace inside dropped, backslashes turned."""
    read = "".join(each for each in address if each not in "\t\r\n").strip().replace("\\", "/")
    there = urlsplit(urljoin(f"{ORIGIN}/auth/sign-in", read))
    return f"{there.scheme}://{there.netloc}" == ORIGIN and read.startswith("/") and not read.startswith("//")


@pytest.mark.asvs("V3.7.2")
@pytest.mark.parametrize("wanted", HOSTILE, ids=lambda each: repr(each)[:50])
def test_no_hostile_target_leads_away(app: Flask, wanted: str) -> None:
    assert len(HOSTILE) >= 60
    with app.test_request_context(base_url=ORIGIN):
        for way in (safe_next(wanted), _ours(wanted)):
            assert stays_here(way), way
            assert way.isprintable() and "\\" not in way


@pytest.mark.parametrize("wanted", ["/leads/", "/leads/?stage=new&q=a%20b", "/admin/users", "/auth/account"])
def test_a_page_of_ours_is_found_again(app: Flask, wanted: str) -> None:
    with app.test_request_context(base_url=ORIGIN):
        assert safe_next(wanted).replace("+", "%20") == wanted


@pytest.mark.parametrize("host", [EVIL, f"localhost:8443@{EVIL}", f"{EVIL}:8443", "localhost.evil.example"])
def test_another_host_gets_neither_page_nor_way(stranger: Browser, host: str) -> None:
    for path in ("/", "/leads/", "/auth/sign-in", "/static/app.css", "/nowhere"):
        answer = stranger.get(path, headers={"Host": host})
        assert answer.status_code == 400 and "Location" not in answer.headers and EVIL not in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "X-Original-Host", "Forwarded", "X-Forwarded-Server"])
def test_no_header_names_the_host_of_a_way(stranger: Browser, header: str) -> None:
    for path in ("/leads/", "/leads", "/", "/auth/sign-in"):
        answer = stranger.get(path, headers={header: f"host={EVIL}" if header == "Forwarded" else EVIL})
        assert EVIL not in answer.headers.get("Location", "") and EVIL not in answer.text
