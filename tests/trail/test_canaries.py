"""No personal value in clear: a unique token in every personal field, everything done, then looked for."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask
from sqlalchemy import select

from leadcrm.core.config import Config
from leadcrm.core.db import session
from leadcrm.core.fields.facts import Facts, facts_of
from leadcrm.core.fields.text import LongText, Text
from leadcrm.core.reveal import reveal
from leadcrm.core.scope import viewing_as
from leadcrm.leads.forms import SECTIONS
from leadcrm.leads.models.lead import Lead
from tests.auth.accounts import Enrolled, give_password, walk_in
from tests.leads.factories import a_full_lead
from tests.people import ADA, ANN, HOME, MEG, Person
from tests.trail.tampering import anchor, as_maintenance
from tests.world import Browser, viewer_of

ClientAs = Callable[[Person], Browser]
TRAIL = ("core_audit_line", "core_audit_head", "core_audit_value", "trail_setting", "core_notice")


def canary() -> str:
    return f"kanarie{uuid4().hex[:12]}"


def rows_of(lead: Any) -> Iterator[Any]:
    """The household and everything that hangs on it."""
    yield lead
    for section in SECTIONS.values():
        model: Any = section.model
        if model is not Lead:
            yield from session.scalars(select(model).where(model.lead_id == lead.id))


def sung(row: Any, facts: Facts) -> str | None:
    """A token for a personal field that takes free text; its own kind may refuse (an IBAN is checked)."""
    kind = facts.kind
    if not facts.personal or not isinstance(kind, Text | LongText) or type(kind) not in (Text, LongText):
        return None
    token = canary()[: kind.max_length or 40]
    setattr(row, facts.name, token)
    return token


def existing(row: Any, facts: Facts) -> str | None:
    """What stands in a personal field of another kind, as it would be written down; short words prove nothing."""
    if not facts.personal or facts.kind is None or facts.sensitive:
        return None
    value = getattr(row, facts.name)
    text = facts.kind.dump(value) if value is not None else ""
    return text if len(text) >= 8 else None


def fill(app: Flask) -> tuple[set[str], Any]:
    with app.app_context(), viewing_as(viewer_of(ANN)):
        lead = a_full_lead()
        session.commit()
        tokens: set[str] = set()
        for row in list(rows_of(lead)):
            known = facts_of(type(row)).values()
            tokens |= {token for facts in known if (token := sung(row, facts) or existing(row, facts))}
        session.commit()
        for row in list(rows_of(lead)):
            sensitive = [facts.name for facts in facts_of(type(row)).values() if facts.sensitive]
            if sensitive:
                tokens |= {str(value) for value in reveal(row, *sensitive).values() if len(str(value)) >= 8}
        session.commit()
        return tokens, lead.id


def everything(app: Flask, client_as: ClientAs, enrolled: Enrolled, lead_id: Any) -> set[str]:
    """What people do besides: sign in, fail, search, write, invite, rename, download, be refused."""
    tokens = {canary() for _ in range(6)}
    note, name, email, typed, search, agent = sorted(tokens)
    walker = Browser(app)
    walk_in(walker, enrolled(ANN))
    give_password(Browser(app), f"{typed}@example.org", "x")
    ann, meg, ada = client_as(ANN), client_as(MEG), client_as(ADA)
    ann.get(f"/leads/?q={search}")
    ann.get(f"/leads/{uuid4()}?q={search}", headers={"User-Agent": agent})
    ann.send(f"/leads/{lead_id}/notes", {"text": note})
    meg.send("/admin/users/new", {"name": name, "email": f"{email}@example.org", "role": "agent"})
    meg.send("/admin/failed-logins/export", {"days": "7", "account": f"{typed}@example.org"})
    ada.send("/admin/failed-logins/export", {"days": "7", "network": "127.0.0.0/24"})
    meg.send("/admin/trail/export", {})
    ann.send(f"/leads/{lead_id}/delete")
    return tokens


def test_no_personal_value_is_in_the_trail(
    app: Flask, worker_app: Flask, admin_url: str, client_as: ClientAs, enrolled: Enrolled, own_instance: Config
) -> None:
    tokens, lead_id = fill(app)
    assert len(tokens) > 20, "too few canaries to prove anything"
    tokens |= everything(app, client_as, enrolled, lead_id)
    tokens |= {person.email for person in (ANN, MEG, ADA)} | {person.name for person in (ANN, MEG, ADA)}
    written = anchor(worker_app)
    with as_maintenance(worker_app):
        pass
    with psycopg.connect(admin_url) as admin:
        rows = [admin.execute(f"SELECT row_to_json(t)::text FROM {table} t").fetchall() for table in TRAIL]  # type: ignore[arg-type]
        counted = admin.execute("SELECT count(*) FROM core_audit_line WHERE company_id = %s", [HOME]).fetchone()
    held = " ".join(text for of_table in rows for (text,) in of_table)
    held += written.text + "".join(place.read_text() for place in (own_instance.instance / "anchors").iterdir())
    assert counted and counted[0] > 20
    assert {token for token in tokens if token in held or json.dumps(token)[1:-1] in held} == set()
