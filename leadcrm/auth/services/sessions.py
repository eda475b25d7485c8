"""Sessions in the database. The cookie holds a random token, new at each level; only its hash is kept."""

import secrets
from hashlib import sha256
from typing import Any
from uuid import UUID

from leadcrm.auth.events import signed_in
from leadcrm.auth.services import doors
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit
from leadcrm.core.config import current_config
from leadcrm.core.db import session
from leadcrm.core.jobs import job
from leadcrm.core.scope import signed_in_viewer, viewing_as

FULL = 2  # the level of a session to which nothing more is asked
TOKEN_BYTES = 32
LONGEST_TOKEN = 64


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> bytes:
    return sha256(token.encode()).digest()


def idle_seconds() -> int:
    return current_config().session_idle_minutes * 60


def start(user_id: UUID, visitor: Visitor) -> tuple[str, int] | None:
    """(token, level) for who has just given the right password. None when they may not enter after all."""
    token = new_token()
    with viewing_as(None):
        level = doors.start_session(
            session, user_id, hash_of(token), current_config().session_hours, visitor.prefix, visitor.device[:120],
            visitor.agent_hash,
        )
    return None if level is None else (token, level)


def raised(id_hash: bytes) -> str | None:
    """The token of the full session that replaces a half one; None when that was done or ended already."""
    token = new_token()
    with viewing_as(None):
        done = doors.raise_session(session, id_hash, hash_of(token), current_config().session_hours)
    return token if done else None


def note_sign_in(account: Any) -> None:
    """Somebody is in, with everything that is asked."""
    audit.note("signed in", company_id=account.company_id, subject="auth_user", user=str(account.user_id))
    signed_in.send(account.user_id, company_id=account.company_id)


def end(id_hash: bytes) -> None:
    doors.end_session(session, id_hash)


def mine() -> list[Any]:
    return doors.sessions_of(session, signed_in_viewer().user_id, idle_seconds())


def end_mine(ident: UUID) -> bool:
    return doors.end_sessions(session, signed_in_viewer().user_id, only=ident) == 1


def end_my_others() -> int:
    viewer = signed_in_viewer()
    ended = doors.end_sessions(session, viewer.user_id, but=viewer.session_id)
    audit.note("signed out elsewhere", company_id=viewer.company_id, subject="auth_session", sessions=ended)
    return ended


@job(queue="maintenance", cron="17 3 * * *", reason="sessions of every company are forgotten a month after they ended")
def forget_old_sessions() -> None:
    doors.forget_sessions(session)
