"""Start here: what tags adds to the application."""

from flask import Flask
from flask_babel import lazy_gettext as _

from leadcrm.core.plugin import Panel, Plugin
from leadcrm.imports.services import own
from leadcrm.leads.queries import extras
from leadcrm.leads.views import new_parts
from leadcrm.tags import jobs, models  # noqa: F401  (their tables)
from leadcrm.tags.permissions import Tags
from leadcrm.tags.services import in_bulk, taking_in
from leadcrm.tags.views import in_list, lead, manage, new_lead  # noqa: F401  (their routes)
from leadcrm.tags.views.routes import bp


def start(_app: Flask) -> None:
    extras.register("tags", in_list.InList())
    new_parts.register("tags", new_lead.make)
    own.register("tags", taking_in.TagColumn())
    in_bulk.start()


plugin = Plugin(
    name="tags",
    about="Words of a company's own that are put on leads",
    requires=("auth", "leads", "bulk", "imports"),
    blueprint=bp,
    permissions=Tags,
    granted={"agent": {Tags.PUT}, "companymanager": set(Tags)},
    panels=(Panel("leads.show_lead", _("Tags"), "tags.show_tags", 5),),
    jobs=(jobs.finish_merging,),
    start=start,
)
