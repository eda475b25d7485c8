"""A personal link that nobody was mailed about."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from leadcrm.collecting.models.link import Ask, Link
from leadcrm.collecting.services import secrets
from leadcrm.core.db import now, session
from leadcrm.documents.models.terms import DocumentKind


def a_link(lead: Any, **values: Any) -> Link:
    token, code, ident = secrets.new_token(), secrets.new_code(), uuid4()
    link = Link(
        company_id=lead.company_id, id=ident, lead_id=lead.id, name="Canary: Jan", email="jan@voorbeeld.nl",
        token=token, code=code, token_hash=secrets.hash_of(token),
        code_mac=secrets.mac_of(code, lead.company_id, ident), expires_at=now() + timedelta(days=14), **values,
    )  # fmt: skip
    session.add(link)
    session.flush()
    session.add(Ask(
        company_id=lead.company_id, lead_id=lead.id, link_id=ident, position=1, item="identity:",
        kind=DocumentKind.IDENTITY, name="Canary: identiteit", explanation="", who="",
    ))  # fmt: skip
    session.flush()
    return link
