"""Somebody's whole set of rows, so that others can try every address with them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
from flask import Flask

from leadcrm.core.db import session
from leadcrm.core.scope import Everything, viewing_as
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.person import Person as Applicant
from tests.people import ANN, BOB, EVE, Person

OWNERS = (ANN, BOB, EVE)


def _lead(owner: Person, _made: dict[str, UUID], _admin_url: str) -> Any:
    return Lead(
        company_id=owner.company_id,
        owner_id=owner.id,
        reference=f"F-{owner.name}",
        household_name=f"Canary {owner.name}",
    )


def _person(owner: Person, made: dict[str, UUID], _admin_url: str) -> Any:
    return Applicant(
        company_id=owner.company_id, lead_id=made["lead_id"], position=1, birth_name=f"Canary {owner.name}"
    )


def _session(owner: Person, _made: dict[str, UUID], admin_url: str) -> UUID:
    """A closed table: only its owner writes it, here the superuser for them."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        row = admin.execute(
            "INSERT INTO auth_session (company_id, id, user_id, id_hash, auth_level, created_at, last_seen_at, "
            "expires_at, address_prefix, user_agent, user_agent_hash) VALUES (%s, gen_random_uuid(), %s, "
            "gen_random_uuid()::text::bytea, 2, now(), now(), now() + interval '1 hour', '', 'test', '') RETURNING id",
            [owner.company_id, owner.id],
        ).fetchone()
    return UUID(str(row[0])) if row else uuid4()


# The name of the part of an address, and how to make such a row, in the order of need. A new plugin adds its own.
ROWS_OF: dict[str, Callable[[Person, dict[str, UUID], str], Any]] = {
    "company_id": lambda owner, _made, _admin_url: owner.company_id,
    "user_id": lambda owner, _made, _admin_url: owner.id,
    "session_id": _session,
    "lead_id": _lead,
    "person_id": _person,
}


def plant(worker_app: Flask, admin_url: str) -> dict[str, dict[str, UUID]]:
    """For each owner the ids of a row of every sort, by the name that addresses use."""
    with worker_app.app_context(), viewing_as(Everything("rows of other people")):
        planted = {owner.name: _of(owner, admin_url) for owner in OWNERS}
        session.commit()
    return planted


def _of(owner: Person, admin_url: str) -> dict[str, UUID]:
    made: dict[str, UUID] = {}
    for name, make in ROWS_OF.items():
        row = make(owner, made, admin_url)
        if not isinstance(row, UUID):
            session.add(row)
            session.flush()
        made[name] = row if isinstance(row, UUID) else row.id
    return made
