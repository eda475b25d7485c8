"""The password was right and the second step never came: perhaps somebody else knows the password. That is an alarm."""

from collections import defaultdict
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from leadcrm.auth.events import second_factor_unfinished
from leadcrm.auth.models.failures import Reason
from leadcrm.auth.services import failures, sessions
from leadcrm.auth.services.factors import doors
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core import outbox
from leadcrm.core.db import session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.jobs import Rank, job
from leadcrm.core.scope import viewing_as


def expect(token: str, visitor: Visitor) -> None:
    """From now on a second factor is awaited for this half session."""
    with viewing_as(None):
        doors.expect_factor(session, sessions.hash_of(token), visitor.address[:45], visitor.printable)


@job(
    queue="mail", cron="* * * * *", rank=Rank.CLOCK,
    reason="whoever's second step did not come must hear of it, in every company",
)
def report_unfinished() -> None:
    """Each once: three minutes after the password; half an hour where a factor was to be set up for the first time."""
    of_person: dict[Any, list[Any]] = defaultdict(list)
    for late in doors.take_unfinished(session):
        failures.record(Reason.INCOMPLETE, late.email, Visitor(late.address, late.user_agent), late)
        second_factor_unfinished.send(late.user_id, company_id=late.company_id, address=late.address)
        of_person[late.user_id].append(late)
    for attempts in of_person.values():
        _warn(attempts)


def _warn(attempts: list[Any]) -> None:
    """One mail, however many there were at once; the newest is described."""
    newest = attempts[-1]
    with force_locale(newest.language):
        body = _("Hello %(name)s,", name=newest.name) + "\n\n" + _(
            "Somebody gave your password at %(when)s from %(address)s (%(device)s), but not the second step.",
            when=Moment().show(newest.began_at), address=newest.address,
            device=Visitor(newest.address, newest.user_agent).device,
        ) + "\n\n" + _("Was it you? Then there is nothing to do. Was it not? Then somebody knows your password: change "
                       "it at once, and tell your company manager or administrator.")
        subject = _("Your password was used, the second step was not")
        outbox.send(newest.email, subject, body + "\n", newest.company_id)
