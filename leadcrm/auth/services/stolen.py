"""A token that came back after it was replaced: two browsers hold one session, so the cookie was copied."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import doors, failures
from leadcrm.auth.services.new_device import in_language_of, on_behalf_of, when
from leadcrm.auth.services.visitors import Visitor, in_words
from leadcrm.core import audit, notices, outbox
from leadcrm.core.aside import aside
from leadcrm.core.config import current_config
from leadcrm.core.db import journal
from leadcrm.core.scope import viewing_as


def end_and_report(id_hash: bytes, visitor: Visitor) -> None:
    """The session ends for both who hold it, and once it is told: to its owner, in the trail, to managers."""
    with viewing_as(None), journal() as own:
        whose = doors.end_spent(own, id_hash)
    if whose is None:
        return
    failures.record(Reason.STOLEN_COOKIE, whose.email, visitor, whose)
    with aside(on_behalf_of(whose.company_id, whose.user_id)):
        audit.note("copied cookie", company_id=whose.company_id, subject="auth_session",
                   session=str(whose.session_id), user=str(whose.user_id))
        with in_language_of(whose):
            outbox.send(whose.email, _("You were signed out: somebody may have copied your session"),
                        _letter(whose, visitor))
        told = _l("A session was used with a token that had been replaced: somebody may have copied a cookie. The "
                  "session was ended.")
        notices.alert("copied cookie", whose.company_id, told, url=f"/admin/users/{whose.user_id}",
                      about=str(whose.user_id))


def _letter(whose: Any, visitor: Visitor) -> str:
    parts = [
        _("Hello %(name)s,", name=whose.name),
        _("Your session of leadcrm was used from two places at once, which happens when somebody copies a cookie. We "
          "signed it out everywhere."),
        "\n".join([
            _("Time: %(time)s", time=when()),
            _("Your session: %(device)s, %(network)s", device=in_words(whose.user_agent),
              network=whose.address_prefix),
            _("The other one: %(device)s, %(network)s", device=in_words(visitor.device), network=visitor.prefix),
        ]),
        _("Sign in again, sign out every device that you do not know, and tell your company manager."),
        current_config().base_url + "/auth/account#devices",
    ]
    return "\n\n".join(parts) + "\n"
