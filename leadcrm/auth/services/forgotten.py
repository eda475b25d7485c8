"""Forgotten passwords. Whoever asks gets one answer, after the same work: a worker finds out whose account it is.

The request only seals the address and queues; nothing in it depends on what exists.
"""

from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _

from leadcrm.auth.services import attempts, doors, failures, password_doors, sessions
from leadcrm.auth.services.new_device import in_language_of, on_behalf_of, when
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import audit, outbox
from leadcrm.core.config import current_config
from leadcrm.core.crypto import Place, keyring
from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.fields.language import current_language
from leadcrm.core.jobs import defer, job
from leadcrm.core.scope import NOBODY, viewing_as

MINUTES = 30
PAGE = "/auth/set-password/"


def ask(address: str, visitor: Visitor) -> None:
    """Raises TooManyAttempts, which counts by what was typed and so tells nothing either."""
    attempts.reserve(attempts.for_reset(f"{failures.fingerprint(address):x}", visitor))
    ident = uuid4()
    box = keyring().seal(address.encode(), _place(ident))
    with viewing_as(NOBODY):
        password_doors.ask_reset(session, ident, box, current_language())
        defer(answer, ident)


def _place(ident: UUID) -> Place:
    return Place("auth_forgotten", "sealed", PLATFORM_ID, ident)


@job(queue="mail", retries=3, reason="who asks for a new password has no company yet")
def answer(ident: str) -> None:
    """The link, by mail, when there is an account that may sign in; else nothing at all."""
    asked = password_doors.take_reset(session, UUID(ident))
    if asked is None:
        return
    address = keyring().open(bytes(asked.sealed), _place(UUID(ident))).decode()
    account = doors.find(session, address)
    whose = doors.viewer(session, account.user_id) if account is not None and account.active else None
    if whose is not None:
        _send_link(whose)


def _send_link(whose: Any) -> None:
    token = sessions.new_token()
    if not password_doors.make_reset_link(session, whose.user_id, sessions.hash_of(token), MINUTES):
        return
    with in_language_of(whose):
        outbox.send(whose.email, _("A new password for leadcrm"), _letter(whose.name, token), whose.company_id)
    audit.note("password link asked", company_id=whose.company_id, subject="auth_user", user=str(whose.user_id))


def _letter(name: str, token: str) -> str:
    return "\n\n".join([
        _("Hello %(name)s,", name=name),
        _("A new password was asked for your account. Choose it with this link. It works once, for %(minutes)s "
          "minutes.", minutes=MINUTES),
        current_config().base_url + PAGE + token,
        _("Did you not ask for this? Then you need not do anything: your password stays as it is."),
    ]) + "\n"


def tell_owner(user_id: UUID, *, company_id: UUID, first: bool = False, **_more: Any) -> None:
    """By mail, in the transaction of the change: a password was set. Not to who has just joined."""
    with viewing_as(None):
        whose = doors.viewer(session, user_id)
    if whose is None or first:
        return
    with viewing_as(on_behalf_of(company_id, user_id)), in_language_of(whose):
        outbox.send(whose.email, _("Your password was changed"), _notice(whose.name))


def _notice(name: str) -> str:
    return "\n\n".join([
        _("Hello %(name)s,", name=name),
        _("The password of your account of leadcrm was changed (%(time)s). Every other device is signed out.",
          time=when()),
        _("Was it not you? Ask for a new password at once, and tell your company manager."),
        current_config().base_url + "/auth/forgotten",
    ]) + "\n"
