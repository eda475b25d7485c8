"""One-time links to set a password with: for who is invited, and for who forgot. They never skip the second factor."""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from leadcrm.auth.events import password_changed
from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import admission, doors, passwords, sessions
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit
from leadcrm.core.db import session
from leadcrm.core.scope import viewing_as

HOURS = 24


class DeadLink(Exception):
    """It was used, replaced, is too old, or came from an address that is not permitted; who asks learns none of it."""

    def __init__(self, reason: Reason, link: Any = None):
        self.reason, self.link = reason, link
        super().__init__(reason)


class AddressInUse(Exception):
    """The address already signs somebody in, at another company."""


def make(user: Any) -> str:
    """The token of a fresh link; older ones stop working. The viewer must manage the user."""
    token = sessions.new_token()
    if not doors.make_link(session, user.id, sessions.hash_of(token), HOURS):
        raise PermissionError(f"no link for {user.id}")
    audit.note("password link made", user)
    return token


def read(token: str, visitor: Visitor) -> Any:
    """Whose link it is: email, name, company_name, first. Raises DeadLink, also where its owner may not come from."""
    with viewing_as(None):
        found = doors.read_link(session, _hash(token))
        admitted = admission.admits(found, visitor)
    if found is None:
        raise DeadLink(Reason.BAD_LINK)
    if not admitted:
        raise DeadLink(Reason.ADDRESS, found)
    return found


def use(token: str, password: str, visitor: Visitor) -> UUID:
    """Burn the link and set the password; every session of the user ends."""
    link, new_hash = read(token, visitor), passwords.hashed(password)
    try:
        with viewing_as(None):
            person = doors.use_link(session, _hash(token), new_hash)
    except IntegrityError as error:
        session.rollback()
        raise AddressInUse from error
    if person is None:
        raise DeadLink(Reason.BAD_LINK)
    audit.note("password set by link", company_id=link.company_id, subject="auth_user", user=str(person))
    password_changed.send(person, company_id=link.company_id, first=link.first)
    return person


def _hash(token: str) -> bytes:
    return sessions.hash_of(token[:sessions.LONGEST_TOKEN])


def mail_about(first: bool, name: str, address: str) -> tuple[str, str]:
    """Subject and body, in the current language."""
    subject = _("Your account of leadcrm") if first else _("A new password for leadcrm")
    reason = _("An account was made for you.") if first else _("A new password was asked for your account.")
    body = _("Hello %(name)s,", name=name) + "\n\n" + reason + " "
    body += _("Choose your password with this link. It works once, for 24 hours.")
    return subject, f"{body}\n\n{address}\n"
