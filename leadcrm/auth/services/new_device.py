"""Telling somebody that they, or somebody else, signed in on a device that was never seen; and ending everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadcrm.auth.services import device_doors
from leadcrm.auth.services.sessions import LONGEST_TOKEN, hash_of
from leadcrm.auth.services.visitors import Visitor, in_words
from leadcrm.core import audit, notices, outbox
from leadcrm.core.config import current_config
from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE, Moment, shown_date
from leadcrm.core.fields.language import speaking
from leadcrm.core.scope import Scope, Viewer, viewing_as

PAGE = "/auth/not-me/"


class DeadNotice(Exception):
    """The link in a notice was used, its device was forgotten, or it is too old."""


def on_behalf_of(company_id: UUID, user_id: UUID) -> Viewer:
    """Somebody on the way in, as whom we may write to them and see nothing."""
    return Viewer(Scope.NONE, company_id, user_id)


@contextmanager
def in_language_of(whose: Any) -> Iterator[None]:
    """What is written to somebody is in the language they chose, else in that of the installation."""
    language = whose.language or current_config().language
    with force_locale(language), speaking(language):
        yield


def when() -> str:
    """Mail is read later: never `today`."""
    instant = now()
    return f"{shown_date(instant.astimezone(OFFICE))}, {Moment().show(instant).rpartition(' ')[2]}"


def tell(whose: Any, visitor: Visitor, token: str) -> None:
    """By mail, in the transaction of the sign-in. `whose` has company_id, user_id, email, name and language."""
    with viewing_as(on_behalf_of(whose.company_id, whose.user_id)), in_language_of(whose):
        outbox.send(whose.email, _("Signed in on a new device"), _letter(whose.name, visitor, token))
    audit.note("new device", company_id=whose.company_id, subject="auth_user", user=str(whose.user_id))


def _letter(name: str, visitor: Visitor, token: str) -> str:
    parts = [
        _("Hello %(name)s,", name=name),
        _("Your account of leadcrm was used to sign in on a device that we had not seen before."),
        "\n".join([
            _("Time: %(time)s", time=when()),
            _("Device: %(device)s", device=in_words(visitor.device)),
            _("Network: %(network)s", network=visitor.prefix),
        ]),
        _("Was this you? Then you need not do anything."),
        _("Was it not you? Then somebody else has your password. Open this page and end everything: every device is "
          "signed out and the password stops working. The page works for 30 days."),
        current_config().base_url + PAGE + token,
        _("Tell your company manager as well."),
    ]
    return "\n\n".join(parts) + "\n"


def read(token: str) -> Any:
    """Whose notice it is, and about which device. Raises DeadNotice."""
    with viewing_as(None):
        found = device_doors.read_notice(session, hash_of(token[:LONGEST_TOKEN]))
    if found is None:
        raise DeadNotice
    return found


def end_everything(token: str) -> None:
    """Every session ends, every device is forgotten, the password stops working; managers hear of it."""
    notice = read(token)
    with viewing_as(None):
        ended = device_doors.end_everything(session, hash_of(token[:LONGEST_TOKEN]))
    if ended is None:
        raise DeadNotice
    audit.note("everything ended by its owner", company_id=notice.company_id, subject="auth_user",
               user=str(notice.user_id), sessions=ended)
    told = _l("Somebody says that another person signed in with their account. Their devices are signed out and their "
              "password no longer works.")
    with viewing_as(on_behalf_of(notice.company_id, notice.user_id)):
        notices.alert("not me", notice.company_id, told, url=f"/admin/users/{notice.user_id}",
                      about=str(notice.user_id))
