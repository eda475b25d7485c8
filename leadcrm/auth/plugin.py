"""Start here: what auth adds to the application."""

from flask import Flask

import leadcrm.auth.models.closed  # noqa: F401  # tables that only functions of the database touch
import leadcrm.auth.models.devices  # noqa: F401  # and these
import leadcrm.auth.models.factors  # noqa: F401
import leadcrm.auth.models.glass  # noqa: F401  # which admins add to, and nobody changes
from leadcrm.auth.checks import CHECKS
from leadcrm.auth.commands import user
from leadcrm.auth.events import password_changed
from leadcrm.auth.services import doors, forgotten, passwords, preferences, wrapping
from leadcrm.auth.services.factors import opting_out  # noqa: F401  (listens)
from leadcrm.auth.services.glass import close_glass
from leadcrm.auth.services.viewers import viewer_of
from leadcrm.auth.views import (  # noqa: F401  (their routes)
    account,
    devices,
    glass,
    loading,
    password_link,
    second_factor,
    signing_in,
)
from leadcrm.auth.views.factors import passkeys, recovery, security, stepping_up  # noqa: F401  (and these)
from leadcrm.auth.views.forgotten import ask_forgotten  # noqa: F401  (and this one)
from leadcrm.auth.views.routes import bp
from leadcrm.core import limits
from leadcrm.core.plugin import Plugin
from leadcrm.core.shell import preferences_changed


def start(app: Flask) -> None:
    passwords.refuse_broken()
    loading.start(app)
    limits.start(app)
    app.extensions["viewer_loader"] = viewer_of
    app.extensions["step_up"] = stepping_up.ask
    preferences_changed.connect(preferences.follow_choice)
    doors.also_ask(preferences.AT_OPENING, preferences.taste_at_opening)
    password_changed.connect(forgotten.tell_owner)


plugin = Plugin(
    name="auth",
    about="Companies, users, roles, signing in with a second factor, sessions",
    blueprint=bp,
    jobs=(close_glass, wrapping.wrap_old_hashes, forgotten.answer),
    commands=(user,),
    checks=CHECKS,
    gates=(glass.behind_glass,),
    banners=("auth/_glass.html",),
    start=start,
)
