"""Start here: what mailboxes adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.core import outbox
from leadcrm.core.plugin import NavItem, Plugin
from leadcrm.mailboxes.permissions import Mailboxes
from leadcrm.mailboxes.services import accounts
from leadcrm.mailboxes.views.account import bp


def start(_app: Flask) -> None:
    outbox.route_through(accounts.route_of)


plugin = Plugin(
    name="mailboxes",
    about="A company's own account for outgoing mail",
    requires=("auth",),
    blueprint=bp,
    permissions=Mailboxes,
    granted={"companymanager": set(Mailboxes)},
    nav=(NavItem(_("Mail account"), "mailboxes.show_account", "mail", 87),),
    start=start,
)
