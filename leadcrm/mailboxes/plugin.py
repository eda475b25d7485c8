"""Start here: what mailboxes adds to the application."""

import leadcrm.mailboxes.models  # noqa: F401  # its table
from leadcrm.core.plugin import Plugin
from leadcrm.mailboxes.permissions import Mailboxes

plugin = Plugin(
    name="mailboxes",
    about="A company's own account for outgoing mail",
    requires=("auth",),
    permissions=Mailboxes,
    granted={"companymanager": set(Mailboxes)},
)
