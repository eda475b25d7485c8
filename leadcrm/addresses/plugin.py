"""Start here: what addresses adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.addresses.checks import CHECKS
from leadcrm.addresses.commands import unlock_ip
from leadcrm.addresses.permissions import Addresses
from leadcrm.addresses.services import rules
from leadcrm.addresses.views import gate, lists  # noqa: F401  (their routes)
from leadcrm.addresses.views.routes import bp
from leadcrm.auth.events import coming_in
from leadcrm.auth.services import doors
from leadcrm.core.plugin import NavItem, Plugin


def start(_app: Flask) -> None:
    coming_in.connect(gate.at_the_door)
    doors.also_ask(rules.AT_OPENING, rules.admits_at_opening)


plugin = Plugin(
    name="addresses",
    about="From which IP addresses people may come in, per company and per person",
    requires=("auth",),
    blueprint=bp,
    permissions=Addresses,
    granted={"admin": set(Addresses), "companymanager": set(Addresses)},
    nav=(NavItem(_("IP addresses"), "addresses.overview", "shield-check", 88),),
    gates=(gate.from_a_permitted_address,),
    commands=(unlock_ip,),
    checks=CHECKS,
    start=start,
)
