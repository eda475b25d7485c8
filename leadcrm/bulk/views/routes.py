"""The blueprint of the bulk plugin; the other modules of this folder put their pages on it."""

from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("bulk", "leadcrm.bulk", url_prefix="/leads/many", several=("id", "tag"))
