"""Rights: what each means, which role has it by itself, who has it extra. Nobody gives what they do not have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from leadcrm.auth.models.people import Grant, User
from leadcrm.auth.permissions import GLASS, GLASS_REVEALING, READ_ONLY, SCOPES, Role
from leadcrm.auth.services.users import me, refuse_own, today
from leadcrm.core.db import session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.plugin import Plugin, permissions_of, plugins
from leadcrm.core.rights import PEOPLES
from leadcrm.core.scope import refuse_unseen


@dataclass(frozen=True)
class Right:
    """One permission, as it is for one user, and whether the viewer may give it."""

    permission: StrEnum
    by_role: bool
    grant: Grant | None
    held: bool  # by the viewer
    possible: bool  # some scopes refuse what it is for

    @property
    def name(self) -> str:
        return str(self.permission)

    @property
    def grantable(self) -> bool:
        return self.held and self.possible and not self.by_role

    @property
    def offered(self) -> bool:
        return self.by_role or self.possible or self.grant is not None


def label_of(permission: str) -> str:
    return str(getattr(permission, "label", permission))


def about(permission: str) -> str:
    return str(getattr(permission, "about", ""))


def title_of(plugin: Plugin) -> str:
    """As it is called in the menu, or where it stands on another page."""
    called = [item.label for item in plugin.nav] + [panel.title for panel in plugin.panels]
    return str(called[0]) if called else plugin.name.capitalize()


def possible(permission: Any, role: Role) -> bool:
    """Whether this role could do anything with it; who only looks gets nothing on top."""
    return role not in READ_ONLY and SCOPES[role] in getattr(permission, "within", PEOPLES)


def rights_of(user: User) -> list[tuple[Plugin, list[Right]]]:
    """Everything that can be said of a user's rights, by plugin."""
    grants = {grant.permission: grant for grant in session.scalars(select(Grant).where(Grant.user_id == user.id))}
    by_role, viewer = permissions_of(user.role), me()
    return [
        (plugin, [
            Right(each, each in by_role, grants.get(str(each)), viewer is None or viewer.can(each),
                  possible(each, user.role))
            for each in plugin.permissions
        ])
        for plugin in plugins() if plugin.permissions
    ]  # fmt: skip


def flat(rights: Iterable[tuple[Plugin, list[Right]]]) -> dict[str, Right]:
    return {right.name: right for _plugin, group in rights for right in group}


def set_rights(user: User, wanted: Mapping[str, date | None]) -> None:
    """Extra rights, each with its last day. Those that the viewer does not have stay as they are. Raises Invalid.

    And OutOfScope of who may not change this user, also where nothing would change. Of oneself refuse_own() says more.
    """
    viewer = me()
    if viewer is None or viewer.user_id != user.id:
        refuse_unseen(session, [user])
    rights = flat(rights_of(user))
    refuse_forged(rights, wanted)
    mine = {name: right for name, right in rights.items() if right.held and not right.by_role}
    add = {name: wanted[name] for name, right in mine.items() if name in wanted and differs(right, wanted[name])}
    gone = [right.grant for name, right in mine.items() if right.grant and (name in add or name not in wanted)]
    refuse_own(user, changed=bool(add or gone))
    if any(ends_on and ends_on < today() for ends_on in add.values()):
        raise Invalid(_("A right cannot end before today."))
    for grant in gone:
        session.delete(grant)
    session.flush()  # first away, then anew: one right of one user is one row
    session.add_all(
        Grant(company_id=user.company_id, user_id=user.id, permission=name, ends_on=ends_on,
              granted_by=viewer.user_id if viewer else None)
        for name, ends_on in sorted(add.items())
    )  # fmt: skip


def refuse_forged(rights: Mapping[str, Right], wanted: Mapping[str, date | None]) -> None:
    """What the page did not offer."""
    new = [name for name in wanted if name not in rights or not (rights[name].grant or rights[name].by_role)]
    if any(name not in rights or not rights[name].held for name in new):
        raise Invalid(_("You cannot give a right that you do not have yourself."))
    if any(not rights[name].possible for name in new):
        raise Invalid(_("This right can do nothing with this role."))


def differs(right: Right, ends_on: date | None) -> bool:
    return right.grant is None or right.grant.ends_on != ends_on


@dataclass(frozen=True)
class Column:
    """Who may have rights by itself: a role, or an admin behind broken glass."""

    name: str
    label: str
    scope: str


def columns() -> list[Column]:
    roles = [Column(str(role), role.label, str(SCOPES[role])) for role in Role]
    glass = [Column(GLASS, _("Emergency access"), "company"),
             Column(GLASS_REVEALING, _("Emergency access, hidden values too"), "company")]  # fmt: skip
    return [*roles, *glass]


def matrix() -> list[tuple[str, list[tuple[Any, set[str]]]]]:
    """Of each plugin its rights, with the columns that have them by themselves: taken from the declarations."""
    names = [column.name for column in columns()]
    given = {name: permissions_of(name) for name in names}
    given[GLASS_REVEALING] |= given[GLASS]
    return [
        (title_of(plugin), [(each, {name for name in names if each in given[name]}) for each in plugin.permissions])
        for plugin in plugins() if plugin.permissions
    ]  # fmt: skip


def extra_rights() -> list[Any]:
    """Who has what extra, by whom and until when; ended ones stay to be seen."""
    found = select(Grant, User).join(User, User.id == Grant.user_id).order_by(User.name, Grant.permission)
    return list(session.execute(found).all())
