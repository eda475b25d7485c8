"""Start here: what admin adds to the application."""

from flask_babel import lazy_gettext as _

from leadcrm.admin.permissions import Admin
from leadcrm.admin.views import companies, glass, rights, sessions, users  # noqa: F401  (their routes)
from leadcrm.admin.views.routes import bp
from leadcrm.core.plugin import NavItem, Plugin

plugin = Plugin(
    name="admin",
    about="Screens for users and companies",
    requires=("auth",),
    blueprint=bp,
    permissions=Admin,
    granted={
        "admin": set(Admin), "companymanager": {Admin.VIEW, Admin.USERS, Admin.GLASS_LOG},
        "auditor": {Admin.VIEW, Admin.GLASS_LOG}, "break-glass": {Admin.GLASS_LOG},
    },
    nav=(
        NavItem(_("Users"), "admin.list_users", "users", 80),
        NavItem(_("Roles and rights"), "admin.show_rights", "key", 82),
        NavItem(_("Companies"), "admin.list_companies", "building", 85),
        NavItem(_("Emergency access"), "admin.list_glass", "lock", 92),
    ),
)
