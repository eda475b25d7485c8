"""What browsers say that the policy of our pages stopped: counted, not kept, so that nobody can fill the disk with it.

Anybody can send such a report, so it proves nothing by itself. A count that stays at nought says that nothing of ours
breaks under the policy; `leadcrm doctor` shows the rest.
"""

import json
import logging
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import DateTime, Integer, String, Text, cast, func, select
from sqlalchemy.orm import Mapped
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from leadcrm.core import limits
from leadcrm.core.db import Base, journal
from leadcrm.core.fields.facts import Category, technical
from leadcrm.core.headers import REPORTS
from leadcrm.core.limits import Allowed
from leadcrm.core.web import Access, core

LARGEST = 16_384  # bytes
MOST_AT_ONCE = 10  # reports of one request that are looked at
KEPT_FROM_ONE = 60  # requests of one network in five minutes
MOST_ROWS = 500
TYPES = {"application/reports+json", "application/csp-report", "application/json"}

log = logging.getLogger("leadcrm")


class Report(Base):
    """How often something was stopped on a page. Closed: only the functions core_report_… reach it."""

    __tablename__ = "core_report"

    directive: Mapped[str] = technical(String(40), primary_key=True, category=Category.SECURITY)
    blocked: Mapped[str] = technical(String(100), primary_key=True, category=Category.SECURITY)
    page: Mapped[str] = technical(String(100), primary_key=True, category=Category.SECURITY)
    times: Mapped[int] = technical(Integer(), category=Category.SECURITY)
    last_at: Mapped[datetime] = technical(DateTime(timezone=True), category=Category.SECURITY)


@core.post(REPORTS, permission=Access.PUBLIC)
def take_reports() -> ResponseReturnValue:
    """Whatever comes, the answer is the same and says nothing."""
    body = request.get_data(cache=False) if (request.content_length or LARGEST + 1) <= LARGEST else b""
    for directive, blocked, page in _read(body)[:MOST_AT_ONCE]:
        _count(directive, blocked, page)
    return "", 204


def _count(directive: str, blocked: str, page: str) -> None:
    if limits.reserve([Allowed(f"reports {limits.visitor()}", KEPT_FROM_ONE, 300)]):
        return
    with journal() as own:
        said = (cast(directive, Text), cast(blocked, Text), cast(page, Text), MOST_ROWS)
        new = own.execute(select(func.core_report_note(*said))).scalar_one()
    if new:
        log.warning("the policy of our pages stopped %s (%s) on %s", directive, blocked, page)


def _read(body: bytes) -> list[tuple[str, str, str]]:
    """(directive, what was stopped, page) of each report, in either notation; rows of known words and routes only."""
    if request.mimetype not in TYPES:
        return []
    try:
        sent = json.loads(body or b"null")
    except (ValueError, RecursionError):
        return []
    bodies = [each.get("body") for each in sent if isinstance(each, dict)] if isinstance(sent, list) else []
    if isinstance(sent, dict):
        bodies = [sent.get("csp-report")]
    return [_row(said) for said in bodies if isinstance(said, dict)]


def _row(said: dict[str, Any]) -> tuple[str, str, str]:
    directive = said.get("effectiveDirective") or said.get("effective-directive") or said.get("violated-directive")
    blocked = said.get("blockedURL") or said.get("blocked-uri")
    page = said.get("documentURL") or said.get("document-uri")
    return _word(directive)[:40], _origin(blocked)[:100], _route(page)[:100]


def _word(text: Any) -> str:
    """The name of a directive, or nothing of what came instead."""
    word = str(text or "").partition(" ")[0]
    return word if word and word.replace("-", "").isalpha() and word.isascii() and word.islower() else "other"


def _origin(text: Any) -> str:
    """Keywords as they are, of addresses only the host: the rest may be somebody's."""
    try:
        parts = urlsplit(str(text or ""))
        host = parts.hostname
    except ValueError:
        return "other"
    if not host:
        return _word(text)
    readable = host.isascii() and host.isprintable() and parts.scheme.isalnum()
    return f"{parts.scheme}://{host}" if readable else "other"


def _route(text: Any) -> str:
    """The rule of our address map, without the ids in it."""
    try:
        path = urlsplit(str(text or "")).path
        rule, _arguments = current_app.url_map.bind("").match(path, method="GET", return_rule=True)
    except (HTTPException, RequestRedirect, ValueError):
        return "other"
    return str(rule.rule)


def start(app: Flask) -> None:
    """A browser sends them by itself and has no token; nothing that a person does depends on them."""
    app.extensions["csrf_protection"].exempt(app.view_functions["core.take_reports"])
