"""How a source delivers: opening it, its keys. For managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from leadcrm.core import audit
from leadcrm.core.db import now, session
from leadcrm.core.scope import signed_in_viewer
from leadcrm.intake.models.inlet import Inlet, Key
from leadcrm.intake.services import secrets
from leadcrm.leads.models.source import Source

MOST_KEYS = 50  # of a source, revoked ones too


@dataclass(frozen=True)
class Listed:
    """A source of the company, with its inlet when it has one."""

    source: Source
    inlet: Inlet | None
    keys: int


def open_inlet(source_id: UUID) -> Inlet:
    """The inlet of a source; made when it has none."""
    inlet = inlet_of(source_id)
    if inlet is None:
        inlet = Inlet(company_id=signed_in_viewer().company_id, source_id=source_id)
        session.add(inlet)
        session.flush()
    return inlet


def inlet_of(source_id: UUID) -> Inlet | None:
    found: Inlet | None = session.scalars(select(Inlet).where(Inlet.source_id == source_id)).one_or_none()
    return found


def listed() -> list[Listed]:
    its_inlet = (Inlet.company_id == Source.company_id) & (Inlet.source_id == Source.id)
    asked = select(Source, Inlet).outerjoin(Inlet, its_inlet)
    live: dict[UUID, int] = {}
    for inlet_id in session.scalars(select(Key.inlet_id).where(Key.revoked_at.is_(None))):
        live[inlet_id] = live.get(inlet_id, 0) + 1
    rows: Sequence[Any] = session.execute(asked.order_by(Source.active.desc(), Source.name)).all()
    return [Listed(source, inlet, live.get(inlet.id, 0) if inlet is not None else 0) for source, inlet in rows]


def keys_of(inlet: Inlet) -> Sequence[Key]:
    """Live ones first, the newest first."""
    asked = select(Key).where(Key.inlet_id == inlet.id)
    return session.scalars(
        asked.order_by(Key.revoked_at.desc().nulls_first(), Key.created_at.desc()).limit(MOST_KEYS)
    ).all()


def make_key(inlet: Inlet, name: str) -> tuple[Key, str]:
    """The row, and the secret itself: now, and never again."""
    secret = secrets.new_key()
    key = Key(
        company_id=inlet.company_id, inlet_id=inlet.id, name=name, key_hash=secrets.hash_of(secret), ending=secret[-4:],
        by_id=signed_in_viewer().user_id,
    )  # fmt: skip
    session.add(key)
    audit.note("intake.key made", key, inlet=str(inlet.id))
    return key, secret


def revoke(key: Key) -> bool:
    """From the next request on nothing comes in with it."""
    if key.revoked_at is not None:
        return False
    key.revoked_at = now()
    return True
