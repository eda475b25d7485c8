"""Browsers that somebody signed in with completely: known by a cookie, kept for a year.

A browser keeps one token for each person. A token is always made here and never taken over from the cookie: one that
somebody planted in a browser becomes nobody's device.
"""

from typing import Any
from uuid import UUID

from leadcrm.auth.models.people import User
from leadcrm.auth.services import device_doors, new_device
from leadcrm.auth.services.sessions import hash_of, new_token
from leadcrm.auth.services.visitors import PEOPLE_OF_A_BROWSER, Visitor
from leadcrm.core import audit
from leadcrm.core.db import journal, session
from leadcrm.core.scope import refuse_unseen, signed_in_viewer, viewing_as

COOKIE = "__Host-leadcrm-device"


def is_known(user_id: UUID, request: Any) -> bool:
    """Whether this person signed in completely with the browser of this request before."""
    return known_as(user_id, Visitor("", "", request.cookies.get(COOKIE, ""))) is not None


def known_as(user_id: UUID, visitor: Visitor) -> bytes | None:
    """The hash by which this browser is known to be one of this person's."""
    hashes = [hash_of(token) for token in visitor.device_tokens]
    if not hashes:
        return None
    with viewing_as(None), journal() as own:
        return device_doors.known(own, user_id, hashes)


def remember(session_hash: bytes, visitor: Visitor) -> str:
    """What the device's cookie holds from now on. A device that was never seen for this person is told to them."""
    held, fresh, notice = {hash_of(token): token for token in visitor.device_tokens}, new_token(), new_token()
    with viewing_as(None):
        whose = device_doors.remember(
            session, session_hash, list(held), hash_of(fresh), visitor.device[:120], visitor.prefix, hash_of(notice)
        )
    if whose is None:
        return visitor.device_cookie
    if whose.fresh:
        new_device.tell(whose, visitor, notice)
    mine = held.pop(bytes(whose.token_hash), fresh)
    return ".".join([mine, *held.values()][:PEOPLE_OF_A_BROWSER])


def mine() -> list[Any]:
    return of_user(signed_in_viewer().user_id)


def of_user(user_id: UUID) -> list[Any]:
    return device_doors.devices_of(session, user_id)


def forget_mine(ident: UUID) -> bool:
    """It is known no more, and whoever is signed in on it is out."""
    viewer = signed_in_viewer()
    gone = device_doors.forget(session, viewer.user_id, ident)
    if gone:
        audit.note("device forgotten", company_id=viewer.company_id, subject="auth_device", device=str(ident))
    return gone == 1


def forget_all_of(user: User) -> int:
    """For who manages the user. Raises OutOfScope for others, before anything is noted."""
    refuse_unseen(session, [user])
    gone = device_doors.forget(session, user.id, None)
    audit.note("devices forgotten by another", user, devices=gone)
    return gone
