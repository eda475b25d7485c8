"""Sessions in the database. The cookie holds a random token, new at each level; only its hash is kept."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from leadcrm.auth.events import signed_in
from leadcrm.auth.models.people import Company, User
from leadcrm.auth.services import doors
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit
from leadcrm.core.config import current_config
from leadcrm.core.db import journal, session
from leadcrm.core.jobs import Rank, job
from leadcrm.core.scope import current_viewer, refuse_unseen, signed_in_viewer, viewing_as

FULL = 2  # the level of a session to which nothing more is asked
TOKEN_BYTES = 32
LONGEST_TOKEN = 64
FORGOTTEN_AT_ONCE = 5_000


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> bytes:
    return sha256(token.encode()).digest()


def times() -> dict[str, timedelta]:
    """What auth_open_session() measures a session by; see doors.TIMES. Admins' sessions are the shorter ones."""
    config = current_config()
    idle, longest = timedelta(minutes=config.session_idle_minutes), timedelta(hours=config.session_hours)
    return {
        "idle": idle, "longest": longest,
        "admin_idle": min(idle, timedelta(minutes=config.admin_idle_minutes)),
        "admin_longest": min(longest, timedelta(hours=config.admin_session_hours)),
        "turn": timedelta(minutes=config.session_turn_minutes), "grace": grace(),
    }


def grace() -> timedelta:
    return timedelta(seconds=current_config().session_grace_seconds)


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


def turned(id_hash: bytes) -> str | None:
    """The token that replaces the one of this hash; None when another request did that, or the session ended.

    In a transaction of its own: what the request did may be refused, but its answer carries the token.
    """
    token = new_token()
    with viewing_as(None), journal() as own:
        done = doors.turn_session(own, id_hash, hash_of(token), grace())
    return token if done else None


def note_sign_in(account: Any) -> None:
    """Somebody is in, with everything that is asked."""
    audit.note("signed in", company_id=account.company_id, subject="auth_user", user=str(account.user_id))
    signed_in.send(account.user_id, company_id=account.company_id)


def end(id_hash: bytes) -> None:
    doors.end_session(session, id_hash)


def mine() -> list[Any]:
    return of_user(signed_in_viewer().user_id)


def of_user(user_id: UUID) -> list[Any]:
    """Where somebody is signed in; nothing for who may not know."""
    measured = times()
    return doors.sessions_of(session, user_id, measured["idle"], measured["admin_idle"])


def end_mine(ident: UUID) -> bool:
    viewer = signed_in_viewer()
    ended = doors.end_sessions(session, viewer.user_id, only=ident)
    if ended:
        audit.note("session ended", company_id=viewer.company_id, subject="auth_session", session=str(ident))
    return ended == 1


def end_my_others() -> int:
    viewer = signed_in_viewer()
    ended = doors.end_sessions(session, viewer.user_id, but=viewer.session_id)
    audit.note("signed out elsewhere", company_id=viewer.company_id, subject="auth_session", sessions=ended)
    return ended


def end_one_of(user: User, ident: UUID) -> bool:
    """For who manages the user."""
    ended = doors.end_sessions(session, user.id, only=ident)
    if ended:
        audit.note("session ended by another", user, session=str(ident))
    return ended == 1


def end_everywhere(user: User) -> int:
    """For maintenance: `leadcrm user sign-out`."""
    ended = doors.end_sessions(session, user.id)
    audit.note("signed out by maintenance", user, sessions=ended)
    return ended


def end_company(company: Company) -> int:
    """Everybody of a company is out at once, but for who does it. For the platform's staff, and maintenance.

    Raises OutOfScope for others, before anything is noted.
    """
    refuse_unseen(session, [company])
    viewer = current_viewer()
    ended = doors.end_company_sessions(session, company.id, getattr(viewer, "session_id", None))
    audit.note("company signed out", company, sessions=ended)
    return ended


@job(
    queue="maintenance", cron="4 3 * * *", rank=Rank.UPKEEP,
    reason="sessions of every company are forgotten a month after they ended",
)
def forget_old_sessions() -> bool:
    return doors.forget_sessions(session, FORGOTTEN_AT_ONCE) == FORGOTTEN_AT_ONCE
