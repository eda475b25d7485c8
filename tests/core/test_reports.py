"""What browsers report is counted, bounded, and holds nothing that anybody could hide in it."""

import json
from typing import Any

import psycopg
import pytest

from leadcrm.core import reports
from tests.world import Browser


def sent(browser: Browser, content: Any, mimetype: str = "application/reports+json") -> int:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return browser.post("/reports", data=body, content_type=mimetype).status_code


def violation(**said: str) -> list[dict[str, Any]]:
    body = {"effectiveDirective": "script-src-elem", "blockedURL": "https://evil.example/x.js?secret=1",
            "documentURL": "https://localhost/leads/00000000-0000-4000-8000-00000000000f?q=Jansen"}  # fmt: skip
    return [{"type": "csp-violation", "body": body | said}]


def counted(admin_url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(admin_url) as admin:
        return admin.execute("SELECT directive, blocked, page, times FROM core_report ORDER BY 1, 2, 3").fetchall()


@pytest.mark.asvs("V3.4.7")
def test_both_notations_are_counted_without_anybodys_data(stranger: Browser, admin_url: str) -> None:
    assert sent(stranger, violation()) == 204
    assert sent(stranger, violation()) == 204
    old = {"csp-report": {"effective-directive": "img-src", "blocked-uri": "data", "document-uri": "https://x/nowhere"}}
    assert sent(stranger, old, "application/csp-report") == 204
    assert counted(admin_url) == [
        ("img-src", "data", "other", 1),
        ("script-src-elem", "https://evil.example", "/leads/<uuid:lead_id>", 2),
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b"[1]", b'[{"body": 1}]', b"\xff\xfe", b"[" * 9000, b"9" * 9000, b"x" * 20_000,
     b'{"csp-report": []}', b'[{"body": {"documentURL": {}, "blockedURL": ["http://[x"]}}]',
     b'[{"body": {"blockedURL": "http://[x", "effectiveDirective": "\\u0000\\n<script>"}}]'],
)  # fmt: skip
def test_nonsense_is_answered_like_anything(stranger: Browser, admin_url: str, content: bytes) -> None:
    assert sent(stranger, content) == 204
    assert all(row[:3] == ("other", "other", "other") for row in counted(admin_url))


def test_nobody_fills_the_table(stranger: Browser, admin_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_ROWS", 5)
    many = [violation(blockedURL=f"https://host{number}.example/")[0] for number in range(30)]
    assert sent(stranger, many) == 204
    assert len(counted(admin_url)) == 5
    monkeypatch.setattr(reports, "KEPT_FROM_ONE", 5)
    for _ in range(10):
        sent(stranger, violation(blockedURL="https://host0.example/"))
    assert sum(row[3] for row in counted(admin_url)) == 5


def test_other_sites_cannot_send_with_a_page(stranger: Browser) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert stranger.post("/reports", data=b"[]", headers=headers).status_code == 403
