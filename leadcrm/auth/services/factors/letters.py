"""Mail to somebody about their own second factors: whoever holds the account must hear when something changed."""

from collections.abc import Callable
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from leadcrm.auth.services.viewers import viewer_of
from leadcrm.core import notices, outbox
from leadcrm.core.db import journal
from leadcrm.core.jobs import defer, job
from leadcrm.core.scope import Viewer, signed_in_viewer, viewing_as


def passkey_added(state: Any) -> None:
    _write(state, lambda: _("A passkey was added to your account"), lambda: _(
        "From now on you can also sign in with it."
    ))


def app_confirmed(state: Any) -> None:
    _write(state, lambda: _("An app for codes was set up for your account"), lambda: _(
        "Codes of an app that you used before no longer work."
    ))


def factor_removed(state: Any) -> None:
    _write(state, lambda: _("A second step was removed from your account"), lambda: _(
        "You cannot sign in with it any more."
    ))


def passkey_copied(state: Any) -> None:
    """Survives the refused request: the mail is a job, queued in a transaction of its own."""
    person = viewer_of(state.company_id, state.user_id)
    told = lazy("A passkey was refused because its counter went back: there may be a copy of it.")
    with viewing_as(person), journal() as own:
        defer(tell_of_copied_passkey, on=own)
        address = f"/admin/users/{state.user_id}"
        notices.alert("copied_passkey", state.company_id, told, url=address, about=str(state.user_id), on=own)


@job(queue="mail")
def tell_of_copied_passkey() -> None:
    _write_to(signed_in_viewer(), lambda: _("A passkey of your account was refused"), lambda: _(
        "Its counter went back. That happens when a passkey was copied. Remove it and make a new one."
    ))


def codes_made(state: Any) -> None:
    _write(state, lambda: _("New recovery codes for your account"), lambda: _("Codes that you had before are void."))


def code_used(state: Any, left: int) -> None:
    _write(state, lambda: _("Somebody signed in with a recovery code of yours"), lambda: _(
        "There are %(left)s codes left. Make a new set when there are few.", left=left
    ))


def _write(state: Any, subject: Callable[[], str], what: Callable[[], str]) -> None:
    """As that person: who is half signed in writes nothing."""
    person = viewer_of(state.company_id, state.user_id)
    if person is not None:
        with viewing_as(person):
            _write_to(person, subject, what)


def _write_to(person: Viewer, subject: Callable[[], str], what: Callable[[], str]) -> None:
    """In the person's own language."""
    with force_locale(person.language or "nl"):
        body = _("Hello %(name)s,", name=person.name) + "\n\n" + subject() + ". " + what() + "\n\n"
        body += _("Was it not you? Tell your company manager or administrator at once, and change your password.")
        outbox.send(person.email, subject(), body + "\n", person.company_id)
