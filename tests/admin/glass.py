"""An admin who broke the glass, without the page that asks why."""

from uuid import UUID, uuid4

import psycopg
from flask import Flask

from tests.people import ADA, HOME
from tests.world import Browser, sign_in_as

REASON = "Storing in de leadlijst, melding 4711"


def break_glass(app: Flask, admin_url: str, company: UUID = HOME, *, reveals: bool = False) -> tuple[Browser, UUID]:
    """Ada in a session that looks into a company for a quarter of an hour, and the id of that."""
    browser, ident = sign_in_as(app, ADA, admin_url), uuid4()
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO auth_glass (company_id, id, user_id, session_id, name, email, reason, minutes, reveals, "
            "started_at, ends_at) SELECT %s, %s, s.user_id, s.id, 'Ada', 'ada@example.org', %s, '15', %s, now(), "
            "now() + interval '15 minutes' FROM auth_session s WHERE s.user_id = %s ORDER BY s.created_at DESC LIMIT 1",
            [company, ident, REASON, reveals, ADA.id],
        )
    return browser, ident
