"""Start here: what custom_fields adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import Panel, Plugin
from leadcrm.custom_fields import models  # noqa: F401  (their tables)
from leadcrm.custom_fields.permissions import CustomFields
from leadcrm.custom_fields.services import taking_in
from leadcrm.custom_fields.views import in_list, lead, manage, new_lead  # noqa: F401  (their routes)
from leadcrm.custom_fields.views.routes import bp
from leadcrm.imports.services import own
from leadcrm.leads.queries import extras
from leadcrm.leads.views import new_parts


def start(_app: Flask) -> None:
    extras.register("custom_fields", in_list.InList())
    new_parts.register("custom_fields", new_lead.make)
    own.register("custom_fields", taking_in.OwnFields())


plugin = Plugin(
    name="custom_fields",
    about="Fields of a company's own on its leads: types, checks, facts",
    requires=("auth", "leads", "imports"),
    blueprint=bp,
    permissions=CustomFields,
    granted={"companymanager": set(CustomFields)},
    panels=(Panel("leads.show_lead", _("Own fields"), "custom_fields.show_values", 10),),
    start=start,
)
