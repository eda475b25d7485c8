"""What managers and admins do with users. Nobody gives what they do not have, and nobody changes their own rights."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import Company, Grant, User
from leadcrm.auth.permissions import LONGEST_AUDIT_DAYS, Role
from leadcrm.auth.services import doors, links
from leadcrm.core import audit
from leadcrm.core.claims import claiming
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Scope, Viewer, current_viewer, refuse_unseen


def me() -> Viewer | None:
    viewer = current_viewer()
    return viewer if isinstance(viewer, Viewer) else None


def roles_for(company_id: UUID) -> list[Role]:
    """Admins are of the platform, and the platform has only admins."""
    return [Role.ADMIN] if company_id == PLATFORM_ID else [Role.AGENT, Role.MANAGER, Role.AUDITOR]


def invite(
    company_id: UUID, name: str, email: str, role: Role, starts_on: date | None = None, ends_on: date | None = None
) -> tuple[User, str]:
    """A user who can join with the link of the returned token. Raises Invalid."""
    user = User(company_id=company_id, name=name, email=email, role=role, active=True, invited_at=now(),
                starts_on=starts_on, ends_on=ends_on)  # fmt: skip
    refuse_unfit(user)
    with claiming({"uq_auth_user_company_id_email": _("Your company has a user with this address already.")}):
        session.add(user)
    return user, links.make(user)


def refuse_unfit(user: User) -> None:
    """A role belongs to a sort of company, and an audit ends."""
    if user.role not in roles_for(user.company_id):
        raise Misfit("role", _("This role does not exist in this company."))
    if user.role == Role.AUDITOR:
        user.starts_on = user.starts_on or today()
        if user.ends_on is None:
            raise Misfit("ends_on", _("Until when? The access of an auditor ends by itself."))
        if user.ends_on - user.starts_on > timedelta(days=LONGEST_AUDIT_DAYS):
            raise Misfit("ends_on", _("This is longer than a year. Give access anew when the audit lasts longer."))
    if user.starts_on and user.ends_on and user.ends_on < user.starts_on:
        raise Misfit("ends_on", _("This is before the first day."))


def today() -> date:
    return datetime.now(OFFICE).date()


class Misfit(Invalid):
    """What is wrong with one field of a user."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name = name


def change(user: User, **values: Any) -> None:
    """Name, role, days of access, or whether they may enter at all; from the user's next request on. Raises Invalid."""
    values = {name: value for name, value in values.items() if getattr(user, name) != value}
    refuse_own(user, changed=bool(values.keys() - {"name"}))
    if "role" in values:
        refuse_fellow_manager(user, _("Only an administrator of the platform takes this role from a manager."))
    stops = values.get("active") is False
    last = _("This is the last administrator. Somebody must remain who administers.")
    with claiming({"ck_auth_user_last_admin": last}):
        for name, value in values.items():
            setattr(user, name, value)
        with session.no_autoflush:
            refuse_unfit(user)
    if "role" in values:
        revoke_unfit(user)
    if stops:
        doors.end_sessions(session, user.id)


def revoke_unfit(user: User) -> None:
    """With another role an extra right may mean something else: all are given anew, by who may."""
    for grant in session.scalars(select(Grant).where(Grant.user_id == user.id)).all():
        session.delete(grant)


def refuse_fellow_manager(user: User, message: str) -> None:
    """Two managers are each other's witness: with a link or a fresh second factor one could become the other."""
    viewer = me()
    managers = viewer is not None and viewer.scope == Scope.COMPANY and user.role == Role.MANAGER
    if managers and user.joined_at is not None:
        raise Invalid(message)


def refuse_own(user: User, changed: bool = True) -> None:
    viewer = me()
    if changed and viewer is not None and viewer.user_id == user.id:
        raise Invalid(_("You cannot change your own role, rights or access. Ask a colleague who may."))


def sign_out_everywhere(user: User) -> int:
    """For who manages the user. Raises OutOfScope for others, before anything is noted."""
    refuse_unseen(session, [user])
    ended = doors.end_sessions(session, user.id)
    audit.note("signed out by another", user, sessions=ended)
    return ended


def password_link(user: User) -> str:
    """The token of a link to choose a password with. Not for oneself: a borrowed browser must know the old one."""
    refuse_own(user)
    refuse_fellow_manager(user, _("Only an administrator of the platform helps a manager back in."))
    return links.make(user)


def reset_second_factor(user: User) -> bool:
    """For a lost telephone: the user sets up a new one at the next sign-in. Raises Invalid for oneself."""
    refuse_own(user)
    refuse_fellow_manager(user, _("Only an administrator of the platform helps a manager back in."))
    done = doors.reset_totp(session, user.id)
    if done:
        audit.note("second factor reset", user)
    return done


def company_of(user: User) -> Company:
    found: Company = session.scalars(select(Company).where(Company.id == user.company_id)).one()
    return found
