"""Start here: what auth adds to the application."""

from leadcrm.auth import models  # noqa
from leadcrm.core.plugin import Plugin

plugin = Plugin(name="auth", about="Companies, users, roles and signing in")
