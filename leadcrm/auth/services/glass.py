"""Break-glass: an admin looks into one company, with a reason, for a quarter of an hour to an hour, changing nothing.

Nothing changes about the admin: the session that asked is loaded with another viewer (services/viewers.py) until it is
stopped or its time is over. The company's managers hear of it at both ends, and may stop it.
"""

from datetime import timedelta
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Uuid, func, literal, select

from leadcrm.auth.models.glass import BrokenGlass, Minutes
from leadcrm.auth.models.people import Company, User
from leadcrm.auth.permissions import Role
from leadcrm.auth.services.viewers import SignedIn
from leadcrm.core import audit, outbox
from leadcrm.core.config import current_config
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.jobs import Rank, job
from leadcrm.core.scope import current_viewer, signed_in_viewer, viewing_as


def start(company: Company, reason: str, minutes: Minutes, reveals: bool) -> BrokenGlass:
    """For the session that asks, from its next request on. Raises Invalid."""
    admin = signed_in_viewer()
    if company.id == PLATFORM_ID or not company.active:
        raise Invalid(_("This company has no leads to look at."))
    begun = now()
    glass = BrokenGlass(
        company_id=company.id, user_id=admin.user_id, session_id=admin.session_id, name=admin.name, email=admin.email,
        reason=reason, minutes=minutes, reveals=reveals, started_at=begun,
        ends_at=begun + timedelta(minutes=int(minutes)),
    )
    session.add(glass)
    session.flush()
    audit.note("glass broken", glass, minutes=int(minutes))
    if reveals:
        audit.note("glass broken: may reveal", glass)
    tell_managers(glass)
    return glass


def stop(ident: UUID) -> bool:
    """By who broke it or a manager of the company, who is asked as they are and not as they look."""
    viewer = signed_in_viewer()
    own = viewer.behind if isinstance(viewer, SignedIn) and viewer.behind else viewer
    with viewing_as(own):
        if not session.scalar(select(func.auth_end_glass(literal(ident, Uuid())))):
            return False
        _tell_ended(ident)
        session.flush()
    return True


def _tell_ended(ident: UUID) -> None:
    glass: BrokenGlass = session.scalars(
        select(BrokenGlass).where(BrokenGlass.id == ident).execution_options(populate_existing=True)
    ).one()
    audit.note("glass mended", glass)
    tell_managers(glass)


def tell_managers(glass: BrokenGlass) -> None:
    """In both languages: which of them somebody else reads is theirs to know."""
    company = current_viewer().company_id or glass.company_id
    managers = select(User).where(User.company_id == glass.company_id, User.role == Role.MANAGER, User.active)
    for manager in session.scalars(managers).all():
        subject, body = in_both_languages(glass, manager.name)
        outbox.send(manager.email, subject, body, company_id=company)


def in_both_languages(glass: BrokenGlass, name: str) -> tuple[str, str]:
    with force_locale("nl"):
        subject, body = mail_about(glass, name)
    with force_locale("en"):
        english, english_body = mail_about(glass, name)
    return f"{subject} / {english}", f"{body}\n\n{english_body}"


def mail_about(glass: BrokenGlass, name: str) -> tuple[str, str]:
    """Subject and body, in the current language."""
    show = Moment().show
    hello = _("Hello %(name)s,", name=name)
    if glass.ended_at:
        subject = _("Emergency access to your leads has ended")
        text = _("The emergency access of %(who)s to your company ended at %(moment)s.", who=glass.name,
                 moment=show(glass.ended_at))  # fmt: skip
    else:
        subject = _("Emergency access to your leads")
        text = _("%(who)s (%(email)s), who administers leadcrm, looks at the leads of your company until %(moment)s at "
                 "the latest, and can change nothing.", who=glass.name, email=glass.email, moment=show(glass.ends_at))
    why = _("The reason given: %(reason)s", reason=glass.reason)
    where = _("Every page that is opened is in the audit trail. You see and stop it here:")
    return subject, f"{hello}\n\n{text}\n\n{why}\n\n{where}\n{current_config().base_url}/admin/break-glass\n"


@job(
    queue="maintenance", cron="* * * * *", rank=Rank.CLOCK,
    reason="the managers of every company hear when emergency access has ended",
)
def close_glass() -> None:
    """What ran out, or whose session ended. That it has ended needs no job: every request asks the time."""
    closed = func.auth_close_glass().table_valued("id")
    for ident in session.scalars(select(closed.c.id)).all():
        _tell_ended(ident)
