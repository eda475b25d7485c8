"""The blueprint of the followup plugin: today and the calendar have addresses of their own."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("followup", "leadcrm.followup", url_prefix="/")
