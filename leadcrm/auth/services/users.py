"""What managers and admins do with users. Nobody gives what they do not have, and nobody changes their own rights."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from leadcrm.auth.models.people import Company, Grant, User
from leadcrm.auth.permissions import Role
from leadcrm.auth.services import doors, links
from leadcrm.core import audit
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.plugin import permissions_of, plugins
from leadcrm.core.scope import Viewer, current_viewer


@dataclass(frozen=True)
class Right:
    """One permission as the screen shows it."""

    permission: str
    label: str
    by_role: bool
    granted: bool
    grantable: bool


def me() -> Viewer | None:
    viewer = current_viewer()
    return viewer if isinstance(viewer, Viewer) else None


def roles_for(company_id: UUID) -> list[Role]:
    """Admins are of the platform, and the platform has only admins."""
    return [Role.ADMIN] if company_id == PLATFORM_ID else [Role.AGENT, Role.MANAGER]


def invite(company_id: UUID, name: str, email: str, role: Role) -> tuple[User, str]:
    """A user who can join with the link of the returned token. Raises Invalid."""
    if role not in roles_for(company_id):
        raise Invalid(_("This role does not exist in this company."))
    if session.scalar(select(User.id).where(User.company_id == company_id, User.email == email)):
        raise Invalid(_("Your company has a user with this address already."))
    user = User(company_id=company_id, name=name, email=email, role=role, active=True, invited_at=now())
    session.add(user)
    session.flush()
    return user, links.make(user)


def change(user: User, *, name: str, role: Role, active: bool) -> None:
    """Takes effect at the user's next request. Raises Invalid."""
    _refuse_own(user, changed=role != user.role or active != user.active)
    if role not in roles_for(user.company_id):
        raise Invalid(_("This role does not exist in this company."))
    stops = user.active and not active
    user.name, user.role, user.active = name, role, active
    if stops:
        session.flush()
        doors.end_sessions(session, user.id)


def _refuse_own(user: User, changed: bool = True) -> None:
    viewer = me()
    if changed and viewer is not None and viewer.user_id == user.id:
        raise Invalid(_("You cannot change your own role, rights or access. Ask a colleague who may."))


def rights_of(user: User) -> list[Right]:
    """Every permission there is, with what this user has of it and whether the viewer may give it."""
    granted = set(session.scalars(select(Grant.permission).where(Grant.user_id == user.id)))
    by_role, viewer = permissions_of(user.role), me()
    return [
        Right(str(permission), label_of(permission), permission in by_role, permission in granted,
              viewer is None or viewer.can(permission))
        for plugin in plugins() for permission in plugin.permissions or ()
    ]


def label_of(permission: str) -> str:
    label: LazyString | str = getattr(permission, "label", permission)
    return str(label)


def set_rights(user: User, wanted: Iterable[str]) -> None:
    """Extra rights on top of the role's. Only those that the viewer has are touched; the rest stays. Raises Invalid."""
    wanted = set(wanted)
    rights = {right.permission: right for right in rights_of(user)}
    forbidden = {name for name in wanted if name not in rights or not (rights[name].grantable or rights[name].granted)}
    if forbidden:
        raise Invalid(_("You cannot give a right that you do not have yourself."))
    add = {name for name in wanted if not rights[name].granted and not rights[name].by_role}
    remove = {name for name, right in rights.items() if right.granted and right.grantable and name not in wanted}
    _refuse_own(user, changed=bool(add or remove))
    _apply(user, add, remove)


def _apply(user: User, add: set[str], remove: set[str]) -> None:
    viewer = me()
    by = viewer.user_id if viewer else None
    session.add_all(
        Grant(company_id=user.company_id, user_id=user.id, permission=name, granted_by=by) for name in sorted(add)
    )
    gone = select(Grant).where(Grant.user_id == user.id, Grant.permission.in_(remove))
    for grant in session.scalars(gone).all() if remove else ():
        session.delete(grant)


def sign_out_everywhere(user: User) -> int:
    ended = doors.end_sessions(session, user.id)
    audit.note("signed out by another", user, sessions=ended)
    return ended


def password_link(user: User) -> str:
    """The token of a link to choose a password with. Not for oneself: a borrowed browser must know the old one."""
    _refuse_own(user)
    return links.make(user)


def reset_second_factor(user: User) -> bool:
    """For a lost telephone: the user sets up a new one at the next sign-in. Raises Invalid for oneself."""
    _refuse_own(user)
    done = doors.reset_totp(session, user.id)
    if done:
        audit.note("second factor reset", user)
    return done


def company_of(user: User) -> Company:
    found: Company = session.scalars(select(Company).where(Company.id == user.company_id)).one()
    return found
